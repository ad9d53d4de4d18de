/**
 * Health data of minors is never on the disk as it is: whoever steals the database, or a backup of it, finds sealed bytes.
 * A known plaintext goes in through every door; then every row of every table is searched for it, also in hexadecimal and base64.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { canonicalBytes, digest } from '../../engine/history/chain.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { codeOf, give, newCase, openEngine, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([fascicolo]); });
afterAll(async () => { await opened.close(); });

const SECRETS = { alunno: 'Ada-Lovelace-alunna', diagnosi: 'leucemia-linfoblastica', lezione: 'lezione-in-ospedale', payload: 'solo-nel-comando', rifiutato: 'rifiutato-ma-segreto', contenuto: 'contenuto-del-certificato', nomeFile: 'referto-Ada.pdf' };

/** Every row of every table as text; bytea comes out in hexadecimal. */
async function everything(): Promise<string> {
  const { rows: tables } = await opened.admin.query(`select format('%I', c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'm')`);
  const parts: string[] = [];
  for (const { name } of tables) parts.push(...(await opened.admin.query(`select t::text as line from ${name} t`)).rows.map(({ line }) => `${name}: ${line}`));
  return parts.join('\n');
}

it('sealed context, items, payloads of accepted and refused commands, contents and names of files are nowhere to be read', async () => {
  const id = await newCase(opened, 'fascicolo', { alunno: SECRETS.alunno, diagnosi: 'prima' }, { polo: 'P1' });
  await give(opened, id, 'scrivi', { diagnosi: SECRETS.diagnosi, lezione: { key: '1', testo: SECRETS.lezione }, nota: SECRETS.payload });
  await opened.engine.attach({ caseId: id, kind: 'certificato', name: SECRETS.nomeFile, mediaType: 'application/pdf', content: Buffer.from(SECRETS.contenuto), caller: opened.people.segreteria, key: randomUUID() });
  await give(opened, id, 'presenta', {});
  await give(opened, id, 'allega', {});
  expect(await codeOf(give(opened, id, 'cancella', { motivo: SECRETS.rifiutato }))).toBe('command-not-allowed');
  const { rows: [{ id: effectId }] } = await opened.admin.query(`select id from agenda where case_id = $1 and mode = 'bound'`, [id]);
  await opened.engine.recordOutcomes(id, [{ effectId, ok: true, result: { ricevuta: 'pubblica' }, execution: null }]);

  const all = await everything();
  // The search itself works: what is not sealed is found.
  for (const known of ['pubblica', 'application/pdf', 'conclusa', 'voto']) expect(all).toContain(known);
  for (const [what, secret] of Object.entries(SECRETS)) {
    for (const form of [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64').slice(0, -4), secret.slice(2, 14)]) expect([what, all.toLowerCase().includes(form.toLowerCase())]).toEqual([what, false]);
  }
  // With the key it is all there.
  const read = (await opened.engine.readCase(id, ['S1']))!;
  expect(read.state.context).toMatchObject({ alunno: SECRETS.alunno, diagnosi: SECRETS.diagnosi });
  expect([read.items[0]!.data.testo, read.attachments[0]!.name]).toEqual([SECRETS.lezione, SECRETS.nomeFile]);
  const page = JSON.stringify((await opened.engine.readHistory(id, ['S1']))!.entries.map(({ payload }) => payload));
  for (const secret of [SECRETS.payload, SECRETS.rifiutato]) expect(page).toContain(secret);
});

it('what is sealed in one place opens in no other: rows cannot be swapped', async () => {
  const [one, two] = [await newCase(opened, 'fascicolo', { alunno: 'uno' }), await newCase(opened, 'fascicolo', { alunno: 'due' })];
  await opened.admin.query('update cases c set sealed = o.sealed from cases o where c.id = $1 and o.id = $2', [one, two]);
  await expect(opened.engine.readCase(one, ['S1'])).rejects.toThrow();
  await opened.admin.query('update case_keys c set wrapped = o.wrapped from case_keys o where c.case_id = $1 and o.case_id = $2', [one, two]);
  await expect(opened.engine.readCase(one, ['S1'])).rejects.toThrow();
  expect((await opened.engine.readCase(two, ['S1']))!.state.context['alunno']).toBe('due');
});

it('two cases with the same data have nothing in common on disk, nor has one case twice', async () => {
  const ids = [await newCase(opened, 'fascicolo', { alunno: 'uguale' }), await newCase(opened, 'fascicolo', { alunno: 'uguale' })];
  await give(opened, ids[0]!, 'scrivi', { diagnosi: 'a' });
  await give(opened, ids[0]!, 'scrivi', { diagnosi: 'a' });
  const { rows } = await opened.admin.query('select encode(payload, $2) as payload, encode(payload_digest, $2) as digest from history where case_id = any ($1)', [ids, 'hex']);
  expect(new Set(rows.map(({ payload }) => payload)).size).toBe(rows.length);
  // Salted: a known diagnosis cannot be guessed from its digest.
  expect(new Set(rows.map(({ digest }) => digest)).size).toBe(rows.length);
  // Nor from the digest of the request, which is the case's own.
  const { rows: [{ body }] } = await opened.admin.query(`select encode(body_digest, 'hex') as body from history where case_id = $1 and seq = 2`, [ids[0]]);
  expect(body).not.toBe(digest(canonicalBytes(['scrivi', { diagnosi: 'a' }])).toString('hex'));
});

it('a sealed part that no step touched is not sealed anew', async () => {
  const id = await newCase(opened, 'fascicolo', { alunno: 'x', diagnosi: 'y' });
  const sealed = async () => (await opened.admin.query('select encode(sealed, $2) as sealed from cases where id = $1', [id, 'hex'])).rows[0].sealed;
  const before = await sealed();
  await give(opened, id, 'scrivi', {});
  expect(await sealed()).toBe(before);
  await give(opened, id, 'scrivi', { diagnosi: 'z' });
  expect(await sealed()).not.toBe(before);
});
