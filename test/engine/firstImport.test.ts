/** The key of pupils' names is found before a connection is held: many first imports at once, on a pool as small as they are many, wait for none of their own. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fondo } from '../toys/fondo.ts';
import { openEngine, type Opened } from './opened.ts';

const AT_ONCE = 2;
let opened: Opened;
beforeAll(async () => { opened = await openEngine([fondo], { read: 1, commit: AT_ONCE, worker: 1 }); });
afterAll(async () => { await opened.close(); });

it('first imports of several schools at once are all taken', async () => {
  const file = Buffer.from('codice alunno;cognome alunno;nome alunno;classe;codice genitore;cognome genitore;nome genitore\nA1;Rossi;Luca;2B;G1;Rossi;Giulia');
  const take = (school: string, year: string) => opened.engine.families.importFamilies({ school, year, content: file, preview: false, by: opened.people.segreteria.userId });
  const summaries = await Promise.all(['2025/26', '2026/27', '2027/28'].flatMap(year => [take('S1', year), take('S2', year)]));
  expect(summaries.map(({ pupils, errors }) => [pupils.created, errors])).toEqual(Array(6).fill([1, []]));
  expect((await opened.engine.families.listPupils('S2', '2027/28', null, { after: null, limit: 5 })).map(({ name }) => name)).toEqual(['Rossi Luca']);
});
