/** Conclusion, report and the ways out (Procedura ID, "Conclusione e rendicontazione"). */
import type { Refusal, Step } from '../../contract.ts';
import { centesimiDiOra, contabilizza, limitiOf, minutiPerDocente } from './accountability.ts';
import { checkAllegato, checkInvio, checkNotFuture, firstRefusal } from './avvio.ts';
import { costo, isOnProject, quota, tariffaOf } from './money.ts';
import { percentualePolo } from './parameters.ts';
import { countDays } from './periods.ts';
import type { Contesto, Lezione, Rendiconto } from './types.ts';

type ProjectStep<D = any> = Step<Contesto, D>;

/** Accountable minutes by teacher, from all registers of the case. */
export const contabiliOf = (step: Pick<Step<Contesto>, 'context' | 'parameter' | 'facts'>): Record<string, number> =>
  minutiPerDocente(contabilizza(step.facts.items.filter(({ kind }) => kind === 'lezione') as { kind: string; key: string; data: Lezione }[], limitiOf(step)));

/** Teachers with at least one lesson that stands: each owes a report and a signed register. */
export const docentiCheHannoInsegnato = ({ registri }: Contesto): string[] => Object.keys(registri).filter(docente => registri[docente]!.lezioni > 0);

export const concludibile = (step: ProjectStep): Refusal | null => checkNotFuture(step, step.data.data, '/data');

export function relazioneDovuta(step: ProjectStep): Refusal | null {
  const { docente, data } = step.data;
  if (!docentiCheHannoInsegnato(step.context).includes(docente)) return { rule: 'docenteSenzaLezioni', pointer: '/docente', figures: { docente, docenti: docentiCheHannoInsegnato(step.context) } };
  return checkNotFuture(step, data, '/data');
}

function checkRegistri({ context }: ProjectStep): Refusal | null {
  const docenti = docentiCheHannoInsegnato(context);
  const nonFirmati = docenti.filter(docente => context.registri[docente]!.firmatoIl === null);
  const nonVistati = docenti.filter(docente => context.registri[docente]!.vistatoIl === null);
  return nonFirmati.length + nonVistati.length > 0 ? { rule: 'registriIncompleti', figures: { nonFirmati, nonVistati } } : null;
}

function checkRelazioni({ context }: ProjectStep): Refusal | null {
  const mancano = docentiCheHannoInsegnato(context).filter(docente => !Object.hasOwn(context.relazioni, docente));
  return mancano.length > 0 ? { rule: 'relazioniMancanti', figures: { mancano } } : null;
}

/** "Il numero totale delle ore svolte deve coincidere con quanto indicato dal docente nel registro individuale": each teacher, and the total. */
function checkOre(step: ProjectStep): Refusal | null {
  const { docenti: righe, totaleOre } = step.data.modelloZ as { docenti: { docente: string; ore: number }[]; totaleOre: number };
  const minuti = contabiliOf(step);
  const nomi = [...new Set([...Object.keys(minuti), ...righe.map(({ docente }) => docente)])].sort();
  const centesimi = (value: number) => Math.round(value * 100);
  const docenti = nomi.map(docente => ({
    docente,
    registro: centesimiDiOra(minuti[docente] ?? 0) / 100,
    dichiarate: righe.filter(riga => riga.docente === docente).reduce((sum, riga) => sum + centesimi(riga.ore), 0) / 100,
  }));
  const totaleRegistro = centesimiDiOra(Object.values(minuti).reduce((sum, value) => sum + value, 0)) / 100;
  const sommaRighe = docenti.reduce((sum, { dichiarate }) => sum + centesimi(dichiarate), 0);
  // Each row is rounded to two decimals: the total may be the exact one or the sum of the rows.
  const totaleGiusto = centesimi(totaleOre) === centesimi(totaleRegistro) || centesimi(totaleOre) === sommaRighe;
  const diversi = docenti.filter(({ registro, dichiarate }) => registro !== dichiarate).map(({ docente }) => docente);
  return diversi.length === 0 && totaleGiusto ? null
    : { rule: 'oreNonCoincidenti', pointer: '/modelloZ', figures: { docenti, diversi, totaleRegistro, totaleDichiarato: totaleOre } };
}

export function rendicontabile(step: ProjectStep): Refusal | null {
  const { modelloV, modelloZ, invio } = step.data;
  const inAttesa = step.context.proroghe.findIndex(({ stato }) => stato === 'inAttesa');
  return firstRefusal(
    () => checkInvio(step, invio),
    () => checkNotFuture(step, modelloV.data, '/modelloV/data'),
    () => checkAllegato(step, ['modelloZ', 'autocertificazione'], modelloZ.tipo, '/modelloZ/tipo'),
    // Its hours would change what counts after they were declared.
    () => (inAttesa >= 0 ? { rule: 'prorogaDaDecidere', figures: { richiestaIl: step.context.proroghe[inAttesa]!.richiestaIl } } : null),
    () => checkRelazioni(step),
    () => checkRegistri(step),
    () => checkOre(step),
  );
}

/** The accounted cost, and the polo's share of what is paid by the project. */
export function rendicontoOf(step: ProjectStep): Rendiconto {
  const { context, data } = step;
  const tariffa = tariffaOf(step);
  const docenti = Object.entries(contabiliOf(step)).map(([docente, minuti]) => ({ docente, minuti, costoCents: costo(minuti, tariffa), fonte: context.disponibilita[docente]?.fonte ?? 'progetto' }));
  const aCarico = docenti.filter(({ fonte }) => isOnProject(fonte)).reduce((sum, { costoCents }) => sum + costoCents, 0);
  return {
    il: step.today, modello: data.modelloZ.tipo, compilatoDa: data.modelloZ.compilatoDa, docenti,
    minutiContabili: docenti.reduce((sum, { minuti }) => sum + minuti, 0),
    costoCents: docenti.reduce((sum, { costoCents }) => sum + costoCents, 0),
    quotaPoloCents: quota(aCarico, percentualePolo(step)),
    iban: data.modelloZ.iban ?? null,
  };
}

/** Days of the hospital's school do not overlap: each day of the year counts once. */
export function frequenzaRegolare(step: ProjectStep): Refusal | null {
  const { dal, al, giorni } = step.data as { dal: string; al: string; giorni: number };
  if (al < dal) return { rule: 'periodoInvertito', pointer: '/al', figures: { dal, al } };
  const durata = countDays([{ dal, al }]);
  if (giorni > durata) return { rule: 'giorniOltrePeriodo', pointer: '/giorni', figures: { giorni, durata } };
  const altra = step.context.frequenzeOspedale.find(frequenza => dal <= frequenza.al && al >= frequenza.dal);
  if (altra) return { rule: 'frequenzaSovrapposta', pointer: '/dal', figures: { dal: altra.dal, al: altra.al, scuola: altra.scuola } };
  return checkNotFuture(step, al, '/al');
}

/** Decadenza: only after a reminder, and when its term is over. */
export function decadenzaDichiarabile({ context, today }: ProjectStep): Refusal | null {
  if (!context.sollecito) return { rule: 'sollecitoMancante', figures: {} };
  return today <= context.sollecito.entro ? { rule: 'sollecitoNonScaduto', figures: { sollecitatoIl: context.sollecito.il, entro: context.sollecito.entro, oggi: today } } : null;
}
