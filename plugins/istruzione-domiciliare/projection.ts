/** Pure views of a project: what lists show (no health data, no name), what its page shows, and to whom. */
import type { Item, JsonObject, ProjectionDefinition, Step } from '../contract.ts';
import { contabilizza, limitiOf, minutiPerDocente, ore, oreMassime, periodiAmmessi, type Contabilita } from './process/accountability.ts';
import { giorniAssenza } from './process/avvio.ts';
import { termineRendicontazioneOf } from './process/deadlines.ts';
import { pianoFinanziario } from './process/money.ts';
import { calendarioOf } from './process/parameters.ts';
import { attiMancanti } from './process/planning.ts';
import type { Contesto, Lezione } from './process/types.ts';
import { validitaOf } from './process/validity.ts';

type ViewStep = Pick<Step<Contesto>, 'context' | 'parties' | 'parameter' | 'today'>;

const TUTTI = ['segreteria', 'dirigente', 'DSGA', 'referente', 'docente', 'operatorePolo', 'dirigentePolo', 'funzionarioUsr', 'genitore'];
/** Certificates and what follows from them: who decides on them, and the family. */
const SANITARI = ['segreteria', 'dirigente', 'operatorePolo', 'dirigentePolo', 'genitore'];
const CONTABILI = TUTTI.filter(role => role !== 'genitore');

const oreRow = ({ key, lezione, minuti, contabili, motivo }: Contabilita): JsonObject => ({
  lezione: key, ...(lezione as unknown as JsonObject), ore: ore(minuti), oreContabili: ore(contabili), contabile: contabili > 0, motivo,
});

/** The school's attestation: hours and days of lessons at home count for the validity of the school year, and may prevail. */
function attestazione(step: ViewStep, rows: readonly Contabilita[]): JsonObject {
  // Of two lessons at the same time the pupil had one.
  const held = rows.filter(({ lezione, motivo }) => !lezione.annullata && !lezione.rettificataDa && motivo !== 'sovrapposta');
  const validita = validitaOf(step);
  return {
    oreLezione: ore(held.reduce((sum, { minuti }) => sum + minuti, 0)),
    giorniLezione: new Set(held.map(({ lezione }) => lezione.data)).size,
    giorniDomicilio: validita?.giorniDomicilio ?? null, giorniOspedale: validita?.giorniOspedale ?? null, oreOspedale: validita?.oreOspedale ?? null, giorniAnno: validita?.giorniAnno ?? null,
    // Their teachers assess the pupil at the scrutiny.
    durataPrevalente: validita && validita.prevalente !== null, prevalente: validita?.prevalente ?? null,
  };
}

function hours(step: ViewStep, rows: readonly Contabilita[]): JsonObject {
  const { context } = step;
  const contabili = Object.values(minutiPerDocente(rows)).reduce((sum, minuti) => sum + minuti, 0);
  const massime = context.certificato ? oreMassime(step, periodiAmmessi(context)) : null;
  return {
    massime: massime && ore(massime.minuti), tettoSettimanale: massime && massime.tettoSettimanale, settimane: massime && massime.settimane, settimaneEsame: massime && massime.settimaneEsame,
    autorizzate: ore(context.minutiAutorizzati), contabili: ore(contabili), residue: ore(Math.max(0, context.minutiAutorizzati - contabili)),
  };
}

export const projection: ProjectionDefinition<Contesto> = {
  row: ({ context, parties }) => ({
    annoScolastico: context.annoScolastico, ordine: context.ordine, regione: context.regione, scuola: parties.scuola ?? null,
    presentataIl: context.presentataIl, oreAutorizzate: ore(context.minutiAutorizzati), lezioni: context.lezioni,
    // Activated: authorised, with at least one lesson (the fund waits for it).
    attivato: context.autorizzataIl !== null && context.lezioni > 0,
    prorogaInAttesa: context.proroghe.at(-1)?.stato === 'inAttesa',
    sollecitatoEntro: context.sollecito?.entro ?? null,
  }),
  search: ({ context, number }) => [...(number ? [number] : []), context.annoScolastico, context.ordine, context.regione],
  items: ['lezione'],
  view: step => {
    const { context } = step;
    const rows = contabilizza(step.items.filter(({ kind }) => kind === 'lezione') as Item<Lezione>[], limitiOf(step));
    const minuti = minutiPerDocente(rows);
    const { sollecito, rendiconto, liquidazione } = context;
    return {
      annoScolastico: context.annoScolastico, ordine: context.ordine, regione: context.regione, esameDiStato: context.esameDiStato,
      alunno: context.alunno, presentataIl: context.presentataIl, oggettoPec: context.oggettoPec,
      certificato: context.certificato, modelloG: context.modelloG, disabilita: context.disabilita, avvertenze: context.avvertenze,
      giorniAssenza: context.certificato && calendarioOf(step) ? giorniAssenza(step, periodiAmmessi(context), context.annoScolastico) : null,
      integrazione: context.integrazione,
      pianificazione: { deliberaCollegio: context.deliberaCollegio, consiglioClasse: context.consiglioClasse, referente: context.referente, disponibilita: Object.values(context.disponibilita), mancano: attiMancanti(context) },
      modelloP: context.modelloP, pianoFinanziario: context.pianoFinanziario, proposta: context.proposta ?? null, autorizzataIl: context.autorizzataIl,
      ore: hours(step, rows), proroghe: context.proroghe,
      registro: rows.map(oreRow),
      registri: Object.entries(context.registri).map(([docente, { lezioni, firmatoIl, vistatoIl }]) => ({
        docente, lezioni, firmatoIl, vistatoIl, oreContabili: ore(minuti[docente] ?? 0), relazioneIl: context.relazioni[docente] ?? null,
      })),
      consuntivo: rows.length > 0 ? pianoFinanziario(step, minuti) : null,
      attestazione: attestazione(step, rows), frequenzeOspedale: context.frequenzeOspedale, modelloV: context.modelloV,
      conclusaIl: context.conclusaIl, termineRendicontazione: termineRendicontazioneOf(step),
      sollecito, rendiconto, liquidazione, chiusura: context.chiusura,
    } as unknown as JsonObject;
  },
  visibility: {
    // Free text, in which a name or an illness may be written.
    oggettoPec: TUTTI.filter(role => role !== 'funzionarioUsr'), chiusura: TUTTI.filter(role => role !== 'funzionarioUsr'),
    proposta: SANITARI.filter(role => role !== 'genitore'),
    alunno: TUTTI.filter(role => role !== 'funzionarioUsr'),
    certificato: SANITARI, modelloG: SANITARI, disabilita: SANITARI, avvertenze: SANITARI, giorniAssenza: SANITARI, proroghe: SANITARI,
    integrazione: SANITARI.filter(role => role !== 'genitore'),
    modelloP: TUTTI.filter(role => role !== 'funzionarioUsr'), pianoFinanziario: CONTABILI, consuntivo: CONTABILI, rendiconto: CONTABILI, liquidazione: CONTABILI,
    registro: TUTTI.filter(role => role !== 'funzionarioUsr'), frequenzeOspedale: TUTTI.filter(role => role !== 'funzionarioUsr'), modelloV: TUTTI.filter(role => role !== 'funzionarioUsr'),
  },
  protected: ['alunno', 'certificato', 'modelloG', 'frequenzeOspedale', 'modelloV', 'disabilita', 'avvertenze', 'giorniAssenza', 'proroghe', 'modelloP', 'integrazione', 'oggettoPec', 'chiusura'],
};
