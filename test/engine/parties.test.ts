/**
 * People who become parties of a running case, or are none any more: seen by lists, tasks, calendars, drafts and offers in the same commit, and by nobody
 * afterwards. The history says it, and folds again.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createMachine } from 'xstate';
import { Type } from 'typebox';
import type { Caller } from '../../engine/engine.ts';
import type { OldCase } from '../../plugins/contract.ts';
import { exportOf, verify } from '../history/exported.ts';
import { anything, defineToy } from '../toys/toy.ts';
import { codeOf, entries, give, makeDue, newCase, openEngine, problemOf, type Opened } from './opened.ts';

const DAL = '2036-03-03T15:00:00.000Z', AL = '2036-03-03T15:10:00.000Z';
/** A pupil's case: one parent is asked for, another may be there, and the school says who they are. */
const definition = {
  process: 'tutela', drafts: ['bozza'], draftSeenBy: ['genitore'],
  machine: createMachine({
    id: 'tutela', initial: 'bozza',
    states: {
      bozza: { on: { apri: 'attesa', cambia: { actions: 'cambia' } } },
      attesa: { after: { scade: { target: 'seguito', actions: 'toglie' } }, on: { cambia: { actions: 'cambia' }, passa: { target: 'seguito', actions: 'cambia' }, firma: { actions: 'segna' } } },
      seguito: { on: { cambia: { actions: 'cambia' }, firma: { actions: 'segna' }, fine: 'fine' } }, fine: { type: 'final' as const },
    },
  }),
  parties: { scuola: { kind: 'organisation' as const, required: true }, genitore: { kind: 'person' as const, required: true }, altroGenitore: { kind: 'person' as const, required: false } },
  roles: { segreteria: 'scuola', genitore: 'genitore', altroGenitore: 'altroGenitore' }, goesBy: { altroGenitore: 'genitore' },
  create: { schema: anything, by: ['segreteria', 'genitore'], context: () => ({}) },
  commands: { apri: { by: ['segreteria', 'genitore'] }, cambia: {}, passa: {}, fine: {}, firma: { by: ['genitore', 'altroGenitore'] } },
  updates: { segna: () => ({}) },
  partyUpdates: { cambia: ({ data }: any) => data, toglie: () => ({ altroGenitore: null }) },
  attachments: { certificato: { by: ['genitore', 'altroGenitore'] } },
  tasks: { firma: { in: ['attesa'], by: ['genitore'], command: 'firma' }, firmaAltro: { in: ['attesa'], by: ['altroGenitore'], command: 'firma' } },
  forms: { modulo: { version: 1, schema: Type.Object({}, { additionalProperties: true }), hints: {}, by: ['genitore', 'altroGenitore'] } },
  deadlines: { scade: { anchor: 'entry' as const, due: () => ({ endOf: '2036-01-31', rule: 'norma' }) } },
  calendar: () => ({ from: DAL, to: AL, status: 'confirmed' as const, summary: { it: 'Incontro', en: 'Meeting' }, organizer: 'scuola', attendees: ['genitore', 'altroGenitore'] }),
  offers: { in: ['attesa'], scope: () => 'tutela', resource: () => 'aula', offer: () => ({}), slots: () => [], terms: () => ({}), bookable: () => () => true },
};
const tutela = defineToy(definition);
const tutela2 = defineToy({ ...definition, version: 2, migrate: ({ value, context }: OldCase) => ({ value, context }) });

let opened: Opened, school: Caller, luigi: Caller, anna: Caller;
beforeAll(async () => {
  opened = await openEngine([tutela]);
  ({ segreteria: school, genitore: luigi, altroGenitore: anna } = opened.people);
});
afterAll(async () => { await opened.close(); });

