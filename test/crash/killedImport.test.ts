/** An API that is killed in the middle of an import: the file is sent again, sorted otherwise, and every family is told exactly once. */
import { expect, it } from '@jest/globals';
import { romeDate } from '../../plugins/calendar.ts';
import { waitFor } from '../../worker/embedded/serverProcess.ts';
import type { ApiClient } from './client.ts';
import type { Installation } from './installation.ts';
import { serve } from './serve.ts';

const PUPILS = 150, KILLS = 3;
const today = romeDate(new Date().toISOString()), written = today.split('-').reverse().join('/');
let installation: Installation, client: ApiClient;
serve({ name: 'killed-import' }, served => { ({ installation, client } = served); });

async function send(path: string, content: string): Promise<{ status: number; body: any } | null> {
  try {
    const response = await fetch(`${installation.apiUrl}/api/v1${path}`, { method: 'POST', body: content, headers: { 'authorization': `Bearer ${installation.people.segreterie[0]!.token}`, 'content-type': 'text/csv' } });
    return { status: response.status, body: await response.json() };
  } catch {
    return null;
  }
}
const file = (rows: string[]) => ['Codice alunno;Data;Tipo;Ora', ...rows, ''].join('\r\n');
const count = async (what: string): Promise<number> => (await installation.query<{ n: number }>(`select count(*)::int as n from ${what}`))[0]!.n;

it('leaves nothing half done', async () => {
  const families = Array.from({ length: PUPILS }, (_each, i) => `P${i};Rossi;Luca;2B;G${i};Rossi;Lia`);
  expect((await send('/families/imports', ['Codice alunno;Cognome;Nome;Classe;Codice genitore;Cognome genitore;Nome genitore', ...families, ''].join('\n')))?.status).toBe(200);
  const rows = Array.from({ length: PUPILS }, (_each, i) => `P${i};${written};${i % 3 === 0 ? 'R;08.25' : 'A;'}`);
  const taken = () => count(`history where name = 'registra' and kind = 'command'`);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await taken();
    const answer = send('/imports/absences', file(kill % 2 === 0 ? rows : [...rows].reverse()));
    expect(await waitFor(async () => await taken() >= before + 5, 60_000)).toBe(true);
    await installation.api.kill();
    expect(await answer).toBeNull();
    await installation.api.start();
  }
  // What was taken and what was noted are not the same: that is what a repeat has to sort out.
  expect([await taken() > await count('import_rows'), await taken() < PUPILS]).toEqual([true, true]);
  const repeated = await send('/imports/absences', file([...rows].reverse()));
  expect(repeated).toMatchObject({ status: 200, body: { rows: PUPILS, refused: 0, errors: [] } });
  expect(repeated!.body.created + repeated!.body.unchanged).toBe(PUPILS);
  expect([await count(`cases where process = 'giustificazione'`), await taken(), await count(`agenda where name = 'avvisaFamiglia'`), await count('import_rows')]).toEqual([PUPILS, PUPILS, PUPILS, PUPILS]);
  expect((await send('/imports/absences', file(rows)))?.body).toMatchObject({ created: 0, changed: 0, unchanged: PUPILS, cases: 0 });
  // And each is told once.
  expect(await waitFor(async () => await count(`agenda where name = 'avvisaFamiglia' and state <> 'done'`) === 0, 120_000)).toBe(true);
  expect([await count('broadcasts'), await count('(select broadcast_id from deliveries group by 1 having count(*) > 1) twice')]).toEqual([PUPILS, 0]);
  client.close();
}, 600_000);
