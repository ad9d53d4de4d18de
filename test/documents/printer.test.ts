/** The printing process gives the bytes that the printer gives, tells its refusals, and is started again when it dies. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { DocumentError } from '../../activities/documents/documentError.ts';
import { print, PrinterError } from '../../activities/documents/printer.ts';
import { renderPdf } from '../../activities/documents/renderPdf.ts';
import type { DocumentModel } from '../../plugins/documentModel.ts';
import { register } from './models.ts';

const options = { createdAt: new Date('2026-11-12T10:00:00Z'), author: 'Scuola polo', protocol: { number: '0000123', date: '2026-11-12', organisation: 'Scuola polo', direction: 'uscita' as const } };
const letter = (title: string): DocumentModel => ({ title, language: 'it', blocks: [{ paragraph: 'Si autorizzano le ore.' }] });

/** Our children that print, by their command line. */
function printingPids(): number[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number).filter(pid => {
    try {
      const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]);
      return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('printing.ts');
    } catch {
      return false;
    }
  });
}

/** Of test files that ran before in this program. */
const others = printingPids();

describe('the printing process', () => {
  it('gives the same bytes as the printer, for many at once', async () => {
    const models = [letter('Prima'), register(120), letter('Seconda')];
    const [apart, here] = [await Promise.all(models.map(model => print(model, options))), await Promise.all(models.map(model => renderPdf(model, options)))];
    expect(apart.map(bytes => bytes.toString('base64'))).toEqual(here.map(bytes => bytes.toString('base64')));
  });
  it('tells which piece cannot be printed', async () => {
    const wrong: DocumentModel = { title: 'Tabella', language: 'it', blocks: [{ table: { columns: [{ title: 'a' }], rows: [['1', '2']] } }] };
    const [apart, here] = await Promise.all([print(wrong, options), renderPdf(wrong, options)].map(work => work.catch((error: unknown) => error)));
    expect(apart).toBeInstanceOf(DocumentError);
    expect(apart).toMatchObject({ piece: (here as DocumentError).piece, message: (here as DocumentError).message });
  });
  it('is started again after it was killed: who waited may try again', async () => {
    await print(letter('Prima'), options);
    const pid = printingPids().find(each => !others.includes(each));
    const lost = print(register(3_000), options).catch((error: unknown) => error);
    process.kill(pid!, 'SIGKILL');
    expect(await lost).toBeInstanceOf(PrinterError);
    expect((await print(letter('Dopo'), options)).subarray(0, 5).toString()).toBe('%PDF-');
    expect(printingPids()).not.toContain(pid);
  });
});
