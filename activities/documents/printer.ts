/**
 * Prints in a process of its own, at a lower priority: printing is the worker's heaviest work, and a thousand letters of one payment must
 * delay neither the commands between cases nor the deadlines. It also keeps the memory of huge documents out of the worker.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { DocumentModel } from '../../plugins/documentModel.ts';
import { DocumentError } from './documentError.ts';
import type { PdfOptions } from './renderPdf.ts';

export interface PrintOrder { id: number; model: DocumentModel; options: PdfOptions }
/** `refused: null`: the printer itself failed. */
export type PrintAnswer = { id: number; bytes: Uint8Array } | { id: number; refused: { piece: string; why: string } | null; why: string };

/** The printing process ended under way, or failed: the same document may print next time. */
export class PrinterError extends Error {
  override name = 'PrinterError';
}

interface Waiting { resolve(bytes: Buffer): void; reject(error: Error): void }

/** Without orders it ends after a while, and with it what it holds. */
const IDLE_MS = 60_000;

let child: ChildProcess | null = null, orders = 0;
let idle: NodeJS.Timeout | undefined;
const waiting = new Map<number, Waiting>();

/** As renderPdf: the same bytes. Throws DocumentError for what cannot be printed, PrinterError where trying again may help. */
export function print(model: DocumentModel, options: PdfOptions): Promise<Buffer> {
  child ??= startPrinting();
  const id = (orders += 1), printing = child;
  return new Promise<Buffer>((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    keepAlive(printing);
    printing.send({ id, model, options } satisfies PrintOrder, error => { if (error) settle(id, ({ reject: fail }) => fail(new PrinterError(error.message, { cause: error }))); });
  });
}

function startPrinting(): ChildProcess {
  const printing = fork(new URL('./printing.ts', import.meta.url), { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    if (printing.pid !== undefined) setPriority(printing.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where priorities are not ours to give, it prints as everything else runs.
  }
  printing.on('message', (answer: PrintAnswer) => settle(answer.id, ({ resolve, reject }) => {
    if ('bytes' in answer) resolve(Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength));
    else reject(answer.refused ? new DocumentError(answer.refused.piece, answer.refused.why.slice(answer.refused.piece.length + 2)) : new PrinterError(answer.why));
  }));
  const over = (why: string) => () => {
    if (child === printing) child = null;
    for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(new PrinterError(why)));
  };
  printing.on('error', error => over(`the printing process could not be started: ${error.message}`)());
  printing.on('exit', over('the printing process ended'));
  // It never keeps the program alive by itself.
  printing.unref();
  printing.channel?.unref();
  return printing;
}

function settle(id: number, end: (waiting: Waiting) => void): void {
  const found = waiting.get(id);
  if (!found) return;
  waiting.delete(id);
  end(found);
  if (waiting.size === 0 && child) letRest(child);
}

/** Somebody waits for a document: the program goes on until it is printed. */
function keepAlive(printing: ChildProcess): void {
  clearTimeout(idle);
  printing.channel?.ref();
}

function letRest(printing: ChildProcess): void {
  printing.channel?.unref();
  idle = setTimeout(() => { if (waiting.size === 0 && child === printing) { child = null; printing.disconnect(); } }, IDLE_MS);
  idle.unref();
}
