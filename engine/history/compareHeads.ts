/** An exported history against the heads that were signed of its case: what was cut off or written anew. */
import type { HistoryExport } from './export.ts';
import { broken, type Check } from './verifyExport.ts';
import type { VerifiedHeads } from './verifyHeads.ts';

const NAME = 'heads';
/** A case is given its instant before its COMMIT: one that was under way when a file was made is in the next. */
const UNDER_WAY_MS = 60_000;

export function compareHeads({ case: { id, createdAt }, exportedAt, entries }: HistoryExport, { files, heads }: VerifiedHeads): Check {
  const signed = heads.get(id) ?? [];
  for (const { day, seq, head } of signed) {
    const entry = entries[seq - 1];
    if (!entry) {
      // The instant of the export proves nothing: whoever cuts it can write another.
      return broken(NAME, `${seq - entries.length} entries are missing at the end: the head signed on ${day} is of entry ${seq}, the export (said to be of ${exportedAt}) ends with ${entries.length}`, entries.length + 1);
    }
    if (entry.hash !== head) return broken(NAME, `entry ${seq} is not the one whose head was signed on ${day}: the history was written anew`, seq);
  }
  const due = files.find(({ problem, until }) => problem === null && until !== null && Date.parse(createdAt) + UNDER_WAY_MS < Date.parse(until));
  if (signed.length === 0) {
    return due ? broken(NAME, `none of its heads was ever signed, though it is of ${createdAt} and should be in the file of ${due.day}`)
      : { name: NAME, result: 'unchecked', said: 'the case is younger than the last signed heads' };
  }
  const { day, seq } = signed.at(-1)!;
  const newer = entries.length - seq;
  return { name: NAME, result: 'ok', said: `${signed.length} signed heads are of these entries; the last, of ${day}, covers entry ${seq}${newer > 0 ? ` (${newer} newer, not signed yet)` : ', the last one'}` };
}
