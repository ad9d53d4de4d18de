/** Modello P: the individual project, with SiO and without. Acts, teachers, work plans, money (Procedura ID, "Pianificazione"). */
import type { DocumentBlock, DocumentDefinition } from '../../contract.ts';
import { ore, oreMassime, periodiAmmessi } from '../process/accountability.ts';
import { minutiPianificati } from '../process/planning.ts';
import { pianoFinanziario } from '../process/money.ts';
import { percentualePolo } from '../process/parameters.ts';
import type { Contesto } from '../process/types.ts';
import { campiAggiuntivi, datiProgetto, documento, firmaDirigente, firmaReferente, POLO, SCUOLA, type ProjectStep } from './letter.ts';
import { perCentoScritto, tabellaCosti } from './money.ts';
import { conta, docenteScritto, euro, elenco, fonteScritta, giornoOppure, maiuscola, oreDi, oreScritte, periodiScritti, provenienzaScritta } from './words.ts';

const VARIANTI = {
  conSiO: { titolo: 'Modello P (con SiO) - Progetto di istruzione domiciliare', caso: 'Progetto con ospedalizzazione in struttura con Scuola in Ospedale' },
  senzaSiO: { titolo: 'Modello P (senza SiO) - Progetto di istruzione domiciliare', caso: 'Progetto con ospedalizzazione in struttura senza Scuola in Ospedale o senza ospedalizzazione' },
};

function atti({ context }: ProjectStep): DocumentBlock {
  const { deliberaCollegio, consiglioClasse, referente, modelloP } = context;
  const delibera = modelloP?.deliberaConsiglioIstituto;
  return {
    table: {
      columns: [{ title: 'Atto', weight: 2 }, { title: 'Estremi', weight: 2 }, { title: 'Data', weight: 1 }],
      rows: [
        ['Delibera del Collegio dei docenti (inserimento nel PTOF, copertura assicurativa dei docenti)', deliberaCollegio ? [`n. ${deliberaCollegio.numero}`, deliberaCollegio.ptof].filter(Boolean).join(' - ') : '', giornoOppure(deliberaCollegio?.data)],
        ['Informazione al Consiglio di classe', consiglioClasse?.verbale ?? '', giornoOppure(consiglioClasse?.data)],
        ['Nomina del referente del progetto', referente?.nome ?? '', giornoOppure(referente?.data)],
        ['Delibera del Consiglio di Istituto (cofinanziamento)', delibera ? `n. ${delibera.numero}, importo ${euro(delibera.importoCents)}` : '', giornoOppure(delibera?.data)],
      ],
    },
  };
}

