/** The one table of a run: results, ratios to the floors, and the aims of docs/performance.md beside them. */
import { PARTS, total, type Cpu, type Part } from './processes.ts';

export interface Row {
  /** What is measured; unique, for the ratios. */
  what: string;
  callers?: number;
  /** Of one unit (command, case, page): throughput in 1/s, latencies in ms. */
  perSecond?: number;
  p50?: number;
  p95?: number;
  p99?: number;
  /** Milliseconds of CPU for one unit, by part; the load generator is not among them. */
  cpu?: Cpu;
  /** MiB. */
  memory?: number;
  aim?: { text: string; holds: boolean };
  note?: string;
}

const SHORT: Record<Part, string> = { postgres: 'pg', postgresOfTemporal: 'pg(t)', temporal: 'temporal', api: 'api', worker: 'worker' };
const number = (value: number | undefined, digits = 1): string => (value === undefined ? '' : value >= 100 ? value.toFixed(0) : value.toFixed(digits));

export function find(rows: readonly Row[], what: string, callers?: number): Row | undefined {
  return rows.find(row => row.what === what && (callers === undefined || row.callers === callers));
}

function ratio(row: Row, floor: Row | undefined): string {
  if (!row.perSecond || !floor?.perSecond || row === floor) return '';
  const times = row.perSecond / floor.perSecond;
  return `${times < 0.1 ? times.toPrecision(2) : times.toFixed(2)}×`;
}

export function renderTable(rows: readonly Row[], floors: { bare: string; temporal: string; compared: string[] }): string {
  const head = ['measurement', 'callers', '1/s', 'p50 ms', 'p95', 'p99', 'CPU ms', ...PARTS.map(part => SHORT[part]), 'MiB', '/bare', '/temporal', 'aim', 'note'];
  const cells = rows.map(row => {
    const compared = row.callers !== undefined && floors.compared.includes(row.what);
    return [
      row.what, row.callers?.toString() ?? '', number(row.perSecond, 0), number(row.p50), number(row.p95), number(row.p99), row.cpu ? number(total(row.cpu), 2) : '',
      ...PARTS.map(part => (row.cpu ? number(row.cpu[part], 2) : '')), number(row.memory, 0),
      compared ? ratio(row, find(rows, floors.bare, row.callers)) : '', compared ? ratio(row, find(rows, floors.temporal, row.callers)) : '',
      row.aim ? `${row.aim.holds ? 'ok  ' : 'MISS'} ${row.aim.text}` : '', row.note ?? '',
    ];
  });
  const used = head.map((_, column) => cells.some(cell => cell[column] !== ''));
  const shown = [head, ...cells].map(cell => cell.filter((_, column) => used[column]));
  const widths = shown[0]!.map((_, column) => Math.max(...shown.map(cell => cell[column]!.length)));
  const isText = (column: number) => ['measurement', 'aim', 'note'].includes(shown[0]![column]!);
  return shown.map(cell => cell.map((text, column) => (isText(column) ? text.padEnd(widths[column]!) : text.padStart(widths[column]!))).join('  ').trimEnd()).join('\n');
}
