/**
 * A real project, lived by HTTP with its letters, mails and receipts, is erased: what was written about the pupil stood all over the
 * installation's files, and stands in none of them afterwards. What must stay, stays, and says nothing of it.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { istruzioneDomiciliare } from '../../plugins/istruzione-domiciliare/plugin.ts';
import { waitFor } from '../../worker/embedded/serverProcess.ts';
import { readPdf } from '../documents/readPdf.ts';
import { verify } from '../history/exported.ts';
import { filesHolding, formsOf } from './bytesOnDisk.ts';
import { ApiClient } from './client.ts';
import { Installation } from './installation.ts';
import { addFields, answerByMail, assembleProjectCast, liveProject, ProjectLife } from './livedProject.ts';
import type { Person } from './people.ts';

const MARKER = 'Sbrindolacchio', CODICE_FISCALE = 'SBRZCR14A01H501X';
const SURNAME = `${MARKER}-Quattrocchi`, WORDS = `Di ${SURNAME} (${CODICE_FISCALE}): frattura del femore`;
/** As it was written, and as it may be kept for a search. */
const forms = [MARKER, CODICE_FISCALE].flatMap(text => [text, text.toLowerCase(), text.toUpperCase()].flatMap(formsOf));

let installation: Installation, client: ApiClient, life: ProjectLife;
let wrapped: Buffer, registers: unknown[], letters: { path: string; reader: Person }[], mails: string[], answers: string[];

beforeAll(async () => {
  // As much is logged as by default.
  installation = await Installation.create({ name: 'erased-project', env: { LOG_LEVEL: 'info' }, workerEnv: { SMTP_URL: '' } });
  await installation.start();
  client = new ApiClient(installation.apiUrl);
  life = new ProjectLife(installation, client, await assembleProjectCast(installation));
  await addFields(life);
  await liveProject(life, SURNAME, WORDS);
}, 40 * 60_000);
afterAll(async () => {
  client?.close();
  await installation?.stop();
}, 60_000);

const clusterOf = () => join(installation.home, 'postgres', 'cluster');
const offices = () => [life.cast.segreteria, life.cast.operatorePolo];
async function temporalFiles(): Promise<string[]> {
  const rows = await installation.query<{ oid: string }>(`select oid::text from pg_database where datname like 'temporal%'`);
  return rows.flatMap(({ oid }) => filesHolding(join(clusterOf(), 'base', oid), forms));
}
/** Tables of every database of which a row holds it: PostgreSQL compresses long values, which no search of the files would see. */
async function tablesHolding(): Promise<string[]> {
  const found: string[] = [], wanted = forms.map(form => form.toString('latin1').replaceAll('\0', '')), hexadecimal = forms.map(form => form.toString('hex'));
  for (const database of ['iter', 'temporal', 'temporal_visibility']) {
    const admin = new Client({ connectionString: installation.postgres.url(database) });
    await admin.connect();
    try {
      const { rows } = await admin.query<{ name: string }>(`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`);
      for (const { name } of rows) {
        const { rowCount } = await admin.query(`select 1 from ${name} t, unnest($1::text[]) as w(word) where strpos(t::text, w.word) > 0 limit 1`, [[...wanted, ...hexadecimal]]);
        if (rowCount! > 0) found.push(`${database}: ${name}`);
      }
    } finally {
      await admin.end();
    }
  }
  return found.sort();
}
async function download(person: Person, path: string): Promise<Buffer> {
  const response = await fetch(`${installation.apiUrl}/api/v1${path}`, { headers: { 'authorization': `Bearer ${person.token}`, 'iter-reason': WORDS } });
  expect([path, response.status]).toEqual([path, 200]);
  return Buffer.from(await response.arrayBuffer());
}
const registersNow = async () => await Promise.all(offices().map(async ({ token }) => (await client.get(token, '/protocol?limit=100')).items));

