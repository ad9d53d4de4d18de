/** What the attestation and the note for the scrutiny both tell: lessons held, and days at home, in hospital and in class. */
import type { DocumentBlock, Item } from '../../contract.ts';
import { contabilizza, durata, limitiOf } from '../process/accountability.ts';
import type { Lezione } from '../process/types.ts';
import { validitaOf, type Validita } from '../process/validity.ts';
import type { ProjectStep } from './letter.ts';
import { docenteScritto, giorno, intero, oreDi, oreScritte } from './words.ts';

/** Lessons that were held, accountable or not: they are facts of the pupil's path. Of two at the same time the pupil had one. */
export const lezioniTenute = (step: ProjectStep): Lezione[] =>
  contabilizza(step.facts.items.filter(({ kind }) => kind === 'lezione') as Item<Lezione>[], limitiOf(step))
    .filter(({ lezione, motivo }) => !lezione.annullata && !lezione.rettificataDa && motivo !== 'sovrapposta').map(({ lezione }) => lezione);

export const minutiTenuti = (lezioni: readonly Lezione[]): number => lezioni.reduce((sum, lezione) => sum + durata(lezione), 0);
export const giorniTenuti = (lezioni: readonly Pick<Lezione, 'data'>[]): number => new Set(lezioni.map(({ data }) => data)).size;

/** Hours at home by subject and teacher. */
export function tabellaDiscipline({ context }: ProjectStep, lezioni: readonly Lezione[]): DocumentBlock {
  const gruppi = Map.groupBy(lezioni, ({ disciplina, docente }) => JSON.stringify([disciplina, docente]));
  return {
    table: {
      caption: 'Lezioni a domicilio',
      columns: [{ title: 'Disciplina', weight: 2 }, { title: 'Docente', weight: 2 }, { title: 'Lezioni', align: 'right' }, { title: 'Giorni', align: 'right' }, { title: 'Ore', align: 'right' }],
      rows: [...gruppi.values()].map(gruppo => [gruppo[0]!.disciplina, docenteScritto(context, gruppo[0]!.docente), intero(gruppo.length), intero(giorniTenuti(gruppo)), oreDi(minutiTenuti(gruppo))]),
      foot: [['Totale', '', intero(lezioni.length), intero(giorniTenuti(lezioni)), oreDi(minutiTenuti(lezioni))]],
    },
  };
}

/** Attested by the hospital's school. */
export function tabellaOspedale({ context }: ProjectStep): DocumentBlock[] {
  const { frequenzeOspedale } = context;
  return frequenzeOspedale.length === 0 ? [] : [{
    table: {
      caption: 'Frequenza della scuola in ospedale',
      columns: [{ title: 'Scuola in ospedale', weight: 3 }, { title: 'Dal', weight: 1.5 }, { title: 'Al', weight: 1.5 }, { title: 'Giorni', align: 'right' }, { title: 'Ore', align: 'right' }, { title: 'Attestazione', weight: 2 }],
      rows: frequenzeOspedale.map(({ scuola, dal, al, giorni, ore, attestazione }) => [scuola, giorno(dal), giorno(al), intero(giorni), oreScritte(ore), attestazione ?? '']),
      foot: [['Totale', '', '', intero(frequenzeOspedale.reduce((sum, { giorni }) => sum + giorni, 0)), oreScritte(frequenzeOspedale.reduce((sum, { ore }) => sum + ore, 0)), '']],
    },
  }];
}

/** Days of lessons of the school year, by where the pupil learns. */
export function tabellaGiorni(step: ProjectStep): { validita: Validita | null; blocchi: DocumentBlock[] } {
  const validita = validitaOf(step);
  if (!validita) return { validita, blocchi: [{ note: `Il calendario scolastico ${step.context.annoScolastico} della regione ${step.context.regione} non è disponibile: i giorni di lezione e la durata prevalente non sono calcolati.` }] };
  const { giorniAnno, giorniDomicilio, giorniOspedale, giorniClasse } = validita;
  return {
    validita,
    blocchi: [{
      table: {
        caption: `Giorni di lezione dell'anno scolastico ${step.context.annoScolastico}`,
        columns: [{ title: 'Dove', weight: 3 }, { title: 'Giorni', align: 'right' }],
        rows: [['Istruzione domiciliare (periodo certificato)', intero(giorniDomicilio)], ['Scuola in ospedale', intero(giorniOspedale)], ['Classe di appartenenza (i restanti)', intero(giorniClasse)]],
        foot: [['Totale del calendario scolastico', intero(giorniAnno)]],
      },
    }],
  };
}
