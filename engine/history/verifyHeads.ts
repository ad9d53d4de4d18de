/** Verifies a folder of signed heads: every file, its signature, and that the files follow each other. No database, no private key. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fingerprintOf, headsFileOf, HEADS_FORMAT, HeadsError, isSigned, keyFileOf, readSignature, signedDays, type HeadLine, type HeadsFooter, type HeadsHeader } from './headsFile.ts';

/** A head of a case as a file holds it. */
export interface SignedHead { day: string; seq: number; head: string }
export interface VerifiedFile { day: string; cases: number; until: string | null; key: string | null; problem: string | null }
export interface VerifiedHeads {
  valid: boolean;
  files: VerifiedFile[];
  /** For the cases that were asked for: their heads, oldest first; only of files without a problem. */
  heads: Map<string, SignedHead[]>;
  /** Whether the key was given by the verifier; a key found beside the files proves less. */
  trusted: boolean;
}

/** `trustedKey`: the public key in PEM, kept elsewhere. Throws {@link HeadsError} when the folder has no files or the key cannot be read. */
export async function verifyHeads(folder: string, options: { cases?: string[]; trustedKey?: string } = {}): Promise<VerifiedHeads> {
  const days = await signedDays(folder);
  if (days.length === 0) throw new HeadsError(`${folder} holds no signed heads (YYYY-MM-DD.jsonl)`);
  const trusted = options.trustedKey === undefined ? null : readKey(options.trustedKey, 'the given public key');
  const wanted = new Set(options.cases), heads = new Map<string, SignedHead[]>(), files: VerifiedFile[] = [];
  let before: { day: string; digest: string } | null = null;
  for (const day of days) {
    const found: [string, SignedHead][] = [];
    const { digest, ...file } = await verifyFile(folder, day, before, trusted, line => {
      if (wanted.has(line.case)) found.push([line.case, { day, seq: line.seq, head: line.head }]);
    });
    files.push(file);
    before = { day, digest };
    if (file.problem === null) for (const [id, head] of found) heads.set(id, [...heads.get(id) ?? [], head]);
  }
  return { valid: files.every(({ problem }) => problem === null), files, heads, trusted: trusted !== null };
}

function readKey(pem: string, what: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw new HeadsError(`${what} is not a public key in PEM: ${(error as Error).message}`);
  }
}

async function verifyFile(folder: string, day: string, before: { day: string; digest: string } | null, trusted: KeyObject | null, onLine: (line: HeadLine) => void): Promise<VerifiedFile & { digest: string }> {
  const reading = new HeadsReading(onLine), hash = createHash('sha256');
  for await (const chunk of createReadStream(headsFileOf(folder, day)) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    reading.take(chunk);
  }
  const digest = hash.digest('hex');
  const content = reading.end();
  const signed = await checkSignature(folder, day, digest, trusted);
  const problem = signed.problem ?? content ?? followsProblem(reading.header!, day, before);
  return { day, cases: reading.cases, until: reading.header?.until ?? null, key: signed.key, problem, digest };
}

async function checkSignature(folder: string, day: string, digest: string, trusted: KeyObject | null): Promise<{ key: string | null; problem: string | null }> {
  try {
    const signature = await readSignature(folder, day);
    const { key } = signature;
    if (signature.digest !== digest) return { key, problem: 'the file is not the one that was signed' };
    if (trusted && fingerprintOf(trusted) !== key) return { key, problem: `signed with the key ${key}, not with the given one (${fingerprintOf(trusted)})` };
    const publicKey = trusted ?? readKey(await readFile(keyFileOf(folder, key), 'utf8').catch(() => { throw new HeadsError(`the public key ${keyFileOf(folder, key)} is missing`); }), keyFileOf(folder, key));
    if (fingerprintOf(publicKey) !== key) return { key, problem: `${keyFileOf(folder, key)} holds another key` };
    return { key, problem: isSigned(signature, publicKey) ? null : 'the signature is not good' };
  } catch (error) {
    if (error instanceof HeadsError) return { key: null, problem: error.message };
    throw error;
  }
}

function followsProblem(header: HeadsHeader, day: string, before: { day: string; digest: string } | null): string | null {
  if (header.day !== day) return `the file says it is of ${header.day}`;
  if (header.previous === null) return before === null ? null : 'it says that no file was before it';
  if (before === null || header.previous.day !== before.day) return `the file of ${header.previous.day}, which was before it, is missing`;
  return header.previous.digest === before.digest ? null : `the file of ${before.day} is not the one that it followed`;
}

/** Reads a file piece by piece; only the line under way is kept. */
class HeadsReading {
  header: HeadsHeader | null = null;
  cases = 0;
  private footer: HeadsFooter | null = null;
  private problem: string | null = null;
  private rest = '';
  private lastCase = '';
  private readonly onLine: (line: HeadLine) => void;

  constructor(onLine: (line: HeadLine) => void) {
    this.onLine = onLine;
  }

  /** The files are ASCII: a chunk never ends within a character. */
  take(chunk: Buffer): void {
    const lines = (this.rest + chunk.toString('latin1')).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) this.problem ??= this.line(line);
  }

  /** What is wrong with the content, or null. */
  end(): string | null {
    if (this.problem !== null) return this.problem;
    if (this.rest !== '' || this.footer === null) return 'the file is cut off';
    return this.footer.cases === this.cases ? null : `it holds ${this.cases} cases and says ${this.footer.cases}`;
  }

  private line(text: string): string | null {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return 'a line is not JSON';
    }
    if (this.header === null) {
      const header = value as HeadsHeader;
      if (header?.format !== HEADS_FORMAT) return `it is of another format than ${HEADS_FORMAT}: ${String(header?.format)}`;
      this.header = header;
      return null;
    }
    if (this.footer !== null) return 'something follows its end';
    if (typeof (value as HeadsFooter)?.cases === 'number') {
      this.footer = value as HeadsFooter;
      return null;
    }
    const line = value as HeadLine;
    if (typeof line?.case !== 'string' || typeof line.seq !== 'number' || typeof line.head !== 'string') return 'a line is not a head';
    if (line.case <= this.lastCase) return `case ${line.case} is out of order`;
    this.lastCase = line.case;
    this.cases += 1;
    this.onLine(line);
    return null;
  }
}