describe('an erased project', () => {
  it('had its letters, both ways, with receipts, and they name the pupil', async () => {
    const { segreteria, operatorePolo, famiglia } = life.cast;
    expect(await client.get(segreteria.token, `/cases/${life.id}`)).toMatchObject({ state: 'rinuncia', done: true, data: { alunno: { cognome: SURNAME } } });
    const delivered = async () => (await client.get(segreteria.token, `/cases/${life.id}/mails`)).items.filter(({ certified, state }: any) => certified && state !== 'delivered').length === 0;
    expect(await waitFor(delivered, 60_000)).toBe(true);
    const { items } = await client.get(segreteria.token, `/cases/${life.id}/mails`);
    mails = items.map(({ id }: { id: string }) => id);
    expect(new Set(items.map(({ party }: any) => party.name))).toEqual(new Set(['polo', 'scuola', 'famiglia']));
    expect(items.flatMap(({ receipts }: any) => receipts).length).toBeGreaterThan(items.length);

    const texts: string[] = [];
    letters = [];
    for (const reader of offices()) {
      const { documents } = await client.get(reader.token, `/cases/${life.id}`);
      for (const { href } of documents) letters.push({ path: href.replace('/api/v1', ''), reader });
    }
    for (const { path, reader } of letters) {
      const bytes = await download(reader, path);
      texts.push((await readPdf(bytes)).pages.join('\n'));
    }
    expect(texts.filter(text => text.includes(SURNAME)).length).toBeGreaterThan(8);
    expect(texts.some(text => text.includes('Annotazione'))).toBe(true);
    // Readings leave their reasons; looking for somebody whose name is sealed finds nothing, and should leave nothing.
    expect((await client.get(segreteria.token, `/cases?q=${MARKER}`)).items).toEqual([]);
    await download(segreteria, `/cases/${life.id}/dossier`);
    await download(operatorePolo, `/cases/${life.id}/mails/${mails[0]}`);
    expect((await client.get(famiglia.token, `/cases/${life.id}`)).data.alunno.cognome).toBe(SURNAME);
    answers = await answerByMail(life, WORDS);
    registers = await registersNow();
    expect(registers.flat().length).toBeGreaterThan(10);
  });

  it('stood on the disk', async () => {
    [{ wrapped }] = await installation.query<{ wrapped: Buffer }>('select wrapped from case_keys where case_id = $1', [life.id]) as [{ wrapped: Buffer }];
    // Samples of values are kept in the statistics.
    await installation.query('analyze');
    await installation.query('checkpoint');
    const found = filesHolding(installation.home, forms), folders = new Set(found.map(file => file.split('/').slice(0, file.startsWith('postgres') ? 3 : 2).join('/').replace(/[^/]*\.eml$/, '*.eml')));
    expect([...folders]).toEqual(expect.arrayContaining(['postgres/cluster/base', 'postgres/cluster/pg_wal', 'mail/*.eml', 'mail/inbox']));
    expect(filesHolding(clusterOf(), formsOf(wrapped)).length).toBeGreaterThan(1);
    // Every mail and receipt of it names the case, whatever of its PDFs is compressed.
    expect(filesHolding(join(installation.home, 'mail'), formsOf(life.id)).length).toBeGreaterThan(mails.length);
    // Programs tell what they do, not what people wrote; Temporal knows ids and names of steps.
    expect(found.filter(file => file.startsWith('log/') || file.startsWith('temporal/'))).toEqual([]);
    expect(await temporalFiles()).toEqual([]);
    const tables = await tablesHolding();
    expect(tables).toEqual(expect.arrayContaining(['access_log', 'agenda', 'incidents', 'mail_receipts'].map(table => `iter: public.${table}`)));
    expect(tables.filter(table => table.startsWith('temporal'))).toEqual([]);
  });

  it('is erased by an operator of the installation', async () => {
    // Nobody can propose less than a year, and the clock is the real one.
    await installation.query(`insert into parameters (name, organisation, valid_from, value, reason, set_by) values ('anniConservazione', null, '2020-01-01', '0', 'prova', 'admin')`);
    await life.post(life.cast.gestore, `/cases/${life.id}/erasure`, { reason: `Scarto di ${SURNAME}` });
    const purged = await installation.command('eraseCase.ts', '--purge');
    expect([purged.code, purged.output]).toEqual([0, expect.stringContaining('Nothing of it is left in the files of this PostgreSQL.')]);
  });

  it('stands on the disk no more, nor does its key', async () => {
    expect(filesHolding(installation.home, forms)).toEqual([]);
    expect(await tablesHolding()).toEqual([]);
    expect(filesHolding(installation.home, formsOf(wrapped))).toEqual([]);
    expect(filesHolding(installation.home, formsOf(wrapped.subarray(28)))).toEqual([]);
    expect(filesHolding(join(installation.home, 'mail'), formsOf(life.id))).toEqual([]);
  });

  it('has a history that verifies, here and offline', async () => {
    const { segreteria } = life.cast;
    expect(await client.get(segreteria.token, `/cases/${life.id}`)).toMatchObject({ state: 'rinuncia', erased: { at: expect.any(String) }, data: null, documents: [], commands: [] });
    expect(await client.get(segreteria.token, `/cases/${life.id}/history/verification`)).toMatchObject({ valid: true, firstBroken: null });
    const { items } = await client.get(segreteria.token, `/cases/${life.id}/history`);
    expect(items.filter(({ payload }: any) => payload !== null)).toEqual([]);
    const exported = await download(segreteria, `/cases/${life.id}/history/export`);
    expect(await verify([exported], [istruzioneDomiciliare])).toMatchObject({ code: 0 });
  });

  it('answers everybody who asks for its content that it is gone', async () => {
    const { segreteria, operatorePolo, famiglia } = life.cast, of = `/cases/${life.id}`;
    const answered = async (person: Person, method: string, path: string, data?: unknown) => {
      const { status, body } = await client.send(person.token, method, path, data, method === 'POST' ? { 'idempotency-key': 'dopo' } : {});
      return [path, status, body.code];
    };
    const gone = [of + '/mails', `${of}/mails/${mails[0]}`, `${of}/forms`, `${of}/forms/modelloV/draft`, `${of}/dossier`, `${of}/exports`, `${of}/protocol`, ...letters.slice(0, 2).map(({ path }) => path)];
    for (const path of gone) expect(await answered(segreteria, 'GET', path)).toEqual([path, 409, 'case-erased']);
    expect(await answered(segreteria, 'PATCH', `${of}/forms/modelloV/draft`, { valutazione: 'ancora' })).toEqual([`${of}/forms/modelloV/draft`, 409, 'case-erased']);
    expect(await answered(operatorePolo, 'POST', `${of}/commands/respingi`, { motivo: 'ancora' })).toEqual([`${of}/commands/respingi`, 409, 'case-erased']);
    expect(await answered(famiglia, 'GET', of)).toEqual([of, 404, 'not-found']);
    expect((await client.get(famiglia.token, '/cases')).items).toEqual([]);
  });

  it('leaves no answer of the family that lies in the tray, or was put aside there', async () => {
    const { token } = life.cast.gestore;
    expect((await client.get(token, '/mail/tray')).items).toEqual([]);
    for (const id of answers) expect((await client.send(token, 'GET', `/mail/tray/${id}`)).status).toBe(404);
    expect(await installation.query(`select id from mail_receipts where sealed <> '' or summary <> '' or closing is not null`)).toEqual([]);
  });

  it('stays in the registers of protocol, which never named the pupil', async () => {
    expect(await registersNow()).toEqual(registers);
    expect(JSON.stringify(registers)).not.toMatch(new RegExp(`${MARKER}|${CODICE_FISCALE}`, 'i'));
  });

  it('left nothing behind by all of that', () => {
    expect(filesHolding(installation.home, forms).filter(file => !file.startsWith('postgres/cluster/'))).toEqual([]);
  });
});
