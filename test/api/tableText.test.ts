/** A secretary reads in Italian what is wrong with a file: no sentence that the readers of tables say may be forgotten. */
import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableText } from '../../api/tableText.ts';

const READERS = ['engine/imports/readTable.ts', 'engine/imports/importRows.ts', 'engine/families/importFamilies.ts', 'engine/families/familyColumns.ts'];
const root = join(import.meta.dirname, '..', '..');
/** As they stand in the source, with something of its kind for each figure. */
const sentences = READERS.flatMap(file => [...readFileSync(join(root, file), 'utf8').matchAll(/(?:(?:TableFileError|CellError)\(|refuse\([^'`]*(?:'\w+', )?|message: )(['`])((?:(?!\1).)+)\1/g)].map(([, , text]) => text!))
  .filter(text => !text.startsWith('${key}')).map(text => text.replaceAll('${known.leftOn}', '2026-11-20').replaceAll('${yearOf(values)}', '2026/27').replace(/\$\{[^}]*(?:join|message)[^}]*\}(?:\.slice\(0, 500\)\})?/g, 'x, y').replace(/\$\{[^}]*\}/g, '7'));

it('finds what the readers say', () => {
  expect(sentences.length).toBeGreaterThanOrEqual(20);
  expect(sentences).toContain('is the user name of nobody');
});
it.each(sentences)('has words for: %s', sentence => {
  expect(tableText(sentence, 'it')).not.toBe(sentence);
  expect(tableText(sentence, 'it')).not.toContain('undefined');
  expect(tableText(sentence, 'en')).toBe(sentence);
});
it('keeps the figures, and leaves what it does not know', () => {
  expect(tableText('is the code of a pupil who left on 2026-11-20', 'it')).toBe('è il codice di un alunno che ha lasciato la scuola il 20/11/2026');
  expect(tableText('The header lacks Data, Tipo. It has Boh.', 'it')).toBe('Fra le intestazioni mancano: Data, Tipo. Ci sono: Boh.');
  expect(tableText('Altro', 'it')).toBe('Altro');
});