function periodo(step: ProjectStep): DocumentBlock {
  const periodi = periodiAmmessi(step.context);
  if (periodi.length === 0) return { fields: [{ label: 'Periodo', value: '' }] };
  const { giorni, settimane, settimaneEsame, tettoSettimanale, minuti } = oreMassime(step, periodi);
  return {
    fields: [
      { label: 'Periodo certificato', value: periodiScritti(periodi) },
      { label: 'Giorni entro le lezioni', value: `${giorni}, pari a ${conta(settimane, 'settimana', 'settimane')}${settimaneEsame > 0 ? `, oltre a ${conta(settimaneEsame, 'settimana', 'settimane')} per l'esame di Stato` : ''}` },
      { label: 'Ore settimanali in presenza', value: `fino a ${oreScritte(tettoSettimanale)}` },
      { label: 'Monte ore massimo', value: oreScritte(ore(minuti)) },
    ],
  };
}

function docenti({ context }: ProjectStep): DocumentBlock {
  return {
    table: {
      columns: [{ title: 'Docente', weight: 2 }, { title: 'Provenienza', weight: 2 }, { title: 'Discipline', weight: 2 }, { title: 'Dichiarazione', weight: 2 }, { title: 'Fonte di finanziamento', weight: 2 }],
      rows: Object.values(context.disponibilita).map(({ docente, nome, provenienza, discipline, dichiarazione, assenzaAdesioni, fonte }) => [
        nome, [provenienzaScritta(provenienza), assenzaAdesioni].filter(Boolean).join(': '), discipline.join(', '),
        [giornoOppure(dichiarazione.data), dichiarazione.protocollo && `prot. ${dichiarazione.protocollo}`].filter(Boolean).join(', '), fonteScritta(context, docente, fonte),
      ]),
    },
  };
}

/** One per subject: the plan is read as text, hours at its head. */
function pianiDiLavoro({ context }: ProjectStep): DocumentBlock[] {
  return (context.modelloP?.pianiDiLavoro ?? []).flatMap(({ disciplina, docente, ore: previste, obiettivi }): DocumentBlock[] => [
    { heading: maiuscola(disciplina), level: 2 },
    { fields: [{ label: 'Docente', value: docenteScritto(context, docente) }, { label: 'Ore previste', value: oreScritte(previste) }, { label: 'Obiettivi e attività', value: obiettivi }] },
  ]);
}

function finanza(step: ProjectStep): DocumentBlock[] {
  const { context } = step;
  if (!context.modelloP) return [];
  const piano = context.pianoFinanziario ?? pianoFinanziario(step, minutiPianificati(context.modelloP));
  const altri = piano.costoCents - piano.aCaricoProgettoCents;
  return [
    tabellaCosti(step, piano.docenti),
    {
      fields: [
        { label: 'Costo complessivo', value: `${euro(piano.costoCents)}, di cui oneri riflessi ${euro(piano.oneriRiflessiCents)}` },
        ...(altri > 0 ? [{ label: 'A carico del FIS o di altre forme', value: euro(altri) }] : []),
        { label: 'A carico del progetto', value: euro(piano.aCaricoProgettoCents) },
        { label: `Cofinanziamento della scuola (${perCentoScritto(100 - percentualePolo(step))})`, value: euro(piano.cofinanziamentoCents) },
        { label: `Contributo richiesto alla scuola polo (${perCentoScritto(percentualePolo(step))})`, value: euro(piano.quotaPoloCents) },
        { label: 'Deliberato dal Consiglio di Istituto', value: euro(context.modelloP.deliberaConsiglioIstituto.importoCents) },
      ],
    },
  ];
}

export const modelloP: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { modelloP: dati } = context;
    const variante = dati?.variante ?? 'senzaSiO';
    const { titolo, caso } = VARIANTI[variante];
    const sio = dati?.scuolaInOspedale;
    const minuti = Object.values(dati ? minutiPianificati(dati) : {}).reduce((sum, value) => sum + value, 0);
    return documento(step, {
      nome: 'modelloP', titolo, da: 'scuola',
      blocchi: [
        { note: caso },
        datiProgetto(step, ...(variante === 'conSiO' ? [{ label: 'Scuola in ospedale', value: sio?.nome ?? '' }, { label: 'Sentita il', value: giornoOppure(sio?.sentitaIl) }] : [])),
        { heading: 'Periodo e monte ore' }, periodo(step),
        { heading: 'Atti' }, atti(step),
        { heading: 'Docenti e dichiarazioni scritte di disponibilità' }, docenti(step),
        { heading: 'Piani di lavoro' },
        ...(dati ? [{ paragraph: `Sono previste ${oreDi(minuti)} ore in ${conta(dati.pianiDiLavoro.length, 'disciplina', 'discipline')}: ${elenco(dati.pianiDiLavoro.map(({ disciplina }) => disciplina))}.` }] : []),
        ...pianiDiLavoro(step),
        { heading: 'Piano finanziario' }, ...finanza(step),
        { note: "Nell'ambito del monte ore che sarà autorizzato possono variare le ore attribuite ai docenti o i nominativi degli stessi; le ore autorizzate non possono essere superate." },
        ...campiAggiuntivi(step, variante === 'conSiO' ? 'modelloPConSiO' : 'modelloPSenzaSiO', dati),
      ],
      firme: [firmaReferente(step), firmaDirigente(step, 'scuola')],
    });
  },
  // Not the family: it tells what teachers are paid.
  readBy: [...SCUOLA, ...POLO], protected: true,
};
