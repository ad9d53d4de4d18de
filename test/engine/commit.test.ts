/**
 * One command is one transaction: given once or a hundred times, alone or in a crowd, it happens once, in its order, and its answer stays.
 * Each test here is a rule of engine.md ("One decision", "The commit in SQL"); without the rule a family would be answered twice, or not at all.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { verifyHistory } from '../../engine/history/read.ts';
import type { Problem } from '../../engine/problems.ts';
import { UnknownVersionError } from '../../engine/processes.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { broken, guasto } from '../toys/guasto.ts';
import { yardstick } from '../toys/yardstick.ts';
import { catena } from '../toys/catena.ts';
import { codeOf, entries, give, newCase, openEngine, problemOf, sleep, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([yardstick, guasto, fascicolo, catena]); });
afterAll(async () => { await opened.close(); });
beforeEach(() => { broken.in = null; opened.changes.length = 0; opened.counted.length = 0; });

const chainIsWhole = async (caseId: string) => {
  const page = (await opened.engine.readHistory(caseId, ['S1']))!;
  expect(verifyHistory(page)).toMatchObject({ valid: true, firstBroken: null });
  const rows = await entries(opened, caseId);
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1));
  // Versions grow by one with every accepted entry and never with another.
  const accepted = rows.filter(({ kind }) => ['created', 'command', 'deadline'].includes(kind)).map(({ version }) => version);
  expect(accepted).toEqual(accepted.map((_, i) => i + 1));
  return rows;
};

describe('the same key', () => {
  it('gives the same answer to the same command, and writes once', async () => {
    const id = await newCase(opened, 'yardstick');
    const first = await give(opened, id, 'presenta', {}, opened.people.segreteria, { key: 'a' });
    await give(opened, id, 'integra');
    const again = await give(opened, id, 'presenta', {}, opened.people.segreteria, { key: 'a' });
    expect([first.version, first.repeated, again.version, again.repeated]).toEqual([2, false, 2, true]);
    // The version committed then, the case as it is now.
    expect(again.record.version).toBe(3);
    expect((await chainIsWhole(id)).length).toBe(3);
  });
  it('gives the same refusal, though the command would be accepted by now', async () => {
    const id = await newCase(opened, 'yardstick');
    const refused = await problemOf(give(opened, id, 'integra', {}, opened.people.segreteria, { key: 'b' }));
    await give(opened, id, 'presenta');
    const again = await problemOf(give(opened, id, 'integra', {}, opened.people.segreteria, { key: 'b' }));
    expect(again).toMatchObject({ code: 'command-not-allowed', message: refused.message, members: refused.members });
    expect((await entries(opened, id)).filter(({ kind }) => kind === 'refused')).toHaveLength(1);
  });
  it.each<[string, string, object]>([['another payload', 'presenta', { nota: 'altro' }], ['another command', 'integra', {}]])('is refused for %s', async (_what, command, data) => {
    const id = await newCase(opened, 'yardstick');
    await give(opened, id, 'presenta', {}, opened.people.segreteria, { key: 'a' });
    expect(await codeOf(give(opened, id, command, data as never, opened.people.segreteria, { key: 'a' }))).toBe('idempotency-key-reused');
  });
  it('belongs to its caller and to its case', async () => {
    const [one, two] = [await newCase(opened, 'yardstick'), await newCase(opened, 'yardstick')];
    for (const id of [one, two]) expect((await give(opened, id, 'presenta', {}, opened.people.segreteria, { key: 'k' })).repeated).toBe(false);
    expect((await give(opened, one, 'concedi', {}, opened.people.operatorePolo, { key: 'k' })).repeated).toBe(false);
  });
  it('given thirty-two times at once through two programs makes one entry and one answer', async () => {
    const id = await newCase(opened, 'yardstick');
    const other = opened.another();
    const answers = await Promise.all(Array.from({ length: 32 }, (_, i) => give({ ...opened, engine: i % 2 ? opened.engine : other.engine }, id, 'presenta', {}, opened.people.segreteria, { key: 'once' })));
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([2]));
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await chainIsWhole(id)).toHaveLength(2);
  });
  it.each(['', 'k'.repeat(256), 'a\u0000b'])('must be one that can be stored: %p', async key => {
    const id = await newCase(opened, 'yardstick');
    expect(await codeOf(give(opened, id, 'presenta', {}, opened.people.segreteria, { key }))).toBe('malformed');
  });
});

describe('commands at the same time', () => {
  it('are all committed in some order: the chain is whole and no version is missing or double', async () => {
    const id = await newCase(opened, 'yardstick');
    await give(opened, id, 'presenta');
    const other = opened.another();
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => give({ ...opened, engine: i % 2 ? opened.engine : other.engine }, id, 'integra')));
    expect(answers.map(({ version }) => version).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 3));
    expect(answers.every(({ record, version }) => record.version === version && record.state.context['conteggio'] === version - 1)).toBe(true);
    expect(await chainIsWhole(id)).toHaveLength(62);
  });
  it('of which one ends the case: the others are refused, none is lost', async () => {
    const id = await newCase(opened, 'yardstick');
    await give(opened, id, 'presenta');
    const codes = await Promise.all(Array.from({ length: 20 }, (_, i) => codeOf(give(opened, id, i === 10 ? 'concedi' : 'integra'))));
    const rows = await chainIsWhole(id);
    expect(rows).toHaveLength(22);
    expect(codes.filter(code => code === 'command-not-allowed')).toHaveLength(rows.filter(({ kind }) => kind === 'refused').length);
  });
  it('with the same If-Match: exactly one wins', async () => {
    const id = await newCase(opened, 'yardstick');
    await give(opened, id, 'presenta');
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(give(opened, id, 'integra', {}, opened.people.segreteria, { ifMatch: 2 }))));
    expect(codes.sort()).toEqual(['ok', ...Array(7).fill('version-mismatch')]);
  });
  it('beyond sixty-four in line are told to come back, and those in line are served', async () => {
    const id = await newCase(opened, 'yardstick');
    await give(opened, id, 'presenta');
    const codes = await Promise.all(Array.from({ length: 90 }, () => codeOf(give(opened, id, 'integra'))));
    expect(codes.filter(code => code === 'ok')).toHaveLength(65);
    expect(codes.filter(code => code === 'unavailable')).toHaveLength(25);
    expect((await problemOf(Promise.all(Array.from({ length: 90 }, () => give(opened, id, 'integra'))))).members).toMatchObject({ retryAfter: 1 });
    while (opened.pools.commit.totalCount !== opened.pools.commit.idleCount) await sleep(5);
  });
  it('on other cases go on while one case is locked by somebody else', async () => {
    const [held, free] = [await newCase(opened, 'yardstick'), await newCase(opened, 'yardstick')];
    const client = await opened.admin.connect();
    await client.query('begin');
    await client.query('select 1 from cases where id = $1 for update', [held]);
    const waiting = Array.from({ length: 20 }, () => codeOf(give(opened, held, 'presenta')));
    await give(opened, free, 'presenta');
    await client.query('rollback');
    client.release();
    expect((await Promise.all(waiting)).filter(code => code === 'ok')).toHaveLength(1);
  });
  it('that cannot get the lock in time are told to repeat, and are done by the repeat', async () => {
    const id = await newCase(opened, 'yardstick');
    const client = await opened.admin.connect();
    await client.query('begin');
    await client.query('select 1 from cases where id = $1 for update', [id]);
    const began = performance.now();
    const problem = await problemOf(give(opened, id, 'presenta', {}, opened.people.segreteria, { key: 'late' }));
    expect(problem).toMatchObject({ code: 'unavailable', members: { retryAfter: 2 } });
    // lock_timeout 2 s, tried once and three times again.
    expect(performance.now() - began).toBeGreaterThan(7_000);
    await client.query('rollback');
    client.release();
    expect((await give(opened, id, 'presenta', {}, opened.people.segreteria, { key: 'late' })).repeated).toBe(false);
  }, 30_000);
  it('get through when the lock comes free between two attempts', async () => {
    const id = await newCase(opened, 'yardstick');
    const client = await opened.admin.connect();
    await client.query('begin');
    await client.query('select 1 from cases where id = $1 for update', [id]);
    const given = give(opened, id, 'presenta');
    await sleep(2_600);
    await client.query('rollback');
    client.release();
    expect((await given).version).toBe(2);
  }, 30_000);
});

describe('who may', () => {
  it('is decided under the lock by role and party', async () => {
    const id = await newCase(opened, 'yardstick');
    const { segreteria, operatorePolo, altraScuola, docente } = opened.people;
    expect(await codeOf(give(opened, id, 'presenta', {}, operatorePolo))).toBe('not-found');
    await give(opened, id, 'presenta');
    const cases: [string, typeof segreteria, string][] = [
      ['integra', operatorePolo, 'forbidden'], ['integra', docente, 'forbidden'], ['integra', { ...segreteria, organisation: 'P1' }, 'forbidden'], ['concedi', { ...operatorePolo, organisation: 'S1' }, 'forbidden'],
      ['integra', altraScuola, 'not-found'], ['integra', { ...altraScuola, organisation: 'S1' }, 'not-found'], ['integra', segreteria, 'ok'], ['concedi', operatorePolo, 'ok'],
    ];
    for (const [command, caller, code] of cases) expect([command, caller.role, await codeOf(give(opened, id, command, {}, caller))]).toEqual([command, caller.role, code]);
  });
  it('a person is a party by user id, and a draft is the author’s alone until others can see it', async () => {
    const { genitore, altroGenitore } = opened.people;
    const id = await newCase(opened, 'fascicolo', {}, { polo: 'P1', famiglia: 'luigi' });
    for (const principals of [['P1'], genitore.principals]) expect(await opened.engine.readCase(id, principals)).toBeNull();
    expect(await codeOf(opened.engine.attach({ caseId: id, kind: 'certificato', name: 'x', mediaType: 'y', content: Buffer.from('z'), caller: genitore, key: '1' }))).toBe('not-found');
    await give(opened, id, 'scrivi');
    expect(await opened.engine.readCase(id, ['P1'])).toBeNull();
    expect(await codeOf(give(opened, id, 'ritira', {}, genitore))).toBe('not-found');
    await give(opened, id, 'presenta');
    for (const principals of [['P1'], genitore.principals, ['S1']]) expect((await opened.engine.readCase(id, principals))?.version).toBe(3);
    for (const principals of [altroGenitore.principals.slice(0, 1), ['S2']]) expect(await opened.engine.readCase(id, principals)).toBeNull();
    expect(await codeOf(give(opened, id, 'ritira', {}, altroGenitore))).toBe('not-found');
    expect(await codeOf(give(opened, id, 'ritira', {}, genitore))).toBe('ok');
  });
  it('an unknown case, id or command is not found, and leaves no trace', async () => {
    const id = await newCase(opened, 'yardstick');
    expect(await codeOf(give(opened, randomUUID(), 'presenta'))).toBe('not-found');
    expect(await codeOf(give(opened, 'nessuno', 'presenta'))).toBe('not-found');
    for (const command of ['inventato', 'constructor', '__proto__']) expect(await codeOf(give(opened, id, command))).toBe('not-found');
    expect(await entries(opened, id)).toHaveLength(1);
  });
});

describe('a refused attempt', () => {
  it.each<[string, (id: string) => Promise<unknown>, string]>([
    ['of a wrong role', id => give(opened, id, 'cammina', {}, opened.people.docente), 'forbidden'],
    ['in a wrong state', id => give(opened, id, 'torna'), 'command-not-allowed'],
    ['against a rule', id => give(opened, id, 'cammina', { no: true }), 'invalid'],
    ['against the schema', id => opened.engine.giveCommand({ caseId: id, command: 'cammina', data: { segreto: 'x' }, caller: opened.people.segreteria, key: randomUUID(), invalid: [{ pointer: '/segreto', message: 'no' }] }), 'invalid'],
  ])('%s is an entry of the history, and changes nothing else', async (_what, attempt, code) => {
    const id = await newCase(opened, 'guasto');
    expect(await codeOf(attempt(id))).toBe(code);
    const rows = await chainIsWhole(id);
    expect(rows.at(-1)).toMatchObject({ seq: 2, version: 1, kind: 'refused', from_state: 'fermo', to_state: 'fermo' });
    const payload = (await opened.engine.readHistory(id, ['S1']))!.entries[1]!.payload as any;
    expect(payload.refusal.code).toBe(code);
    if (code === 'invalid') expect(JSON.stringify(payload)).not.toContain('"x"');
    expect((await opened.engine.readCase(id, ['S1']))!.version).toBe(1);
    expect(opened.changes).toHaveLength(1);
  });
  it('carries rule, pointer and figures to the caller', async () => {
    const id = await newCase(opened, 'guasto');
    expect((await problemOf(give(opened, id, 'cammina', { no: true }))).members).toEqual({ refusals: [{ rule: 'regola', pointer: '/no', figures: { no: true } }], errors: [{ pointer: '/no', message: 'regola' }] });
    expect((await problemOf(give(opened, id, 'torna'))).members).toMatchObject({ state: 'fermo', command: 'torna', allowed: expect.arrayContaining(['cammina', 'attendi']) });
  });
  it('is limited per caller and case: the sixty-first of a minute is not written, and others are not hindered', async () => {
    const [id, other] = [await newCase(opened, 'yardstick'), await newCase(opened, 'yardstick')];
    const codes: string[] = [];
    for (let i = 0; i < 62; i += 1) codes.push(await codeOf(give(opened, id, 'integra')));
    expect(codes).toEqual([...Array(60).fill('command-not-allowed'), 'too-many-requests', 'too-many-requests']);
    expect(await entries(opened, id)).toHaveLength(61);
    expect(await codeOf(give(opened, other, 'integra'))).toBe('command-not-allowed');
    expect(await codeOf(give(opened, id, 'presenta'))).toBe('ok');
  });
  it('by a stale If-Match is none: nothing was decided', async () => {
    const id = await newCase(opened, 'yardstick');
    const problem = await problemOf(give(opened, id, 'presenta', {}, opened.people.segreteria, { ifMatch: 7, key: 'm' }));
    expect([problem.code, problem.members]).toEqual(['version-mismatch', { version: 1 }]);
    expect(await entries(opened, id)).toHaveLength(1);
    // The key is still unused.
    expect((await give(opened, id, 'presenta', {}, opened.people.segreteria, { ifMatch: 1, key: 'm' })).version).toBe(2);
  });
});

describe('a plugin that throws', () => {
  it.each(['rule', 'update', 'row', 'search'] as const)('in its %s gives 500 and an incident; the case is unchanged and others are not touched', async where => {
    const [id, other] = [await newCase(opened, 'guasto'), await newCase(opened, 'yardstick')];
    broken.in = where;
    const problem = await problemOf(give(opened, id, 'cammina', {}, opened.people.segreteria, { key: 'k' }));
    expect(problem).toMatchObject({ code: 'internal', status: 500 });
    const { rows: [incident] } = await opened.admin.query('select kind, name, detail, case_id, resolved_at from incidents where id = $1', [problem.members['incident']]);
    expect(incident).toEqual({ kind: 'command', name: 'cammina', detail: expect.stringContaining(`guasto in ${where}`), case_id: id, resolved_at: null });
    expect(await codeOf(give(opened, other, 'presenta'))).toBe('ok');
    expect((await opened.engine.readCase(id, ['S1']))!.version).toBe(1);
    expect(await entries(opened, id)).toHaveLength(1);
    // Hammering on it opens no second incident; mended, the same key is a first attempt.
    expect((await problemOf(give(opened, id, 'cammina'))).members['incident']).toBe(problem.members['incident']);
    broken.in = null;
    expect(await give(opened, id, 'cammina', {}, opened.people.segreteria, { key: 'k' })).toMatchObject({ version: 2, repeated: false });
    await chainIsWhole(id);
  });
  it.each(['arm', 'input', 'bound', 'number'] as const)('in its %s does the same', async where => {
    const id = await newCase(opened, 'guasto');
    broken.in = where;
    const command = { arm: 'attendi', input: 'spedisci', bound: 'invoca', number: 'numera' }[where];
    expect(await codeOf(give(opened, id, command))).toBe('internal');
    broken.in = null;
    expect(await codeOf(give(opened, id, command))).toBe('ok');
    await chainIsWhole(id);
  });
  it('while beginning a case makes none', async () => {
    broken.in = 'context';
    const { rows: [{ count: before }] } = await opened.admin.query('select count(*) from cases');
    expect(await codeOf(newCase(opened, 'guasto'))).toBe('internal');
    expect((await opened.admin.query('select count(*) from cases')).rows[0].count).toBe(before);
  });
  it.each(['nan', 'date', 'bigint', 'map', 'infinity', 'instance', 'hole', 'deep'])('in effect, by a context that JSON cannot hold (%s), is told so', async che => {
    const id = await newCase(opened, 'guasto');
    const problem = await problemOf(give(opened, id, 'sbaglia', { che }));
    expect(problem.code).toBe('internal');
    const { rows: [{ detail }] } = await opened.admin.query('select detail from incidents where id = $1', [problem.members['incident']]);
    expect(detail).toContain('context/passi');
    expect((await opened.engine.readCase(id, ['S1']))!.state.context).toEqual({ passi: 0 });
  });
  it('or outgrows 64 KiB is told so in words, and not by a check constraint', async () => {
    const id = await newCase(opened, 'guasto');
    expect(await codeOf(give(opened, id, 'pesa', { byte: 65_000 }))).toBe('ok');
    const problem = await problemOf(give(opened, id, 'pesa', { byte: 66_000 }));
    expect(problem.code).toBe('internal');
    expect((await opened.admin.query('select detail from incidents where id = $1', [problem.members['incident']])).rows[0].detail).toMatch(/64 KiB.*items/);
    const sealed = await newCase(opened, 'fascicolo');
    expect(await codeOf(give(opened, sealed, 'scrivi', { diagnosi: 'x'.repeat(60_000) }))).toBe('ok');
    expect(await codeOf(give(opened, sealed, 'scrivi', { diagnosi: 'x'.repeat(70_000) }))).toBe('internal');
  });
});

describe('what is read after a commit', () => {
  it('is the answer itself', async () => {
    const id = await newCase(opened, 'fascicolo', { alunno: 'Ada' }, { polo: 'P1' });
    const { record } = await give(opened, id, 'presenta', { diagnosi: 'influenza' });
    const read = (await opened.engine.readCase(id, ['P1']))!;
    for (const field of ['version', 'state', 'stateName', 'row', 'draft', 'suspended', 'lastAt', 'agenda', 'items', 'attachments'] as const) expect([field, read[field]]).toEqual([field, record[field]]);
    expect(record.agenda.map(({ name, mode, state }) => `${name} ${mode} ${state}`).sort()).toEqual(['lettera owed due', 'risposta bound due']);
  });
  it('is told after COMMIT, once per accepted command and never for a refusal', async () => {
    const id = await newCase(opened, 'fascicolo');
    await give(opened, id, 'presenta');
    await codeOf(give(opened, id, 'cancella', { key: '1' }));
    await give(opened, id, 'scrivi');
    expect(opened.changes.map(({ state, draft, stateChanged, agendaChanged, urgent, done }) => ({ state, draft, stateChanged, agendaChanged, urgent, done }))).toEqual([
      { state: 'bozza', draft: true, stateChanged: true, agendaChanged: false, urgent: false, done: false },
      { state: 'inAttesa', draft: false, stateChanged: true, agendaChanged: true, urgent: true, done: false },
      { state: 'inAttesa', draft: false, stateChanged: false, agendaChanged: false, urgent: false, done: false },
    ]);
  });
  it('is one moment’s: row and agenda of one version, however fast commands come', async () => {
    const id = await newCase(opened, 'fascicolo');
    await give(opened, id, 'presenta');
    let going = true;
    const writing = (async () => { while (going) await give(opened, id, 'sollecita').catch(() => {}); })();
    for (let i = 0; i < 60; i += 1) {
      const read = (await opened.engine.readCase(id, ['S1']))!;
      // presenta owes the first letter, each sollecita one more.
      expect(read.agenda.filter(({ name }) => name === 'lettera')).toHaveLength(read.version - 1);
    }
    going = false;
    await writing;
  });
  it('never goes back in time, though the clock does', async () => {
    const id = await newCase(opened, 'yardstick');
    await give(opened, id, 'presenta');
    const future = '2031-05-05T05:05:05.005Z';
    await opened.admin.query('update cases set last_at = $2, next_due = null where id = $1', [id, future]);
    const { record } = await give(opened, id, 'integra');
    expect(record.lastAt).toBe(future);
    await codeOf(give(opened, id, 'presenta'));
    expect((await entries(opened, id)).slice(-2).map(({ at }) => at.toISOString())).toEqual([future, future]);
    await chainIsWhole(id);
  });
});

describe('a case of another version of its process', () => {
  const second = { ...yardstick, version: 2 };
  it('keeps the version that it began with, and takes another only when it is moved: the lock notices', async () => {
    const id = await newCase(opened, 'yardstick');
    const both = opened.another({ plugins: [yardstick, second] });
    await give({ ...opened, engine: both.engine }, id, 'presenta');
    expect((await both.engine.readCase(id, ['S1']))!.process.plugin.version).toBe(1);
    await opened.admin.query('update cases set process_version = 2 where id = $1', [id]);
    expect((await give({ ...opened, engine: both.engine }, id, 'integra')).record.process.plugin.version).toBe(2);
    await opened.admin.query('update cases set process_version = 1 where id = $1', [id]);
    expect((await both.engine.readCase(id, ['S1']))!.process.plugin.version).toBe(1);
    expect((await both.engine.createCase({ process: 'yardstick', data: {}, parties: { polo: 'P1' }, caller: opened.people.segreteria, key: randomUUID() })).record.process.plugin.version).toBe(2);
  });
  it('that this program does not know is left alone, and the next program may know it', async () => {
    const id = await newCase(opened, 'yardstick');
    await give(opened, id, 'presenta');
    await opened.admin.query('update cases set process_version = 2 where id = $1', [id]);
    for (const work of [give(opened, id, 'integra'), opened.engine.applyDeadlines(id, null), opened.engine.readCase(id, ['S1'])]) await expect(work).rejects.toThrow(UnknownVersionError);
    expect((await opened.admin.query('select count(*)::int as n from incidents where case_id = $1', [id])).rows[0].n).toBe(0);
    expect((await give({ ...opened, engine: opened.another({ plugins: [yardstick, second] }).engine }, id, 'integra')).version).toBe(3);
  });
});

describe('the payload', () => {
  it.each<[string, object, string]>([['a NUL', { nota: 'a\u0000b' }, '/data/nota'], ['half a surrogate pair', { nota: '\ud83d' }, '/data/nota'], ['a NUL in a key', { 'a\u0000': 1 }, '/data'], ['the place of a name, as documents have it', { nota: '\ue000person:x\ue001' }, '/data/nota']])('with %s is refused before anything is locked: neither jsonb nor a digest could take it', async (_what, data, pointer) => {
    const id = await newCase(opened, 'guasto');
    expect((await problemOf(give(opened, id, 'cammina', data as never))).members).toMatchObject({ errors: [{ pointer }] });
    expect(await codeOf(newCase(opened, 'guasto', data as never))).toBe('malformed');
    expect(await entries(opened, id)).toHaveLength(1);
  });
  it('may hold any other text', async () => {
    const id = await newCase(opened, 'fascicolo');
    const diagnosi = '😀 \u2028 \u0007 "\\ ﷽ \uf8ff \u007f';
    await give(opened, id, 'scrivi', { diagnosi });
    expect((await opened.engine.readCase(id, ['S1']))!.state.context['diagnosi']).toBe(diagnosi);
    await chainIsWhole(id);
  });
});

/** Refusals that the API turns into documents must stay plain data. */
it('problems carry members that JSON can hold', async () => {
  const id = await newCase(opened, 'guasto');
  const problems: Problem[] = [];
  for (const attempt of [give(opened, id, 'torna'), give(opened, id, 'cammina', { no: 1 }), give(opened, id, 'cammina', {}, opened.people.docente)]) problems.push(await problemOf(attempt));
  for (const { members } of problems) expect(JSON.parse(JSON.stringify(members))).toEqual(members);
});
