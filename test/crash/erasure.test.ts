/**
 * Erasure, proven on the bytes: before it a pupil's name and the wrapped key stand in the files of an installation; after it, and after
 * what the operator's command does about the disk, in none of them: tables, log, statistics, mail, Temporal.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../../worker/embedded/serverProcess.ts';
import { simplePdf } from '../../worker/demo/pdf.ts';
import { ApiClient } from './client.ts';
import { filesHolding, formsOf } from './bytesOnDisk.ts';
import { Installation } from './installation.ts';
import { POLO } from './people.ts';

const MARKER = 'Zaccaria-Quattrocchi-di-Sannicandro';
const forms = formsOf(MARKER);

let installation: Installation, client: ApiClient, id: string, other: string, wrapped: Buffer;
const token = () => installation.people.segreterie[0]!.token;

beforeAll(async () => {
  installation = await Installation.create({ name: 'erasure' });
  await installation.start();
  client = new ApiClient(installation.apiUrl);
}, 300_000);
afterAll(async () => {
  client?.close();
  await installation?.stop();
});

async function livedCase(name: string): Promise<string> {
  const begun = await client.insist(token(), '/processes/conservato/cases', { data: { alunno: name, certificato: `${name}: varicella` }, parties: { polo: POLO } });
  expect(begun.status).toBe(201);
  const caseId: string = begun.body.id;
  const give = async (command: string, data: object = {}) => { expect([command, (await client.insist(token(), `/cases/${caseId}/commands/${command}`, data)).status]).toEqual([command, 200]); };
  await give('presenta', { nota: name });
  const form = new FormData();
  form.set('kind', 'certificato');
  form.set('file', new Blob([new Uint8Array(simplePdf('Certificato', [name]))]), `${name}.pdf`);
  const uploaded = await fetch(`${installation.apiUrl}/api/v1/cases/${caseId}/attachments`, { method: 'POST', body: form, headers: { authorization: `Bearer ${token()}` } });
  expect(uploaded.status).toBe(201);
  await give('documenta');
  await give('scrivi', { lezione: { key: '1', testo: name } });
  // A reader who says too much.
  const read = await fetch(`${installation.apiUrl}/api/v1/cases/${caseId}`, { headers: { authorization: `Bearer ${token()}`, 'iter-reason': `per ${name}` } });
  expect(read.status).toBe(200);
  await give('chiudiScrivendo');
  expect(await waitFor(async () => (await installation.query(`select 1 from agenda where case_id = $1 and state <> 'done'`, [caseId])).length === 0, 60_000)).toBe(true);
  // What other parts of the program keep of a case, in the clear, so that a search finds it.
  const agendaId = (await installation.query<{ id: string }>('select id from agenda where case_id = $1 limit 1', [caseId]))[0]!.id;
  await installation.query(`insert into form_drafts (case_id, form, principal, sealed, revision, updated_by) values ($1, 'richiesta', 'S1', $2, 1, 'x')`, [caseId, Buffer.from(name)]);
  await installation.query(`insert into documents (id, case_id, agenda_id, name, organisation, model, version, seq, ordinal, content, sha256) values (gen_random_uuid(), $1, $2, 'lettera', $3, $4, 1, 1, 7, $4, 'x')`, [caseId, agendaId, POLO, Buffer.from(name)]);
  await installation.query(`insert into mails (id, message_id, case_id, recipient, certified, sealed, size, sha256) values (gen_random_uuid(), $1, $2, 'famiglia@example.org', true, $3, 1, 'x')`, [`${caseId}@prova`, caseId, Buffer.from(name)]);
  await installation.query(`insert into incidents (id, case_id, kind, name, detail) values (gen_random_uuid(), $1, 'command', 'scrivi', $2)`, [caseId, `guasto: ${name}`]);
  return caseId;
}

const clusterOf = () => join(installation.home, 'postgres', 'cluster');
async function temporalFiles(): Promise<string[]> {
  const rows = await installation.query<{ oid: string }>(`select oid::text from pg_database where datname like 'temporal%'`);
  return rows.flatMap(({ oid }) => filesHolding(join(clusterOf(), 'base', oid), forms));
}

describe('an erased case', () => {
  it('stood on the disk before', async () => {
    [id, other] = [await livedCase(MARKER), await livedCase('Altra-Alunna-Che-Resta')];
    [{ wrapped }] = await installation.query<{ wrapped: Buffer }>('select wrapped from case_keys where case_id = $1', [id]) as [{ wrapped: Buffer }];
    // Samples of values are kept in the statistics.
    await installation.query('analyze');
    await installation.query('checkpoint');
    const found = filesHolding(installation.home, forms);
    expect(found.filter(file => file.startsWith('postgres/cluster/base/')).length).toBeGreaterThan(3);
    expect(found.some(file => file.startsWith('postgres/cluster/pg_wal/'))).toBe(true);
    expect(found.some(file => file.startsWith('mail/'))).toBe(true);
    expect(filesHolding(clusterOf(), formsOf(wrapped)).length).toBeGreaterThan(1);
    // Temporal knows ids and names of steps, never what a person wrote.
    expect(await temporalFiles()).toEqual([]);
  });

  it('is erased by the operator’s command, which says first what it would do', async () => {
    await installation.query(`insert into parameters (name, organisation, valid_from, value, reason, set_by) values ('anniConservazione', null, '2020-01-01', '0', 'prova', 'admin')`);
    const dry = await installation.command('eraseCase.ts', '--due', '--dry-run');
    expect([dry.code, dry.output]).toEqual([0, expect.stringContaining('2 cases would be erased. Nothing was changed.')]);
    const done = await installation.command('eraseCase.ts', id, '--reason', `scarto di ${MARKER}`, '--purge');
    expect([done.code, done.output]).toEqual([0, expect.stringContaining('Nothing of it is left in the files of this PostgreSQL.')]);
  });

  it('stands on the disk no more, nor does its key', async () => {
    expect(filesHolding(installation.home, forms)).toEqual([]);
    expect(filesHolding(installation.home, formsOf(wrapped))).toEqual([]);
    expect(filesHolding(installation.home, formsOf(wrapped.subarray(28))).map(String)).toEqual([]);
  });

  it('still verifies, and its neighbour is whole', async () => {
    expect(await client.get(token(), `/cases/${id}`)).toMatchObject({ state: 'chiusa', erased: { at: expect.any(String) }, data: null, commands: [] });
    expect(await client.get(token(), `/cases/${id}/history/verification`)).toMatchObject({ valid: true, firstBroken: null });
    const { items } = await client.get(token(), `/cases/${id}/history`);
    expect(items.map(({ payload }: any) => payload)).toEqual(items.map(() => null));
    expect(items.at(-1)).toMatchObject({ kind: 'operator', name: 'erase' });
    expect(await client.get(token(), `/cases/${other}`)).toMatchObject({ data: { alunno: 'Altra-Alunna-Che-Resta', lezioni: 1 } });
    expect((await client.get(token(), `/cases/${other}/history/verification`)).valid).toBe(true);
    const again = await installation.command('eraseCase.ts', id, '--reason', 'ancora');
    expect([again.code, again.output]).toEqual([0, expect.stringContaining('1 cases are erased')]);
    expect(readdirSync(join(installation.home, 'mail')).filter(name => name.endsWith('.eml')).length).toBeGreaterThan(0);
  });
});
