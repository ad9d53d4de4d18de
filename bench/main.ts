/**
 * `npm run bench [-- --quick] [-- --only=commands,settled]`: one table, measured in one run on one machine, on the same PostgreSQL and Temporal,
 * full durability on. API and worker are processes of their own, as in production; the load generator too. Results: bench/results/latest.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Installation } from '../test/crash/installation.ts';
import { BARE, bareCommit } from './bareCommit.ts';
import { BOOKING, bookings, REFUSED_BOOKING } from './bookings.ts';
import { COMMAND, COMMAND_ALONE, commands } from './commands.ts';
import { hotFund } from './hotFund.ts';
import { list } from './list.ts';
import { numbers } from './numbers.ts';
import { openCases } from './openCases.ts';
import { RAW_UPDATE, rawUpdate } from './rawUpdate.ts';
import { reports } from './reports.ts';
import { Rig, type Measurement } from './rig.ts';
import { settled } from './settled.ts';
import { renderTable, type Row } from './table.ts';

/** In this order: the last ones leave many rows behind. */
const MEASUREMENTS: Record<string, Measurement> = { bare: bareCommit, temporal: rawUpdate, commands, settled, numbers, bookings, fund: hotFund, reports, open: openCases, list };
const FLOORS = { bare: BARE, temporal: RAW_UPDATE, compared: [COMMAND, COMMAND_ALONE, BOOKING, REFUSED_BOOKING] };
const RESULTS = join(import.meta.dirname, 'results');

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } });
const wanted = values.only?.split(',') ?? Object.keys(MEASUREMENTS);
const unknown = wanted.filter(name => !(name in MEASUREMENTS));
if (unknown.length > 0) {
  console.error(`There is no measurement "${unknown.join('", "')}": choose among ${Object.keys(MEASUREMENTS).join(', ')}.`);
  process.exit(1);
}

const log = (text: string) => process.stderr.write(`${text}\n`);

async function requireDurability(installation: Installation): Promise<string> {
  const settings = ['fsync', 'synchronous_commit', 'full_page_writes'];
  const rows = await installation.query(`select name, setting from pg_settings where name = any ($1)`, [settings]);
  const off = rows.filter(({ setting }) => setting !== 'on');
  if (rows.length !== settings.length || off.length > 0) throw new Error(`not durable: ${JSON.stringify(rows)}`);
  return rows.map(({ name, setting }) => `${name} ${setting}`).join(', ');
}

async function run(installation: Installation): Promise<Row[]> {
  const rows: Row[] = [];
  log(`Durability: ${await requireDurability(installation)}.`);
  await installation.start();
  const rig = new Rig(installation, values.quick);
  try {
    for (const [name, measurement] of Object.entries(MEASUREMENTS)) {
      if (!wanted.includes(name)) continue;
      const began = performance.now();
      log(`Measuring: ${name} …`);
      rows.push(...await measurement(rig, rows));
      log(`  done in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
    }
    return rows;
  } finally {
    rig.close();
    report(rows, rig.othersShare);
  }
}

/** What was measured is told, also when a later measurement failed. */
function report(rows: Row[], othersShare: number): void {
  if (rows.length === 0) return;
  const machine = `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}`;
  console.log(`\n${machine}${values.quick ? ', quick run' : ''}. CPU in ms for one unit (command, case, page), all parts together and each; pg(t): sessions of Temporal.`);
  console.log(`Other programs used ${(othersShare * 100).toFixed(0)} % of the cores meanwhile${othersShare > 0.1 ? ': TOO MUCH, the figures are not to be trusted' : ''}.\n`);
  console.log(renderTable(rows, FLOORS));
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'latest.json'), `${JSON.stringify({ at: new Date().toISOString(), machine, quick: values.quick, othersShare, rows }, null, 2)}\n`);
}

// The floor wants an installation that does nothing else; the server log of a benchmark is of no interest.
const installation = await Installation.create({ name: 'bench', env: { LOG_LEVEL: 'error', RATE_LIMIT_PER_MINUTE: '0' } });
let code = 0;
const stop = () => installation.stop().catch(error => { log(String(error)); code = 1; });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().finally(() => process.exit(130)));
try {
  const rows = await run(installation);
  const missed = rows.filter(({ aim }) => aim && !aim.holds);
  if (missed.length > 0) log(`\n${missed.length} aims are missed.`);
} catch (error) {
  log(String((error as Error).stack ?? error));
  code = 1;
} finally {
  await stop();
}
process.exit(code);
