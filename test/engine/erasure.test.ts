/** After its retention a case is erased: whole, once, with the reason on record, and nothing that lists, serves or verifies cases stumbles over it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadDefaultParameters } from '../../database/parameters.ts';
import { casesDue, eraseCase, erasureOf } from '../../engine/erasure/eraseCase.ts';
import { forgetErased } from '../../engine/erasure/forget.ts';
import { retentionOf } from '../../engine/erasure/retention.ts';
import { verifyHistory } from '../../engine/history/read.ts';
import { verifyExport } from '../../engine/history/verifyExport.ts';
import type { EngineContext } from '../../engine/commit/context.ts';
import type { Actor } from '../../plugins/contract.ts';
import { conservato } from '../toys/conservato.ts';
import { codeOf, give, newCase, openEngine, problemOf, type Opened } from './opened.ts';

const MARKER = 'Zaccaria-Quattrocchi';
const admin: Actor = { kind: 'user', id: 'admin', role: 'admin', organisation: 'ENTE' };

let opened: Opened, context: EngineContext;
beforeAll(async () => {
  opened = await openEngine([conservato]);
  await loadDefaultParameters(opened.pools.commit, conservato.defaultParameters!);
  context = { pools: opened.pools, processes: opened.engine.processes, masterKey: Buffer.from(process.env['ITER_MASTER_KEY']!, 'base64'), log: { info() {}, warn() {}, error() {} }, onCommitted() {}, onCounted() {}, commitPool: 'commit' };
});
afterAll(async () => { await opened.close(); });

/** A whole life, with the marker in everything that may hold a name. */
async function ended(): Promise<string> {
  const { engine, people } = opened;
  const id = await newCase(opened, 'conservato', { alunno: MARKER, certificato: `${MARKER} ha la varicella` }, { polo: 'P1', famiglia: people.genitore.userId });
  await give(opened, id, 'presenta', { nota: MARKER });
  await engine.attach({ caseId: id, kind: 'certificato', name: `${MARKER}.pdf`, mediaType: 'application/pdf', content: Buffer.from(`%PDF-1.4 ${MARKER}`), caller: people.segreteria, key: randomUUID() });
  await give(opened, id, 'documenta');
  await give(opened, id, 'scrivi', { lezione: { key: '1', testo: MARKER } });
  await codeOf(give(opened, id, 'sbaglia'));
  await opened.admin.query(`insert into form_drafts (case_id, form, principal, sealed, revision, updated_by) values ($1, 'richiesta', 'S1', $2, 1, 'x')`, [id, MARKER]);
  await opened.admin.query(`insert into access_log (case_id, user_id, organisation, role, fields, reason) values ($1, 'x', 'S1', 'segreteria', '{certificato}', $2)`, [id, `per ${MARKER}`]);
  await give(opened, id, 'chiudi');
  return id;
}
const erase = (caseId: string, key: string = randomUUID()) => eraseCase(context, { caseId, actor: admin, caller: admin.id, key, reason: `scarto di ${MARKER}` });
const age = (caseId: string, years: number) => opened.admin.query('update cases set last_at = last_at - make_interval(years => $2) where id = $1', [caseId, years]);

/** Every text or byte of every row of this case, and whether the marker is in it. */
async function rowsWithMarker(caseId: string): Promise<string[]> {
  const { rows: tables } = await opened.admin.query(`select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'case_id' and table_name not in ('history') union select 'cases'`);
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows: [{ n }] } = await opened.admin.query(`select count(*)::int as n from ${name} t where ${name === 'cases' ? 'id' : 'case_id'} = $1 and (lower(t::text) like lower($2) or t::text like $3)`, [caseId, `%${MARKER}%`, `%${Buffer.from(MARKER).toString('hex')}%`]);
    if (n > 0) found.push(name);
  }
  return found.sort();
}

