/** The fund's projects: messages of their cases folded into rows, and who is to be paid. */
import type { Item, ItemsUpdate, Step } from '../../contract.ts';
import { riparti, type Parte } from './shares.ts';
import type { Contesto, Progetto } from './types.ts';

type FundStep<D = any> = Step<Contesto, D>;
export type RigaProgetto = Item<Progetto>;

export const progettiOf = (items: readonly Item[]): RigaProgetto[] => items.filter(({ kind }) => kind === 'progetto');

/** The row of the project that this command speaks of, changed; a first message makes it, whichever it is. */
function changed({ data, facts }: FundStep, change: (before: Progetto) => Partial<Progetto>): RigaProgetto {
  const before: Progetto = progettiOf(facts.items).find(({ key }) => key === data.progetto)?.data
    ?? { numero: data.numero, scuola: data.scuola, minutiAutorizzati: 0, attivato: false, rendiconto: null, tolto: null, liquidatoCents: null, liquidazione: null };
  return { kind: 'progetto', key: data.progetto, data: { ...before, ...change(before) } };
}

// Authorised hours only grow and a project that began has begun: a late message of an earlier time takes nothing back.
const registrato = (step: FundStep) => changed(step, before => ({
  minutiAutorizzati: Math.max(before.minutiAutorizzati, step.data.minutiAutorizzati), attivato: before.attivato || step.data.attivato,
}));
const rendicontato = (step: FundStep) => changed(step, () => ({
  attivato: true,
  rendiconto: { il: step.today, minutiContabili: step.data.minutiContabili, costoCents: step.data.costoCents, quotaCents: step.data.quotaCents, iban: step.data.iban ?? null },
}));
const tolto = (step: FundStep) => changed(step, () => ({ tolto: { il: step.today, motivo: step.data.motivo } }));

/** Reported, not taken out, not paid yet. */
export const daLiquidare = (items: readonly Item[]): RigaProgetto[] =>
  progettiOf(items).filter(({ data }) => data.rendiconto !== null && data.tolto === null && data.liquidatoCents === null);

export const finanziatoCents = ({ finanziamenti }: Contesto): number => finanziamenti.reduce((sum, { importoCents }) => sum + importoCents, 0);
export const liquidatoCents = ({ liquidazioni }: Contesto): number => liquidazioni.reduce((sum, liquidazione) => sum + liquidazione.liquidatoCents, 0);
export const residuoCents = (context: Contesto): number => finanziatoCents(context) - liquidatoCents(context);

export interface QuotaDiRiga { riga: RigaProgetto; quota: Parte }

/** This money among these reported projects; the tie-break goes by project number, then by case. */
function quoteTra(righe: RigaProgetto[], disponibileCents: number): QuotaDiRiga[] {
  const key = ({ key: id, data }: RigaProgetto) => `${data.numero} ${id}`;
  const quote = new Map(riparti(disponibileCents, righe.map(riga => ({ key: key(riga), cents: riga.data.rendiconto!.quotaCents }))).map(quota => [quota.key, quota]));
  return righe.map(riga => ({ riga, quota: quote.get(key(riga))! }));
}

/** What each reported project would get of this money. */
export const quoteDi = (items: readonly Item[], disponibileCents: number): QuotaDiRiga[] => quoteTra(daLiquidare(items), disponibileCents);

/** What a past payment (counted from 1) gave, worked out again from the figures that it had. */
export const quoteDella = (items: readonly Item[], { liquidazioni }: Pick<Contesto, 'liquidazioni'>, n: number): QuotaDiRiga[] =>
  quoteTra(progettiOf(items).filter(({ data }) => data.liquidazione === n), liquidazioni[n - 1]!.disponibileCents);

/** The payments of the liquidation just decided: its record holds the money that was there. */
export const quoteLiquidate = ({ context, facts }: Pick<FundStep, 'context' | 'facts'>) => quoteDi(facts.items, context.liquidazioni.at(-1)!.disponibileCents);

/** How the counters of the context change when this row is written: of the other projects nothing is read. */
function counted({ context, data, facts }: FundStep, riga: RigaProgetto): Partial<Contesto> {
  const before = progettiOf(facts.items).find(({ key }) => key === data.progetto)?.data;
  const counts = (progetto: Progetto | undefined) => (progetto && progetto.tolto === null ? { progetti: 1, rendicontati: progetto.rendiconto === null ? 0 : 1 } : { progetti: 0, rendicontati: 0 });
  const was = counts(before), is = counts(riga.data);
  return { progetti: context.progetti + is.progetti - was.progetti, rendicontati: context.rendicontati + is.rendicontati - was.rendicontati };
}

export const counters = {
  contaProgetto: (step: FundStep) => counted(step, registrato(step)),
  contaRendiconto: (step: FundStep) => counted(step, rendicontato(step)),
  contaUscita: (step: FundStep) => counted(step, tolto(step)),
};

export const items: Record<string, ItemsUpdate<Contesto>> = {
  scriviProgetto: step => [registrato(step)],
  scriviRendiconto: step => [rendicontato(step)],
  scriviUscita: step => [tolto(step)],
  scriviIban: step => [changed(step, ({ rendiconto }) => ({ rendiconto: rendiconto && { ...rendiconto, iban: step.data.iban } }))],
  scriviQuote: step => quoteLiquidate(step).map(({ riga, quota }) => ({ ...riga, data: { ...riga.data, liquidatoCents: quota.cents, liquidazione: step.context.liquidazioni.length } })),
};
