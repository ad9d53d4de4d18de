/** Modello OF: each teacher's register as it stands, what counts and what does not with its reason. Nothing recorded is left out. */
import { personName, type DocumentBlock, type DocumentDefinition, type DocumentTable, type Item } from '../../contract.ts';
import { it } from '../labels/it.ts';
import { contabilizza, limitiOf, type Contabilita } from '../process/accountability.ts';
import type { Contesto, Lezione } from '../process/types.ts';
import { documento, FAMIGLIA, firmaDirigente, numeroScritto, POLO, righeAggiunte, SCUOLA, type Firma, type ProjectStep } from './letter.ts';
import { nomeOf } from './template.ts';
import { conta, docenteScritto, fonteScritta, giorno, nomeIntero, oreDi, provenienzaScritta } from './words.ts';

const COLUMNS: DocumentTable['columns'] = [
  { title: 'Data', weight: 1.3 }, { title: 'Dalle - alle', weight: 1.45 }, { title: 'Ore', align: 'right', weight: 0.75 }, { title: 'Disciplina', weight: 1.4 }, { title: 'Attività svolte', weight: 3 },
  { title: 'Prove di verifica', weight: 2 }, { title: 'Modalità', weight: 1.35 }, { title: 'Firma del familiare', weight: 1.5 }, { title: 'Ore contabili', align: 'right', weight: 1 }, { title: 'Annotazioni', weight: 2 },
];

function modalita({ modalita, oltreServizio, certificataIl }: Lezione): string {
  if (modalita === 'presenza') return 'in presenza';
  if (!oltreServizio) return "online, entro l'orario di servizio";
  return certificataIl ? `online oltre servizio, certificata dal Dirigente il ${giorno(certificataIl)}` : 'online oltre servizio, non certificata';
}

/** Why it does not count, or not in full; what it corrects; what the polo's form asks beside. */
function annotazioni(step: ProjectStep, { key, lezione, motivo }: Contabilita): string {
  const fields = it.fields as Record<string, string>;
  return [
    `Lezione ${key}`,
    // What was withdrawn or replaced says so by itself, with the day.
    motivo && !lezione.annullata && !lezione.rettificataDa && (fields[`motivo.${motivo}`] ?? motivo),
    lezione.annullata && `Annullata il ${giorno(lezione.annullata.il)}: ${lezione.annullata.motivo}`,
    lezione.rettificataDa && `Sostituita da ${lezione.rettificataDa}`,
    lezione.rettifica && `Rettifica di ${lezione.rettifica.lezione}: ${lezione.rettifica.motivo}`,
    ...righeAggiunte(step, 'modelloOF', lezione.campiAggiuntivi).map(({ label, value }) => `${label}: ${value}`),
  ].filter(Boolean).join('. ');
}

const vale = ({ lezione }: Contabilita): boolean => !lezione.annullata && !lezione.rettificataDa;
const somma = (rows: readonly Contabilita[], of: (row: Contabilita) => number): number => rows.reduce((sum, row) => sum + of(row), 0);

function registro(step: ProjectStep, docente: string, rows: readonly Contabilita[]): DocumentBlock[] {
  const { context } = step;
  const disponibilita = context.disponibilita[docente];
  const tenute = rows.filter(vale);
  return [
    { heading: `Docente: ${docenteScritto(context, docente)}` },
    {
      fields: [
        ...(disponibilita ? [{ label: 'Discipline', value: disponibilita.discipline.join(', ') }, { label: 'Incarico', value: `${provenienzaScritta(disponibilita.provenienza)}, a carico di: ${fonteScritta(context, docente, disponibilita.fonte)}` }] : []),
        { label: 'Lezioni', value: `${conta(tenute.length, 'lezione', 'lezioni')} in ${conta(new Set(tenute.map(({ lezione }) => lezione.data)).size, 'giorno', 'giorni')}` },
      ],
    },
    {
      table: {
        columns: COLUMNS,
        rows: rows.map(row => {
          const { lezione, minuti, contabili } = row;
          return [giorno(lezione.data), `${lezione.inizio} - ${lezione.fine}`, oreDi(minuti), lezione.disciplina, lezione.attivita, lezione.verifiche ?? '', modalita(lezione), lezione.firmaFamiliare ?? '', oreDi(contabili), annotazioni(step, row)];
        }),
        // What was withdrawn or replaced stays written and is not summed.
        foot: [['Totale', '', oreDi(somma(tenute, ({ minuti }) => minuti)), '', '', '', '', '', oreDi(somma(tenute, ({ contabili }) => contabili)), '']],
      },
    },
  ];
}