describe('when', () => {
  const row = { done: true, lastAt: '2020-02-29T22:30:00.000Z', parties: { scuola: 'S1', polo: 'P1' }, open: 0, erasedAt: null };
  const years = (value: unknown, organisation: string | null = null, version = 1) => ({ name: 'anniConservazione', organisation, from: '2000-01-01', to: null, value: value as never, version });
  it('counts years of local dates from the last entry', () => {
    expect(retentionOf(conservato, row, [years(5)], '2025-02-27T22:59:59.000Z')).toEqual({ state: 'waiting', years: 5, from: '2025-02-28' });
    expect(retentionOf(conservato, row, [years(5)], '2025-02-27T23:00:00.000Z')).toEqual({ state: 'due', years: 5, from: '2025-02-28' });
    // 31 December, 23:30 UTC, is the new year in Rome.
    expect(retentionOf(conservato, { ...row, lastAt: '2019-12-31T23:30:00.000Z' }, [years(1)], '2020-06-01T00:00:00.000Z')).toMatchObject({ from: '2021-01-01' });
  });
  it('lets the longest of its organisations count', () => {
    expect(retentionOf(conservato, row, [years(5), years(10, 'P1', 2)], '2026-01-01T00:00:00.000Z')).toMatchObject({ state: 'waiting', years: 10 });
    expect(retentionOf(conservato, row, [years(5), years(1, 'P1', 2)], '2026-01-01T00:00:00.000Z')).toMatchObject({ state: 'due', years: 5 });
  });
  it('is never, without a retention, before the end, or while something is owed', () => {
    expect(retentionOf({ ...conservato, retention: undefined as never }, row, [], '2099-01-01T00:00:00.000Z')).toEqual({ state: 'kept' });
    expect(retentionOf(conservato, { ...row, done: false }, [years(0)], '2099-01-01T00:00:00.000Z')).toEqual({ state: 'open', owed: 0 });
    expect(retentionOf(conservato, { ...row, open: 2 }, [years(0)], '2099-01-01T00:00:00.000Z')).toEqual({ state: 'open', owed: 2 });
    expect(() => retentionOf(conservato, row, [years('cinque')], '2099-01-01T00:00:00.000Z')).toThrow(/whole number/);
  });
});

describe('refusals', () => {
  it('say the date', async () => {
    const id = await ended();
    const problem = await problemOf(erase(id));
    expect([problem.code, problem.members]).toEqual(['erasure-too-early', { from: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), years: 5 }]);
    expect((await opened.admin.query(`select count(*)::int as n from history where case_id = $1 and name = 'erase'`, [id])).rows[0].n).toBe(0);
  });
  it('wait for the end and for what is owed', async () => {
    const living = await newCase(opened, 'conservato');
    await give(opened, living, 'presenta');
    expect(await codeOf(erase(living))).toBe('command-not-allowed');
    await give(opened, living, 'chiudiScrivendo');
    await age(living, 6);
    expect((await problemOf(erase(living))).members).toMatchObject({ owed: 1 });
    expect(await codeOf(erase(randomUUID()))).toBe('not-found');
  });
  it('hold against the commit role too', async () => {
    const id = await ended();
    await give(opened, await newCase(opened, 'conservato'), 'presenta');
    const commit = opened.raw('iter_commit'), open = await newCase(opened, 'conservato');
    await expect(commit.query('select iter_erase_case($1)', [open])).rejects.toMatchObject({ code: '55000' });
    for (const statement of [`update case_keys set wrapped = '' where case_id = $1`, `update attachments set content = '' where case_id = $1`, `delete from history where case_id = $1`, `update access_log set reason = null where case_id = $1`, `update cases set erased_at = now() where id = $1`]) {
      await expect(commit.query(statement, [id])).rejects.toMatchObject({ code: '42501' });
    }
    for (const role of ['iter_api', 'iter_worker', 'iter_auditor'] as const) await expect(opened.raw(role).query('select iter_erase_case($1)', [id])).rejects.toMatchObject({ code: '42501' });
    // Not even the owner changes the log of readings otherwise.
    await expect(opened.admin.query('update access_log set reason = null where case_id = $1', [id])).rejects.toMatchObject({ code: '42501' });
  });
});

