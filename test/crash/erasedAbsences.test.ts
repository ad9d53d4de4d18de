/**
 * A pupil's absences, imported, told to the family by mail and in the portal, justified and corrected, are erased: what was written about the pupil
 * stood in rows and mails, and stands in none of them afterwards.
 */
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { addDays, romeDate } from '../../plugins/calendar.ts';
import { waitFor } from '../../worker/embedded/serverProcess.ts';
import { filesHolding, formsOf } from './bytesOnDisk.ts';
import type { ApiClient } from './client.ts';
import type { Installation } from './installation.ts';
import { registerPerson, type Person } from './people.ts';
import { serve } from './serve.ts';

const MARKER = 'Sbrindolacchio', REASON = 'Frattura-del-femore-di-Zefirino', CODE = 'ALUNNO-77-UNICO';
const forms = [MARKER, REASON].flatMap(formsOf);
const today = romeDate(new Date().toISOString()), written = (date: string) => date.split('-').reverse().join('/');
let installation: Installation, client: ApiClient, id: string, parent: Person;
serve({ name: 'erased-absences' }, served => { ({ installation, client } = served); });

const office = () => installation.people.segreterie[0]!.token;
async function send(path: string, content: string): Promise<any> {
  const response = await fetch(`${installation.apiUrl}/api/v1${path}`, { method: 'POST', body: content, headers: { 'authorization': `Bearer ${office()}`, 'content-type': 'text/csv' } });
  const text = await response.text();
  expect([path, response.status, text]).toEqual([path, 200, expect.any(String)]);
  return JSON.parse(text);
}
const give = async (token: string, command: string, data: object) => { expect([command, (await client.insist(token, `/cases/${id}/commands/${command}`, data)).status]).toEqual([command, 200]); };
const served = () => waitFor(async () => (await installation.query(`select 1 from agenda where case_id = $1 and kind = 'effect' and state <> 'done'`, [id])).length === 0, 90_000);
/** Rows that name the pupil by code, which tables of a case may do as long as it is there. */
const named = async () => (await installation.query<{ n: number }>('select count(*)::int as n from import_rows where key like $1', [`${CODE}/%`]))[0]!.n;
const rowsOf = async (table: string) => (await installation.query(`select from ${table} where case_id = $1`, [id])).length;

it('stood on the disk', async () => {
  parent = await registerPerson(await installation.db(), 'genitore.prova', null);
  await send('/families/imports', `Codice alunno;Cognome;Nome;Classe;Codice genitore;Cognome genitore;Nome genitore;E-mail;Consenso email;Utente\n${CODE};${MARKER};Zefirino;2B;G1;Prova;Lia;lia@example.org;1/9/2026;${parent.username}\n`);
  expect(await send('/imports/absences', `Codice alunno;Data;Tipo\n${CODE};${written(today)};A\n`)).toMatchObject({ created: 1, errors: [] });
  ({ case_id: id } = (await installation.query<{ case_id: string }>('select case_id from import_rows'))[0]!);
  await give(parent.token, 'giustifica', { eventi: [`${today}-assenza`], motivo: REASON });
  await send('/imports/absences', `Codice alunno;Data;Tipo;Ora\n${CODE};${written(today)};R;10.00\n`);
  expect(await served()).toBe(true);
  expect((await client.get(parent.token, '/inbox')).items.map(({ subject }: any) => subject)).toEqual([expect.stringMatching(`^Rettifica - Zefirino ${MARKER}`), expect.stringMatching('^Assenze e ritardi')]);
  await give(office(), 'chiudi', {});
  expect(await served()).toBe(true);
  expect(filesHolding(join(installation.home, 'mail'), forms).length).toBeGreaterThan(1);
  expect([await named(), await rowsOf('deliveries'), await rowsOf('broadcasts')]).toEqual([1, 4, 2]);
}, 180_000);

it('is erased by the operator’s command', async () => {
  await installation.query(`insert into parameters (name, organisation, valid_from, value, reason, set_by) values ('anniConservazioneAssenze', null, '2020-01-01', '0', 'prova', 'admin')`);
  const done = await installation.command('eraseCase.ts', id, '--reason', 'scarto', '--purge');
  expect([done.code, done.output]).toEqual([0, expect.stringContaining('Nothing of it is left in the files of this PostgreSQL.')]);
}, 180_000);

it('stands there no more: neither words nor mails, nor what an import or a message to many kept', async () => {
  expect(filesHolding(installation.home, forms)).toEqual([]);
  expect(filesHolding(join(installation.home, 'mail'), [Buffer.from(id)])).toEqual([]);
  expect([await named(), await rowsOf('deliveries'), await rowsOf('calendar_entries'), await rowsOf('case_items')]).toEqual([0, 0, 0, 0]);
  expect(await installation.query(`select from broadcasts where case_id = $1 and sealed <> ''`, [id])).toEqual([]);
  expect((await client.get(parent.token, '/inbox')).items).toEqual([]);
  expect(filesHolding(installation.home, formsOf(`${CODE}/${today}`))).toEqual([]);
  expect((await client.get(office(), `/cases/${id}/history/verification`)).valid).toBe(true);
  // The pupil is still one of the school's; the same absence, sent again, is refused and leaves nothing.
  const again = await send('/imports/absences', `Codice alunno;Data;Tipo\n${CODE};${written(addDays(today, 0))};A\n`);
  expect([again.refused, again.errors[0].message]).toEqual([1, expect.stringMatching(/cancellato/)]);
}, 120_000);