let id: string;
beforeEach(async () => {
  id = await newCase(opened, 'tutela', {}, { genitore: 'luigi' });
  await give(opened, id, 'apri');
});
const cambia = (chi: Record<string, unknown>, command = 'cambia') => give(opened, id, command, chi as never, school);
const firma = (who: Caller) => codeOf(give(opened, id, 'firma', {}, who));
const attach = (who: Caller) => codeOf(opened.engine.attach({ caseId: id, kind: 'certificato', name: 'c.pdf', mediaType: 'application/pdf', content: Buffer.from('c'), caller: who, key: randomUUID() }));
const rows = async (text: string, ...values: unknown[]) => (await opened.admin.query(text, [id, ...values])).rows;
/** As the reading role sees it, behind the policies. */
async function seen(who: Caller): Promise<Record<string, number>> {
  const client = await opened.pools.read.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('iter.user', $1, true)`, [who.userId]);
    const counts: Record<string, number> = {};
    for (const [table, column] of [['cases', 'id'], ['case_access', 'case_id'], ['history', 'case_id'], ['case_keys', 'case_id'], ['attachments', 'case_id'], ['tasks', 'case_id'], ['form_drafts', 'case_id'], ['calendar_entries', 'case_id']]) counts[table!] = (await client.query(`select count(*)::int as n from ${table} where ${column} = $1`, [id])).rows[0].n;
    await client.query('rollback');
    return counts;
  } finally {
    client.release();
  }
}
async function feedOf(who: Caller): Promise<number> {
  const made = await opened.engine.calendars.openFeed({ id: randomUUID(), userId: who.userId, organisation: null, name: 'f' });
  const feed = await opened.engine.calendars.readFeed(made!.secret);
  return (feed!.write().match(new RegExp(`UID:${id}`, 'g')) ?? []).length;
}
const NOTHING = { cases: 0, case_access: 0, history: 0, case_keys: 0, attachments: 0, tasks: 0, form_drafts: 0, calendar_entries: 0 };

describe('who becomes a party', () => {
  it('sees the case and acts at once, by the profile of the role that hers goes by', async () => {
    expect([await firma(anna), await opened.engine.readCase(id, anna.principals), await attach(anna)]).toEqual(['not-found', null, 'not-found']);
    const { record } = await cambia({ altroGenitore: anna.userId });
    expect(record.state.parties).toEqual({ scuola: 'S1', genitore: luigi.userId, altroGenitore: anna.userId });
    expect([await firma(anna), await attach(anna), await firma(luigi), await firma({ ...anna, role: 'altroGenitore' })]).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect((await opened.engine.readCase(id, anna.principals))!.state.parties['altroGenitore']).toBe(anna.userId);
    expect((await opened.admin.query(`select actor->>'role' as role from history where case_id = $1 and name = 'firma' order by seq`, [id])).rows.map(({ role }) => role)).toEqual(['altroGenitore', 'genitore', 'altroGenitore']);
    expect((await rows(`select name, roles from tasks where case_id = $1 and principal = $2`, anna.userId))).toEqual([{ name: 'firmaAltro', roles: ['altroGenitore', 'genitore'] }]);
    expect([await feedOf(anna), await feedOf(luigi)]).toEqual([1, 1]);
    expect((await rows('select parties, principals from case_offers where case_id = $1'))).toEqual([{ parties: record.state.parties, principals: expect.arrayContaining([anna.userId, luigi.userId, 'S1']) }]);
  });

  it('must be somebody: an unknown or closed account, an organisation and a required party that nobody would be are the plugin’s fault, and change nothing', async () => {
    const closed = randomUUID();
    await opened.admin.query(`insert into users (id, username, name, disabled) values ($1::uuid, $1::text, 'Chiuso', true)`, [closed]);
    for (const wrong of [{ altroGenitore: randomUUID() }, { altroGenitore: closed }, { altroGenitore: 'anna' }, { altroGenitore: 7 }, { genitore: null }, { scuola: anna.userId }, { scuola: 'S2' }, { boh: anna.userId }]) {
      const before = (await rows('select version, parties from cases where id = $1'))[0];
      expect([wrong, (await problemOf(cambia(wrong))).code]).toEqual([wrong, 'internal']);
      expect((await rows('select version, parties from cases where id = $1'))[0]).toEqual(before);
      await opened.admin.query(`update cases set suspended = null where id = $1`, [id]);
    }
    expect(await seen(anna)).toEqual(NOTHING);
  });

  it('of a draft stays as it began', async () => {
    id = await newCase(opened, 'tutela', {}, { genitore: 'luigi' });
    expect((await problemOf(cambia({ altroGenitore: anna.userId }))).code).toBe('internal');
    expect(await seen(anna)).toEqual(NOTHING);
  });
});

describe('who is none any more', () => {
  beforeEach(async () => { await cambia({ altroGenitore: anna.userId }); });

  it('loses the case, its documents, tasks, drafts, calendar and history with that commit; the others keep theirs', async () => {
    await attach(anna);
    await opened.engine.patchDraft({ caseId: id, form: 'modulo', patch: { a: 1 }, caller: anna });
    await opened.engine.patchDraft({ caseId: id, form: 'modulo', patch: { a: 2 }, caller: luigi });
    const key = randomUUID();
    await give(opened, id, 'firma', {}, anna, { key });
    expect(await seen(anna)).toMatchObject({ cases: 1, attachments: 1, tasks: 1, form_drafts: 1 });
    await cambia({ altroGenitore: null });
    expect(await seen(anna)).toEqual(NOTHING);
    expect([await opened.engine.readCase(id, anna.principals), await opened.engine.readHistory(id, anna.principals), await opened.engine.exportHistory(id, anna.principals), await feedOf(anna)]).toEqual([null, null, null, 0]);
    expect([await firma(anna), await attach(anna), await codeOf(opened.engine.patchDraft({ caseId: id, form: 'modulo', patch: { a: 1 }, caller: anna })), await codeOf(opened.engine.readDraft({ caseId: id, form: 'modulo', caller: anna }))]).toEqual(['not-found', 'not-found', 'not-found', 'not-found']);
    // Nor is she told again what she was once answered.
    expect(await codeOf(give(opened, id, 'firma', {}, anna, { key }))).toBe('not-found');
    expect((await rows('select principal from form_drafts where case_id = $1')).map(({ principal }) => principal)).toEqual([luigi.userId]);
    expect(await seen(luigi)).toMatchObject({ cases: 1, attachments: 1, tasks: 1, form_drafts: 1 });
    expect((await rows('select principals from case_offers where case_id = $1'))[0].principals).not.toContain(anna.userId);
    // Back again: as new, without what she had begun.
    await cambia({ altroGenitore: anna.userId });
    expect(await seen(anna)).toMatchObject({ cases: 1, tasks: 1, form_drafts: 0 });
  });

  it('also where the case comes to another state with it, where another takes the place, and where two change places', async () => {
    await cambia({ genitore: anna.userId, altroGenitore: luigi.userId });
    expect([await firma(anna), await firma(luigi)]).toEqual(['ok', 'ok']);
    expect((await rows('select name, principal from tasks where case_id = $1 order by name')).map(({ principal }) => principal)).toEqual([anna.userId, luigi.userId]);
    await cambia({ altroGenitore: null }, 'passa');
    expect(await seen(luigi)).toEqual(NOTHING);
    expect((await rows('select principal, state from case_access where case_id = $1 order by principal'))).toEqual([{ principal: anna.userId, state: 'seguito' }, { principal: 'S1', state: 'seguito' }].sort((one, other) => (one.principal < other.principal ? -1 : 1)));
    await cambia({ genitore: luigi.userId });
    expect([await seen(anna), await firma(luigi), await firma(anna)]).toEqual([NOTHING, 'ok', 'not-found']);
  });

  it('keeps what was written to that person to themselves: it is not the next one’s', async () => {
    await opened.admin.query(`insert into mails (id, message_id, case_id, party, recipient, certified, sealed, size, sha256) values (gen_random_uuid(), gen_random_uuid()::text, $1, 'genitore', 'luigi@example.org', false, '', 0, '')`, [id]);
    await cambia({ genitore: anna.userId, altroGenitore: null });
    expect((await rows('select party from mails where case_id = $1'))).toEqual([{ party: luigi.userId }]);
  });

  it('by a term that ran out is refused what came after it, though nobody had applied it yet', async () => {
    await makeDue(opened, id, '2026-01-01T00:00:00.000Z');
    expect([await opened.engine.readCase(id, anna.principals), (await opened.engine.readCase(id, luigi.principals))?.stateName]).toEqual([null, 'seguito']);
    expect([await firma(anna), await seen(anna)]).toEqual(['not-found', NOTHING]);
    expect((await entries(opened, id)).at(-1)).toMatchObject({ kind: 'deadline', name: 'scade', to_state: 'seguito' });
  });

  it('and began the case, is not given it by the same request again', async () => {
    const begin = { process: 'tutela', data: {}, parties: { scuola: 'S1' }, caller: luigi, key: randomUUID() };
    ({ record: { state: { id } } } = await opened.engine.createCase(begin));
    await give(opened, id, 'apri', {}, luigi);
    expect((await opened.engine.createCase(begin)).repeated).toBe(true);
    await cambia({ genitore: anna.userId });
    expect(await codeOf(opened.engine.createCase(begin))).toBe('not-found');
  });

  it('while a command of theirs waits for the case: it is refused, and leaves no trace', async () => {
    // Somebody holds the row; the school's change waits for it first, then hers, whose look at who may see the case was before it.
    const holder = await opened.admin.connect();
    try {
      await holder.query('begin');
      await holder.query('select from cases where id = $1 for update', [id]);
      const other = opened.another();
      const waiting = async () => Number((await opened.admin.query(`select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%for no key update of c%'`)).rows[0].n);
      const until = async (n: number) => { while (await waiting() < n) await new Promise(resolve => setTimeout(resolve, 5)); };
      const change = cambia({ altroGenitore: null });
      await until(1);
      const late = [codeOf(other.engine.giveCommand({ caseId: id, command: 'firma', data: {}, caller: anna, key: randomUUID() })), codeOf(opened.another().engine.attach({ caseId: id, kind: 'certificato', name: 'c', mediaType: 'm', content: Buffer.from('x'), caller: anna, key: randomUUID() }))];
      await until(3);
      await holder.query('rollback');
      await change;
      expect(await Promise.all(late)).toEqual(['not-found', 'not-found']);
    } finally {
      holder.release();
    }
    expect((await entries(opened, id)).at(-1)).toMatchObject({ kind: 'command', name: 'cambia' });
  });
});

