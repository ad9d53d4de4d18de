/**
 * `npm run history:verify -- FILE… [--refold] [--heads FOLDER] [--key PEM]`: verifies exported histories offline.
 * It reads files only: no database, no key of a case, no settings. Without files, `--heads` verifies the signed heads themselves.
 * Exit code 0: all proven; 1: something is broken; 2: something could not be read or not be checked.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compareHeads } from '../../engine/history/compareHeads.ts';
import { HeadsError } from '../../engine/history/headsFile.ts';
import { MalformedExport, readExportFile } from '../../engine/history/parseExport.ts';
import { refold } from '../../engine/history/refold.ts';
import { firstBroken, verifyExport, type Check } from '../../engine/history/verifyExport.ts';
import { verifyHeads, type VerifiedHeads } from '../../engine/history/verifyHeads.ts';
import { createProcesses, type Processes } from '../../engine/processes.ts';
import type { HistoryExport } from '../../engine/history/export.ts';

const USAGE = `Usage: npm run history:verify -- FILE… [--refold] [--heads FOLDER] [--key FILE]
  FILE…           exported histories (GET /api/v1/cases/{id}/history/export)
  --refold        fold the entries again through the released chart and compare with the row
  --heads FOLDER  compare with the daily signed heads; without FILE, verify the heads themselves
  --key FILE      the public key of the heads (PEM), kept elsewhere than beside them`;
const PROVEN = 0, BROKEN = 1, UNREADABLE = 2;
const MARKS = { ok: '✓', broken: '✗', unchecked: '–' } as const;

type Print = (line: string) => void;

/** The whole command; answers the exit code. `processes`: those to fold through, by default all registered ones. */
export async function verifyHistory(args: string[], print: Print, processes: () => Promise<Processes> = registered): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({ args, allowPositionals: true, options: { refold: { type: 'boolean' }, heads: { type: 'string' }, key: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    print(`${(error as Error).message}\n${USAGE}`);
    return UNREADABLE;
  }
  const { positionals: files, values } = parsed;
  if (values.help || files.length === 0 && values.heads === undefined || values.key !== undefined && values.heads === undefined) {
    print(USAGE);
    return values.help ? PROVEN : UNREADABLE;
  }
  const results = new Set<number>();
  const documents: { file: string; document: HistoryExport }[] = [];
  for (const file of files) {
    try {
      documents.push({ file, document: await readExportFile(file) });
    } catch (error) {
      if (!(error instanceof MalformedExport)) throw error;
      print(`${file}\n  ✗ not verified: ${error.message}\n`);
      results.add(UNREADABLE);
    }
  }
  try {
    const heads = values.heads === undefined ? null : await readHeads(values.heads, values.key, documents.map(({ document }) => document.case.id), print);
    if (heads) results.add(heads.valid ? PROVEN : BROKEN);
    const charts = values.refold ? await processes() : null;
    for (const { file, document } of documents) results.add(tell(file, document, judge(document, charts, heads), print));
  } catch (error) {
    if (!(error instanceof HeadsError)) throw error;
    print(`✗ ${error.message}`);
    results.add(UNREADABLE);
  }
  return results.has(BROKEN) ? BROKEN : results.has(UNREADABLE) ? UNREADABLE : PROVEN;
}

/** Loaded only when asked for: an export can be verified by a program whose plugins are broken. */
async function registered(): Promise<Processes> {
  const { plugins } = await import('../../plugins/registry.ts');
  return createProcesses(plugins);
}

async function readHeads(folder: string, keyFile: string | undefined, cases: string[], print: Print): Promise<VerifiedHeads> {
  const trustedKey = keyFile === undefined ? undefined : await readFile(keyFile, 'utf8').catch(error => { throw new HeadsError(`the key cannot be read: ${(error as Error).message}`); });
  const heads = await verifyHeads(folder, { cases, ...(trustedKey === undefined ? {} : { trustedKey }) });
  const { files } = heads, wrong = files.filter(({ problem }) => problem !== null);
  print(`${folder}: signed heads of ${files.length} days, ${files[0]!.day} to ${files.at(-1)!.day}, ${files.reduce((sum, file) => sum + file.cases, 0)} lines`);
  for (const { day, problem } of wrong) print(`  ✗ ${day}: ${problem}`);
  if (wrong.length === 0) print('  ✓ every file is the one that was signed and follows the one before');
  const keys = [...new Set(files.flatMap(({ key }) => key ?? []))].join(', ');
  print(heads.trusted ? `  ✓ signed with the given key ${keys}\n` : `  – signed with the key ${keys}, found beside the files: compare it with the one that you keep elsewhere (--key)\n`);
  return heads;
}

function judge(document: HistoryExport, charts: Processes | null, heads: VerifiedHeads | null): Check[] {
  const checks = verifyExport(document);
  const sound = checks.every(({ result }) => result !== 'broken');
  if (charts) checks.push(sound ? refold(document, charts) : { name: 'refold', result: 'unchecked', said: 'not folded: the entries themselves are broken' });
  if (heads) checks.push(compareHeads(document, heads));
  return checks;
}

function tell(file: string, { case: { id, process, processVersion }, exportedAt }: HistoryExport, checks: Check[], print: Print): number {
  print(`${file}\n  case ${id}, ${process} version ${processVersion}, exported ${exportedAt}`);
  for (const { name, result, said } of checks) print(`  ${MARKS[result]} ${name.padEnd(9)} ${said}`);
  const isBroken = checks.some(({ result }) => result === 'broken'), first = firstBroken(checks);
  const unfolded = checks.some(({ name, result }) => name === 'refold' && result === 'unchecked');
  if (isBroken) print(first ? `  BROKEN at entry ${first.seq}: ${first.why}\n` : '  BROKEN\n');
  else print(unfolded ? '  valid as far as it could be checked\n' : '  valid\n');
  return isBroken ? BROKEN : unfolded ? UNREADABLE : PROVEN;
}

if (import.meta.main) process.exitCode = await verifyHistory(process.argv.slice(2), line => console.log(line));
