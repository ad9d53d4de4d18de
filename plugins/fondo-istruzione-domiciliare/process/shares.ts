/** The fund's money among the projects: whole cents, the same for every order of the projects. */

export interface Quota { key: string; cents: number }

/** By code point: no locale may change who gets the last cent. */
const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** One share with what explains each of its cents. */
export interface Parte extends Quota {
  dovutaCents: number;
  /** Whole cents of the exact share: due × money / all due. */
  interiCents: number;
  /** What is left of the exact share, in millionths of a cent, cut off. */
  restoMilionesimi: number;
  /** Place by the largest remainder, counted from 1; null where the money covers all shares. */
  posto: number | null;
  /** 1 where the remainder was among the largest: a cent more than `interiCents`. */
  aggiuntoCents: 0 | 1;
}

const MILIONE = 1_000_000n;

/**
 * Shares as they are where the money covers them all; else in proportion, to the cent, the rest by largest remainder
 * (equal remainders: the larger share, then the key). The sum is the smaller of the money and the shares, exactly.
 * @param disponibileCents whole cents, not negative
 */
export function riparti(disponibileCents: number, dovute: readonly Quota[]): Parte[] {
  const totale = dovute.reduce((sum, { cents }) => sum + cents, 0);
  const sorted = [...dovute].sort(byKey);
  if (totale <= disponibileCents) return sorted.map(({ key, cents }) => ({ key, cents, dovutaCents: cents, interiCents: cents, restoMilionesimi: 0, posto: null, aggiuntoCents: 0 }));
  const parts = sorted.map(({ key, cents: dovutaCents }) => {
    // BigInt: the product of two amounts passes 2^53 at some ten million euro.
    const product = BigInt(dovutaCents) * BigInt(disponibileCents);
    return { key, dovutaCents, interiCents: Number(product / BigInt(totale)), resto: product % BigInt(totale) };
  });
  const left = disponibileCents - parts.reduce((sum, { interiCents }) => sum + interiCents, 0);
  const order = [...parts].sort((a, b) => (a.resto === b.resto ? b.dovutaCents - a.dovutaCents || byKey(a, b) : a.resto > b.resto ? -1 : 1));
  const posti = new Map(order.map(({ key }, i) => [key, i + 1]));
  return parts.map(({ key, dovutaCents, interiCents, resto }) => {
    const posto = posti.get(key)!;
    const aggiuntoCents = posto <= left ? 1 : 0;
    return { key, cents: interiCents + aggiuntoCents, dovutaCents, interiCents, restoMilionesimi: Number(resto * MILIONE / BigInt(totale)), posto, aggiuntoCents };
  });
}