describe('an erased case', () => {
  let id: string, before: number;
  beforeAll(async () => {
    id = await ended();
    await age(id, 6);
    expect(await rowsWithMarker(id)).toEqual(['access_log', 'case_search', 'cases', 'form_drafts', 'incidents']);
    before = (await opened.admin.query('select seq from cases where id = $1', [id])).rows[0].seq;
  });

  it('is found when its time has come, and erased once per key', async () => {
    const due: string[] = [];
    for await (const outline of casesDue(context, opened.pools.worker)) due.push(outline.id);
    expect(due).toContain(id);
    const answers = await Promise.all([erase(id, 'k1'), erase(id, 'k1'), erase(id, 'k1')]);
    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
    expect(await erase(id, 'k1')).toEqual(answers[0]);
    expect(await codeOf(erase(id, 'k2'))).toBe('case-erased');
    expect(await erasureOf(context, opened.pools.worker, id)).toMatchObject({ retention: { state: 'erased' } });
  });

  it('keeps no word in any table', async () => {
    expect(await rowsWithMarker(id)).toEqual([]);
    const { rows: [row] } = await opened.admin.query('select context, sealed, "row", parties, erased_at is not null as erased from cases where id = $1', [id]);
    expect(row).toEqual({ context: {}, sealed: Buffer.alloc(0), row: {}, parties: { scuola: 'S1', polo: 'P1' }, erased: true });
    expect((await opened.admin.query('select principal from case_access where case_id = $1 order by 1', [id])).rows).toEqual([{ principal: 'P1' }, { principal: 'S1' }]);
  });

  it('keeps a history that verifies, with the erasure and without payloads', async () => {
    const { people, engine } = opened;
    const page = (await engine.readHistory(id, people.segreteria.principals))!;
    expect(page.entries.map(({ payload }) => payload)).toEqual(page.entries.map(() => null));
    expect(page.entries.at(-1)).toMatchObject({ seq: before + 1, kind: 'operator', name: 'erase', actor: admin });
    expect(verifyHistory(page)).toMatchObject({ valid: true, entries: before + 1 });
    const exported = (await engine.exportHistory(id, people.segreteria.principals))!.document;
    expect(verifyExport(exported).filter(({ result }) => result === 'broken')).toEqual([]);
    expect(exported.case).toMatchObject({ contextDigest: null, itemsDigest: null });
    expect(await engine.readHistory(id, people.genitore.principals)).toBeNull();
  });

  it('takes nothing any more, and says why', async () => {
    const { people, engine } = opened;
    expect(await codeOf(give(opened, id, 'scrivi'))).toBe('case-erased');
    expect(await codeOf(engine.readCase(id, people.segreteria.principals))).toBe('case-erased');
    expect(await codeOf(engine.readCaseAsSystem(id))).toBe('case-erased');
    expect(await codeOf(engine.attach({ caseId: id, kind: 'certificato', name: 'x.pdf', mediaType: 'application/pdf', content: Buffer.from('x'), caller: people.segreteria, key: randomUUID() }))).toBe('case-erased');
    expect(await engine.readOutline(id, people.segreteria.principals)).toMatchObject({ state: 'chiusa', erasedAt: expect.any(String) });
    expect(await engine.readOutline(id, people.genitore.principals)).toBeNull();
    await engine.applyDeadlines(id, null).catch(error => { expect(error).toMatchObject({ code: 'case-erased' }); });
  });

  it('is forgotten outside, again and again until it is', async () => {
    const asked: unknown[] = [], files: string[][] = [];
    let away = true;
    const forget = () => forgetErased({
      pool: opened.pools.worker, commitPool: opened.pools.commit, eraseFiles: async ids => { files.push(ids); },
      forgetWorkflow: async which => { if (away) throw new Error('Temporal is away'); asked.push(which); },
    });
    await expect(forget()).rejects.toThrow(/away/);
    away = false;
    expect(await forget()).toBeGreaterThan(0);
    expect(asked).toContainEqual({ process: 'conservato', caseId: id });
    expect(files).toHaveLength(1);
    expect(await forget()).toBe(0);
  });
});
