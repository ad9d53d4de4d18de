/** The fund's money among the projects: whole cents, the same for every order of the projects. */

export interface Quota { key: string; cents: number }

/** By code point: no locale may change who gets the last cent. */
const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/**
 * Shares as they are where the money covers them all; else in proportion, to the cent, the rest by largest remainder
 * (equal remainders: the larger share, then the key). The sum is the smaller of the money and the shares, exactly.
 * @param disponibileCents whole cents, not negative
 */
export function riparti(disponibileCents: number, dovute: readonly Quota[]): Quota[] {
  const totale = dovute.reduce((sum, { cents }) => sum + cents, 0);
  const sorted = [...dovute].sort(byKey);
  if (totale <= disponibileCents) return sorted.map(({ key, cents }) => ({ key, cents }));
  const parts = sorted.map(({ key, cents }) => {
    // BigInt: the product of two amounts passes 2^53 at some ten million euro.
    const product = BigInt(cents) * BigInt(disponibileCents);
    return { key, dovuta: cents, cents: Number(product / BigInt(totale)), resto: product % BigInt(totale) };
  });
  let left = disponibileCents - parts.reduce((sum, { cents }) => sum + cents, 0);
  const order = [...parts].sort((a, b) => (a.resto === b.resto ? b.dovuta - a.dovuta || byKey(a, b) : a.resto > b.resto ? -1 : 1));
  for (const part of order) {
    if (left === 0) break;
    part.cents += 1;
    left -= 1;
  }
  return parts.map(({ key, cents }) => ({ key, cents }));
}
