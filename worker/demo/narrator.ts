/** Tells the demo's story: who did what, when (in Rome), and how it ended. */
import { printLine } from '../progress.ts';

const clock = new Intl.DateTimeFormat('it-IT', { timeZone: 'Europe/Rome', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('it-IT', { timeZone: 'UTC', weekday: 'short', day: '2-digit', month: '2-digit', year: 'numeric' });
const moment = new Intl.DateTimeFormat('it-IT', { timeZone: 'Europe/Rome', day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const money = new Intl.NumberFormat('it-IT', { style: 'currency', currency: 'EUR', useGrouping: 'always' });
const hours = new Intl.NumberFormat('it-IT', { maximumFractionDigits: 2 });

const hour = new Intl.DateTimeFormat('it-IT', { timeZone: 'Europe/Rome', hour: '2-digit', minute: '2-digit' });

export const localTime = (instant: string | Date): string => moment.format(new Date(instant)).replace(',', '');
/** Of a date of law, `YYYY-MM-DD`. */
export const localDay = (date: string): string => day.format(new Date(`${date}T00:00:00Z`));
/** `gio 26/11/2026 15:00`. */
export const localHour = (instant: string): string => `${day.format(new Date(instant))} ${hour.format(new Date(instant))}`;
export const euro = (cents: number): string => money.format(cents / 100);
export const ore = (value: number): string => `${hours.format(value)} ${value === 1 ? 'ora' : 'ore'}`;

const WIDTH = 100, WHO = 30;
let chapters = 0, stories = 0;

export function story(title: string): void {
  stories += 1;
  printLine(`\n${'═'.repeat(WIDTH)}\n${'ABCDEFG'[stories - 1]}. ${title}\n${'═'.repeat(WIDTH)}`);
}

export function chapter(title: string): void {
  chapters += 1;
  const head = `── ${chapters}. ${title} `;
  printLine(`\n${head}${'─'.repeat(Math.max(0, WIDTH - head.length))}`);
}

/** `sign`: ✓ done, ✗ refused as it must be, · merely seen. */
export function tell(sign: '✓' | '✗' | '·', who: string, what: string): void {
  const [first = '', ...more] = wrap(what, WIDTH - 13 - WHO);
  printLine(`${clock.format(new Date())} ${sign} ${who.slice(0, WHO).padEnd(WHO)} ${first}`);
  for (const line of more) printLine(`${' '.repeat(12 + WHO)}${line}`);
}

export function note(text: string): void {
  for (const line of wrap(text, WIDTH - 11)) printLine(`           ${line}`);
}

export function table(rows: string[][]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  for (const row of rows) printLine(`  ${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  ')}`);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
