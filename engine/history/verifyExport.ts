/** What an exported history proves by itself. Each check walks all entries and tells the first that is wrong. */
import { canonicalBytes, digest, entryHash, GENESIS } from './chain.ts';
import { exportDigest, type ExportedEntry, type HistoryExport } from './export.ts';
import { topState } from '../decide/compile.ts';

/** `unchecked`: nothing to check it with; `said` tells why. */
export interface Check { name: string; result: 'ok' | 'broken' | 'unchecked'; said: string; seq?: number }

const SALT = 16;

const ok = (name: string, said: string): Check => ({ name, result: 'ok', said });
export const broken = (name: string, said: string, seq?: number): Check => ({ name, result: 'broken', said, ...(seq === undefined ? {} : { seq }) });

/** The salted bytes as they were written, or null after erasure. Base64 that would not be written so gives an empty buffer. */
export function saltedBytes({ salted }: Pick<ExportedEntry, 'salted'>): Buffer | null {
  if (salted === null) return null;
  const bytes = Buffer.from(salted, 'base64');
  return bytes.toString('base64') === salted ? bytes : Buffer.alloc(0);
}

/** The payload of an entry; null after erasure, undefined when it is not JSON. */
export function payloadOf(entry: Pick<ExportedEntry, 'salted'>): any {
  const salted = saltedBytes(entry);
  if (salted === null) return null;
  try {
    return JSON.parse(salted.subarray(SALT).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** All checks of a file alone, in the order in which they are told. */
export function verifyExport(document: HistoryExport): Check[] {
  return [numbering(document), chain(document), payloads(document), versions(document), states(document), times(document), header(document)];
}

/** The first entry that something is wrong with, over all checks; null when none is. */
export function firstBroken(checks: Check[]): { seq: number; why: string } | null {
  const found = checks.filter(check => check.result === 'broken' && check.seq !== undefined).sort((a, b) => a.seq! - b.seq!)[0];
  return found ? { seq: found.seq!, why: found.said } : null;
}

function numbering({ case: { id, seq: last }, entries }: HistoryExport): Check {
  for (const [index, entry] of entries.entries()) {
    if (entry.seq !== index + 1) return broken('numbering', `entry ${index + 1} is missing: ${entry.seq} stands in its place`, index + 1);
    if (entry.caseId !== id) return broken('numbering', `entry ${entry.seq} belongs to case ${entry.caseId}`, entry.seq);
  }
  if (entries.length !== last) return broken('numbering', `the case is said to have ${last} entries, here are ${entries.length}`, Math.min(last, entries.length) + 1);
  return ok('numbering', `${entries.length} entries, none missing`);
}

function chain({ case: { seq: last, head }, entries }: HistoryExport): Check {
  let previous: Buffer = GENESIS;
  for (const [index, entry] of entries.entries()) {
    const hash = entryHash(previous, entry);
    if (hash.toString('hex') !== entry.hash) return broken('chain', `entry ${entry.seq} does not follow from the one before: it, or its hash, was changed`, index + 1);
    previous = hash;
  }
  if (previous.toString('hex') !== head) return broken('chain', `the case is said to end with the head ${head}, its last entry with ${previous.toString('hex')}`, entries.length < last ? entries.length + 1 : entries.length);
  return ok('chain', `every entry follows from the one before; head ${head}`);
}

function payloads({ withheld, entries }: HistoryExport): Check {
  if (withheld.length === 0 && entries.every(({ salted }) => salted === null)) return { name: 'payloads', result: 'unchecked', said: 'erased with the key of the case; the chain stands without them' };
  for (const [index, entry] of entries.entries()) {
    const salted = saltedBytes(entry);
    if (salted === null && withheld.includes(entry.seq)) continue;
    // Erasure destroys one key for all: a single payload does not vanish.
    if (salted === null) return broken('payloads', `the payload of entry ${entry.seq} was taken out`, index + 1);
    if (digest(salted).toString('hex') !== entry.payloadDigest) return broken('payloads', `the payload of entry ${entry.seq} is not the one recorded`, index + 1);
  }
  return ok('payloads', withheld.length === 0 ? `${entries.length}, all as recorded` : `${entries.length - withheld.length} as recorded, ${withheld.length} withheld from the reader for whom the export was made`);
}

/** Accepted entries raise the version by one, all others leave it. */
function versions({ case: { version }, entries }: HistoryExport): Check {
  let last = 0;
  for (const [index, entry] of entries.entries()) {
    const { seq, kind } = entry;
    const step = entry.version - last;
    if (step !== 0 && step !== 1) return broken('versions', `entry ${seq} leaves the case at version ${entry.version}, after ${last}`, index + 1);
    if ((kind === 'created' || kind === 'command') && step === 0) return broken('versions', `entry ${seq} (${kind}) did not raise the version`, index + 1);
    if ((kind === 'refused' || kind === 'attachment') && step === 1) return broken('versions', `entry ${seq} (${kind}) raised the version`, index + 1);
    last = entry.version;
  }
  return version === last ? ok('versions', `1 to ${last}, none missing`) : broken('versions', `the case is said to be at version ${version}, its last entry at ${last}`);
}

function states({ case: exported, entries }: HistoryExport): Check {
  let state: string | null = null, version = 0;
  for (const [index, entry] of entries.entries()) {
    const { seq, from, to } = entry;
    if ((entry.kind === 'created') !== (index === 0)) return broken('states', index === 0 ? 'the first entry did not create the case' : `entry ${seq} creates the case again`, index + 1);
    if (from !== state) return broken('states', `entry ${seq} begins in ${from}, the one before ended in ${state}`, index + 1);
    if (to === null || to !== from && entry.version === version) return broken('states', `entry ${seq} moves to ${to} without a decision`, index + 1);
    state = to;
    version = entry.version;
  }
  const { value } = exported;
  if (exported.state !== state || value === null || typeof value !== 'string' && typeof value !== 'object' || topState(value) !== state) return broken('states', `the case is said to be in ${exported.state}, its last entry ended in ${state}`);
  return ok('states', 'every entry begins where the one before ended');
}

function times({ case: { createdAt }, entries }: HistoryExport): Check {
  let last = createdAt;
  for (const [index, { seq, at }] of entries.entries()) {
    if (index === 0 && at !== createdAt) return broken('time', `the case is said to be of ${createdAt}, its first entry is of ${at}`, 1);
    if (Number.isNaN(Date.parse(at)) || at < last) return broken('time', `entry ${seq} is of ${at}, before the one that it follows (${last})`, index + 1);
    last = at;
  }
  return ok('time', `from ${createdAt} to ${last}, never backwards`);
}

function header(document: HistoryExport): Check {
  const { case: { process, processVersion }, entries } = document;
  if (exportDigest(document) !== document.digest) return broken('header', 'what stands before the entries is not what was exported');
  const first = payloadOf(entries[0]!);
  // A migration moves a case to a later version, never to another process.
  if (first !== null && (first?.input?.process !== process || !(first.input.processVersion <= processVersion))) return broken('header', `the case was created as ${first?.input?.process} version ${first?.input?.processVersion}`);
  return ok('header', `${process} version ${processVersion}`);
}

/** Equal as JSON, whatever the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  return canonicalBytes(a ?? null).equals(canonicalBytes(b ?? null));
}