describe('the history', () => {
  it('says who changed it, verifies and folds again, also over a move to another version', async () => {
    await cambia({ altroGenitore: anna.userId });
    await firma(anna);
    await cambia({ genitore: anna.userId, altroGenitore: luigi.userId });
    await cambia({ altroGenitore: null });
    const newer = opened.another({ plugins: [tutela, tutela2] });
    expect(await newer.engine.moveCase({ caseId: id, to: 2, actor: { kind: 'system', id: 'operator:x', role: 'operatore' }, reason: 'r', key: randomUUID(), dryRun: false })).toMatchObject({ result: 'moved' });
    await newer.engine.giveCommand({ caseId: id, command: 'cambia', data: { altroGenitore: luigi.userId }, caller: school, key: randomUUID() });
    const document = await exportOf({ engine: newer.engine, people: opened.people }, id);
    const { code, text } = await verify([document], [tutela, tutela2], '--refold');
    expect([code, text]).toEqual([0, expect.stringMatching(/✓ refold/)]);
    expect(document.case.parties).toEqual({ scuola: 'S1', genitore: anna.userId, altroGenitore: luigi.userId });
    const forged = await verify([{ ...document, case: { ...document.case, parties: { ...document.case.parties, genitore: luigi.userId } } }], [tutela, tutela2], '--refold');
    expect(forged.code).not.toBe(0);
  });
});

describe('the second wall', () => {
  it('lets people come and go, and no organisation', async () => {
    const commit = opened.raw('iter_commit');
    await cambia({ altroGenitore: anna.userId });
    for (const parties of [{ scuola: 'S2', genitore: luigi.userId }, { genitore: luigi.userId }, { scuola: luigi.userId, genitore: luigi.userId }, { scuola: 'S1', genitore: luigi.userId, altroGenitore: 'S2' }]) {
      await expect(commit.query('update cases set parties = $2 where id = $1', [id, JSON.stringify(parties)])).rejects.toThrow(/an organisation stays a party/);
    }
    await expect(commit.query(`delete from case_access where case_id = $1 and principal = 'S1'`, [id])).rejects.toThrow(/an organisation stays a party/);
    for (const role of ['iter_api', 'iter_worker', 'iter_auditor'] as const) await expect(opened.raw(role).query('delete from case_access where case_id = $1', [id])).rejects.toThrow(/permission denied/);
  });
});
