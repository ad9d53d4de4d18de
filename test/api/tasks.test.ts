/** What waits for whom: each role sees its own, with the date by which it is due, until it is done. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays, romeDate } from '../../plugins/calendar.ts';
import { attesa } from '../toys/attesa.ts';
import { richiesta } from '../toys/richiesta.ts';
import { POLO, startTestApi, type TestApi } from './harness.ts';

let api: TestApi;
beforeAll(async () => { api = await startTestApi({ plugins: [attesa, richiesta] }); });
afterAll(async () => { await api.stop(); });

const today = () => romeDate(new Date().toISOString());

async function draft(data: object = {}, by = 'segreteria.bari'): Promise<string> {
  const { status, body, text } = await api.post(by, '/processes/attesa/cases', { data, parties: { polo: POLO, famiglia: 'famiglia.rossi' } });
  if (status !== 201) throw new Error(text);
  return body.id;
}
async function give(username: string, id: string, command: string, data: object = {}): Promise<void> {
  const { status, text } = await api.post(username, `/cases/${id}/commands/${command}`, data);
  if (status !== 200) throw new Error(text);
}
async function submitted(data: object = {}): Promise<string> {
  const id = await draft(data);
  await give('segreteria.bari', id, 'presenta');
  return id;
}
async function tasks(username: string, query = '', headers = {}): Promise<any[]> {
  const items: any[] = [];
  for (let cursor = ''; ;) {
    const { status, body } = await api.get(username, `/tasks?${query}${cursor}`, headers);
    if (status !== 200) throw new Error(JSON.stringify(body));
    items.push(...body.items);
    if (body.next === null) return items;
    cursor = `&cursor=${body.next}`;
  }
}
const of = async (username: string, id: string) => (await tasks(username, 'limit=200')).filter(task => task.case.id === id);
const names = async (username: string, id: string) => (await of(username, id)).map(({ name }) => name).sort();

describe('a task', () => {
  it('is told with its case, in the language of the request, without what the role may not see', async () => {
    const id = await submitted({ oggetto: 'Consenso', firmaEntro: '2099-05-31' });
    const [task] = await of('famiglia.rossi', id);
    expect(task).toEqual({
      case: { id, process: 'attesa', processLabel: 'Attesa', number: null, state: 'inEsame', stateLabel: 'In esame', row: { oggetto: 'Consenso' } },
      name: 'consentire', label: 'Consenso da dare', roles: ['genitore'], command: 'consenti', commandLabel: 'Consenti', since: expect.stringMatching(/^\d{4}-.*Z$/),
      due: '2099-05-31', dueAt: '2099-05-31T22:00:00.000Z', overdue: false,
    });
    const [english] = (await tasks('famiglia.rossi', 'limit=200', { 'accept-language': 'en' })).filter(({ case: { id: caseId } }) => caseId === id);
    expect(english).toMatchObject({ label: 'Consent to give', case: { processLabel: 'Waiting', stateLabel: 'Under review' } });
    expect((await of('dirigente.bari', id))[0].case.row).toEqual({ oggetto: 'Consenso', note: 0 });
    // The pupil's name is sealed: no list knows it.
    expect(JSON.stringify(await tasks('dirigente.bari', 'limit=200'))).not.toContain('Luca');
  });

  it.each([['segreteria.bari', []], ['dirigente.bari', ['firmare']], ['polo.puglia', ['rispondere']], ['famiglia.rossi', ['consentire']], ['famiglia.bianchi', []], ['segreteria.milano', []], ['docente.bari', []], ['usr.puglia', []], ['admin', []]])('waits for its roles alone: %s sees %j', async (username, expected) => {
    expect(await names(username, await submitted({ firmaEntro: '2099-01-01' }))).toEqual(expected);
  });

  it('of a draft is its author’s alone', async () => {
    const id = await draft();
    expect([await names('segreteria.bari', id), await names('dirigente.bari', id), await names('polo.puglia', id)]).toEqual([['presentare'], ['presentare'], []]);
  });

  it('goes when it is done, whoever does it, and with the case', async () => {
    const id = await submitted({ firmaEntro: '2099-01-01' });
    await give('segreteria.bari', id, 'annota');
    expect([await names('dirigente.bari', id), await names('famiglia.rossi', id), await names('polo.puglia', id)]).toEqual([[], [], ['rispondere']]);
    await give('polo.puglia', id, 'rispondi');
    expect(await names('polo.puglia', id)).toEqual([]);
  });

  it('keeps since when it waits though the case goes on and its term is another', async () => {
    const id = await submitted({ termine: '2099-03-01' });
    const [before] = await of('polo.puglia', id);
    await give('segreteria.bari', id, 'annota');
    await give('dirigente.bari', id, 'proroga', { termine: '2099-04-01' });
    const [after] = await of('polo.puglia', id);
    expect([before.due, after.due, after.since]).toEqual(['2099-03-01', '2099-04-01', before.since]);
  });

  it('that ended and comes back begins to wait anew', async () => {
    const id = await submitted({ firmaEntro: '2099-01-01' });
    const [before] = await of('dirigente.bari', id);
    await give('segreteria.bari', id, 'annota');
    await give('dirigente.bari', id, 'proroga', { note: 0 });
    expect(Date.parse((await of('dirigente.bari', id))[0].since)).toBeGreaterThan(Date.parse(before.since));
  });
});

describe('the due date', () => {
  // Midnights in Europe/Rome: the 25 October of 2099 has 25 hours, the 29 March 23.
  it.each([
    [{ termine: '2099-10-24' }, '2099-10-24', '2099-10-24T22:00:00.000Z'], [{ termine: '2099-10-25' }, '2099-10-25', '2099-10-25T23:00:00.000Z'],
    [{ termine: '2099-03-28' }, '2099-03-28', '2099-03-28T23:00:00.000Z'], [{ termine: '2099-03-29' }, '2099-03-29', '2099-03-29T22:00:00.000Z'],
    [{ allOra: '2099-06-30T22:30:00.000Z' }, '2099-07-01', '2099-06-30T22:30:00.000Z'], [{ allOra: '2099-12-31T22:59:59.000Z' }, '2099-12-31', '2099-12-31T22:59:59.000Z'],
    [{}, null, null],
  ])('of the open deadline %j is the local day %s', async (data, due, dueAt) => {
    expect((await of('polo.puglia', await submitted(data)))[0]).toMatchObject({ due, dueAt, overdue: false });
  });

  it.each([
    ['2099-10-25', '2099-10-25T23:00:00.000Z', false], ['2099-03-29', '2099-03-29T22:00:00.000Z', false],
    // Days of 25 and 23 hours that are over.
    ['2025-10-26', '2025-10-26T23:00:00.000Z', true], ['2026-03-29', '2026-03-29T22:00:00.000Z', true],
  ])('that the case remembers, %s, lasts until its midnight', async (firmaEntro, dueAt, overdue) => {
    expect((await of('dirigente.bari', await submitted({ firmaEntro })))[0]).toMatchObject({ due: firmaEntro, dueAt, overdue });
  });

  it('of today is not over today', async () => {
    const day = today();
    const [of1, of2] = [await submitted({ firmaEntro: addDays(day, -1) }), await submitted({ firmaEntro: addDays(day, 1) })];
    expect([(await of('dirigente.bari', of1))[0].overdue, (await of('dirigente.bari', of2))[0].overdue]).toEqual([true, false]);
  });

  it('goes with its deadline', async () => {
    const id = await submitted({ termine: addDays(today(), -1) });
    expect((await of('polo.puglia', id))[0]).toMatchObject({ due: addDays(today(), -1), overdue: true, case: { state: 'inEsame' } });
    await api.composed.api.engine.applyDeadlines(id, null);
    // What waits after the term has no date any more.
    expect((await of('polo.puglia', id))[0]).toMatchObject({ due: null, dueAt: null, overdue: false, case: { state: 'scaduta' } });
  });
});

describe('the list', () => {
  const mine: string[] = [];
  const dates = ['2099-02-02', null, '2099-02-01', '2020-01-01', null, '2099-02-02', '2019-01-01'];
  // Of a head of its own: nobody else's tasks are in the way.
  beforeAll(async () => {
    await api.db.query(`insert into organisations (code, name, kind) values ('SCUOLA2', 'Seconda scuola', 'scuola')`);
    await api.db.query(`insert into users (id, username, name) values (gen_random_uuid(), 'segreteria.due', 'S'), (gen_random_uuid(), 'dirigente.due', 'D')`);
    await api.db.query(`insert into memberships (user_id, organisation, role) select id, 'SCUOLA2', split_part(username, '.', 1) from users where username like '%.due'`);
    for (const [i, firmaEntro] of dates.entries()) {
      const id = await draft({ firmaEntro: firmaEntro ?? '2099-12-31', oggetto: `Numero ${i} ${i % 2 ? 'dispari' : 'tonda'}` }, 'segreteria.due');
      await give('segreteria.due', id, 'presenta');
      if (firmaEntro === null) await api.db.query(`update tasks set due = null where case_id = $1 and name = 'firmare'`, [id]);
      mine.push(id);
    }
  });
  const places = (items: any[]) => items.map(task => mine.indexOf(task.case.id));

  it('is oldest first, or by due date with the undated last, in pages that miss and repeat nothing', async () => {
    for (const limit of [1, 2, 3, 200]) {
      expect(places(await tasks('dirigente.due', `limit=${limit}`))).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(places(await tasks('dirigente.due', `limit=${limit}&sort=due`))).toEqual([6, 3, 2, 0, 5, 1, 4]);
    }
  });

  it('is narrowed by process, command, words and what is overdue', async () => {
    expect(places(await tasks('dirigente.due', 'overdue=true'))).toEqual([3, 6]);
    expect(places(await tasks('dirigente.due', 'overdue=false&limit=2'))).toEqual([0, 1, 2, 4, 5]);
    expect(places(await tasks('dirigente.due', 'overdue=true&sort=due&limit=1'))).toEqual([6, 3]);
    expect(places(await tasks('dirigente.due', 'q=dispari&limit=2'))).toEqual([1, 3, 5]);
    expect(places(await tasks('dirigente.due', 'q=numero%20tonda&process=attesa'))).toEqual([0, 2, 4, 6]);
    expect(await tasks('dirigente.due', 'process=richiesta')).toEqual([]);
    expect(await tasks('dirigente.due', 'command=presenta')).toEqual([]);
    expect((await tasks('polo.puglia', 'command=rispondi&limit=200')).length).toBeGreaterThanOrEqual(7);
    expect(await tasks('segreteria.milano', 'q=numero')).toEqual([]);
  });

  it('is counted, in all, by process and by task', async () => {
    await api.db.query(`update tasks set due = (clock_timestamp() at time zone 'Europe/Rome')::date + 7 where case_id = $1 and name = 'firmare'`, [mine[0]]);
    await api.db.query(`update tasks set due = (clock_timestamp() at time zone 'Europe/Rome')::date + 8 where case_id = $1 and name = 'firmare'`, [mine[2]]);
    const counts = { total: 7, overdue: 2, dueThisWeek: 1 };
    expect((await api.get('dirigente.due', '/tasks/counts')).body).toEqual({
      ...counts, byProcess: [{ process: 'attesa', label: 'Attesa', ...counts }], byName: [{ process: 'attesa', name: 'firmare', label: 'Firma da apporre', ...counts }],
    });
    expect((await api.get('famiglia.bianchi', '/tasks/counts')).body).toEqual({ total: 0, overdue: 0, dueThisWeek: 0, byProcess: [], byName: [] });
  });

  it('counts what the engine asks for together, whatever it is about', async () => {
    for (const [i, caseId] of [[1, mine[0]], [2, mine[1]]] as const) {
      await api.db.query(`insert into tasks (case_id, name, principal, origin, roles, since) values ($1, $2, 'SCUOLA2', 'engine', '{segreteria}', now())`, [caseId, `consegnaMancante/${i}`]);
    }
    expect((await api.get('segreteria.due', '/tasks/counts')).body).toMatchObject({ total: 2, byName: [{ process: 'attesa', name: 'consegnaMancante', total: 2 }] });
    expect((await tasks('segreteria.due')).map(({ name, label }) => [name, label])).toEqual([1, 2].map(i => [`consegnaMancante/${i}`, expect.stringMatching(/^[A-Z]/)]));
    await api.db.query(`delete from tasks where origin = 'engine'`);
  });

  it('refuses a cursor of another list, and what it does not know', async () => {
    const { next } = (await api.get('dirigente.due', '/tasks?limit=1')).body;
    for (const path of [`/tasks?limit=1&sort=due&cursor=${next}`, `/tasks?limit=1&overdue=true&cursor=${next}`, '/tasks?sort=name', '/tasks?overdue=maybe', '/tasks?limit=0']) expect([path, (await api.get('dirigente.due', path)).status]).toEqual([path, 400]);
    expect((await api.get('polo.puglia', `/tasks?limit=1&cursor=${next}`)).status).toBe(400);
    expect((await api.get(null, '/tasks')).status).toBe(401);
  });

  it('walks ten thousand tasks of one polo by their index, however many pages before', async () => {
    await api.db.query(`insert into organisations (code, name, kind) values ('POLOGRANDE', 'Polo grande', 'polo')`);
    await api.db.query(`insert into users (id, username, name) values (gen_random_uuid(), 'polo.grande', 'G')`);
    await api.db.query(`insert into memberships (user_id, organisation, role) select id, 'POLOGRANDE', 'operatorePolo' from users where username = 'polo.grande'`);
    const { rows: [{ id: like }] } = await api.db.query('select case_id as id from tasks limit 1');
    await api.db.query(`insert into cases (id, process, process_version, number, state, value, context, sealed, "row", parties, version, seq, head, draft, created_at, created_by, last_at)
      select md5('grande' || n)::uuid, process, 1, 'N' || n, 'inEsame', '"inEsame"', context, '', "row", '{"polo": "POLOGRANDE"}', 1, 1, head, false, now(), created_by, now() from cases, generate_series(1, 10000) n where id = $1`, [like]);
    await api.db.query(`insert into case_access (principal, case_id, process, state, created_at) select 'POLOGRANDE', md5('grande' || n)::uuid, 'attesa', 'inEsame', now() from generate_series(1, 10000) n`);
    await api.db.query(`insert into agenda (id, case_id, kind, name, node, generation, due_at) select gen_random_uuid(), md5('grande' || n)::uuid, 'deadline', 'termine', 'x', 1, now() + n * interval '1 minute' from generate_series(1, 10000) n`);
    // A thousand at a time began to wait at the same instant.
    await api.db.query(`insert into tasks (case_id, name, principal, origin, roles, command, deadline, since) select md5('grande' || n)::uuid, 'rispondere', 'POLOGRANDE', 'process', '{operatorePolo}', 'rispondi', 'termine', timestamptz '2026-01-01' + (n / 1000) * interval '1 day' from generate_series(1, 10000) n`);
    await api.db.query('analyze tasks, case_access, cases, agenda');
    const seen = (await tasks('polo.grande', 'limit=200')).map(task => task.case.id);
    expect([seen.length, new Set(seen).size]).toEqual([10_000, 10_000]);
    expect((await api.get('polo.grande', '/tasks/counts')).body).toMatchObject({ total: 10_000, overdue: 0 });
    const first = (await api.get('polo.grande', '/tasks?sort=due&limit=3')).body.items.map((task: any) => task.case.number);
    expect(first).toEqual(['N1', 'N2', 'N3']);
  });

  it('is not passed by the functions that read it: they answer only for the caller’s principals', async () => {
    const ask = async (organisation: string, principal: string | null) => {
      const client = await api.composed.api.pools.read.connect();
      await client.query('begin');
      await client.query(`select set_config('iter.org', $1, true), set_config('iter.user', '', true)`, [organisation]);
      const listed = await client.query(`select * from iter_tasks($1, 'operatorePolo', null, null, null, '{}', false, null, null, null, null, 100)`, [principal]);
      const counted = await client.query(`select * from iter_count_tasks($1, 'operatorePolo')`, [principal]);
      await client.query('rollback');
      client.release();
      return [listed.rowCount! > 0, counted.rowCount! > 0];
    };
    expect(await ask(POLO, POLO)).toEqual([true, true]);
    for (const [organisation, principal] of [['BAIC818001', POLO], ['', POLO], ['', null], [POLO, null]] as const) expect(await ask(organisation, principal)).toEqual([false, false]);
    const refused = async (text: string) => await api.composed.api.pools.worker.query(text).then(() => 'done', error => error.message);
    for (const text of ['select * from memberships', 'select * from deputy_memberships', `select * from iter_count_tasks('x', 'y')`, 'insert into absences default values', 'update users set digest = false']) expect([text, await refused(text)]).toEqual([text, expect.stringMatching(/permission denied/)]);
  });
});
