/** The printing process: one document after another, beside the worker, so that a thousand letters keep no deadline and no command waiting. */
import { DocumentError } from './documentError.ts';
import { renderPdf } from './renderPdf.ts';
import type { PrintAnswer, PrintOrder } from './printer.ts';

// What the first document would wait for: fonts are read and parsed once.
await renderPdf({ title: 'Prova', language: 'it', blocks: [{ paragraph: 'Prova' }, { heading: 'Prova' }] }, { createdAt: new Date(0), author: 'Iter' });

let last: Promise<void> = Promise.resolve();
process.on('message', ({ id, model, options }: PrintOrder) => {
  last = last.then(async () => {
    const answer: PrintAnswer = await renderPdf(model, options).then(
      bytes => ({ id, bytes }),
      error => ({ id, refused: error instanceof DocumentError ? { piece: error.piece, why: error.message } : null, why: String((error as Error).stack ?? error) }),
    );
    process.send?.(answer);
  });
});
// Whoever ordered is gone: so are we.
process.on('disconnect', () => process.exit(0));