function firme({ context }: ProjectStep, docente: string): Firma[] {
  const { firmatoIl, firmatoDa, vistatoIl } = context.registri[docente] ?? { firmatoIl: null, firmatoDa: undefined, vistatoIl: null };
  return [{
    role: 'Il docente', name: docenteScritto(context, docente),
    ...(firmatoIl ? { note: `registro firmato con l'account${firmatoDa ? ` di ${personName(firmatoDa)}` : ''} il ${giorno(firmatoIl)}${vistatoIl ? `, vistato dal Dirigente scolastico il ${giorno(vistatoIl)}` : ''}` } : {}),
  }];
}

export const registroOF: DocumentDefinition<Contesto> = {
  content: step => {
    const { context, data, facts } = step;
    const rows = contabilizza(facts.items.filter(({ kind }) => kind === 'lezione') as Item<Lezione>[], limitiOf(step));
    // A command that names a teacher asks for that register alone.
    const tutti = [...new Set([...Object.keys(context.registri), ...rows.map(({ lezione }) => lezione.docente)])];
    const docenti = typeof data.docente === 'string' ? tutti.filter(docente => docente === data.docente) : tutti;
    const scelte = rows.filter(({ lezione }) => docenti.includes(lezione.docente));
    return documento(step, {
      nome: 'registroOF', titolo: 'Modello OF - Registro individuale del docente', da: 'scuola', orizzontale: true,
      blocchi: [
        {
          fields: [
            { label: 'Progetto', value: `n. ${numeroScritto(context)}, anno scolastico ${context.annoScolastico}` },
            { label: 'Alunno/a', value: `${nomeIntero(context.alunno)}, classe ${context.alunno.classe}` },
            { label: 'Scuola di appartenenza', value: nomeOf(step, 'scuola') },
            { label: 'Monte ore autorizzato', value: oreDi(context.minutiAutorizzati) },
          ],
        },
        ...docenti.flatMap(docente => registro(step, docente, rows.filter(({ lezione }) => lezione.docente === docente))),
        ...(docenti.length > 1 ? [{ heading: 'Riepilogo' }, {
          table: {
            columns: [{ title: 'Docente', weight: 3 }, { title: 'Ore svolte', align: 'right' as const }, { title: 'Ore contabili', align: 'right' as const }],
            rows: docenti.map(docente => {
              const proprie = rows.filter(row => row.lezione.docente === docente && vale(row));
              return [docenteScritto(context, docente), oreDi(somma(proprie, ({ minuti }) => minuti)), oreDi(somma(proprie, ({ contabili }) => contabili))];
            }),
            foot: [['Totale', oreDi(somma(scelte.filter(vale), ({ minuti }) => minuti)), oreDi(somma(scelte, ({ contabili }) => contabili))]],
          },
        }] : []),
        { note: 'Sono contabili le ore svolte nel periodo certificato, entro il limite settimanale in presenza e il monte ore autorizzato, firmate da un familiare se in presenza o certificate dal Dirigente scolastico se online oltre il servizio.' },
      ],
      firme: [...docenti.flatMap(docente => firme(step, docente)), visto(step, docenti)],
    });
  },
  readBy: [...SCUOLA, ...POLO, ...FAMIGLIA], protected: true,
};

/** The visa of the head of the school: on the day of the last register, once all of them have it. */
function visto(step: ProjectStep, docenti: readonly string[]): Firma {
  const { role, name } = firmaDirigente(step, 'scuola');
  const visti = docenti.map(docente => step.context.registri[docente]?.vistatoIl ?? null);
  const ultimo = visti.length > 0 && visti.every(data => data !== null) ? visti.reduce((last, data) => (data! > last! ? data : last)) : null;
  return { role: `Visto: ${role}`, ...(name ? { name } : {}), ...(ultimo ? { note: `vistato con l'account il ${giorno(ultimo)}` } : {}) };
}
