/** A rate or an account changed by one person alone could send a school's money elsewhere: every change takes two. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { richiesta } from '../toys/richiesta.ts';
import { addOperator, startTestApi, type Answer, type TestApi } from './harness.ts';

let api: TestApi;
beforeAll(async () => { api = await startTestApi({ plugins: [richiesta] }); });
afterAll(async () => { await api.stop(); });

const PATH = '/parameters/tettoOre';
const value = (ore: number, more: object = {}) => ({ value: { ore, dal: '2027-09-01' }, from: '2027-09-01', reason: `Tetto di ${ore} ore`, ...more });
const put = (username: string, body: unknown) => api.call(username, PATH, { method: 'PUT', body });
const decide = (username: string, { body: { id } }: Answer, verb: 'approve' | 'reject', body: object = {}, headers = {}) => api.post(username, `/parameters/proposals/${id}/${verb}`, body, headers);
const inForce = async (username = 'polo.puglia') => (await api.get(username, `${PATH}?at=2027-10-01`)).body;
const versions = async () => Number((await api.db.query(`select count(*) from parameters where name = 'tettoOre'`)).rows[0].count);

describe('a proposed value', () => {
  it('changes nothing until another person of the same organisation approves it, and both names stay', async () => {
    const before = await inForce();
    const proposed = await put('polo.puglia', value(31, { to: '2028-08-31' }));
    expect([proposed.status, proposed.headers.get('location')]).toEqual([202, `/api/v1/parameters/proposals/${proposed.body.id}`]);
    expect(proposed.body).toMatchObject({
      name: 'tettoOre', organisation: 'POLOPUGLIA', from: '2027-09-01', to: '2028-08-31', value: { ore: 31 }, reason: 'Tetto di 31 ore', state: 'proposed', proposedBy: { username: 'polo.puglia' }, decidedBy: null,
      inForceNow: { organisation: null, version: before.version, value: { ore: 20.5 } }, warnings: [],
    });
    expect((await inForce()).version).toBe(before.version);

    const approved = await decide('dirigente.polo.puglia', proposed, 'approve', { note: 'Verificato' });
    expect([approved.status, approved.body]).toMatchObject([200, { state: 'approved', decidedBy: { username: 'dirigente.polo.puglia' }, note: 'Verificato' }]);
    expect(await inForce()).toMatchObject({ version: approved.body.parameterVersion, value: { ore: 31 }, organisation: 'POLOPUGLIA', reason: 'Tetto di 31 ore', setBy: await api.userId('polo.puglia') });
    expect((await inForce('segreteria.milano')).value.ore).toBe(20.5);
  });

  it('is decided by nobody who proposed it, in whatever profile, and the table itself refuses', async () => {
    await api.db.query(`with u as (insert into users (id, username, name) values (gen_random_uuid(), 'due.ruoli', 'Due Ruoli') returning id) insert into memberships select id, 'POLOPUGLIA', role from u, unnest(array['operatorePolo','dirigentePolo']) role`);
    const as = (role: string) => ({ 'iter-profile': `POLOPUGLIA/${role}`, 'accept-language': 'it' });
    const proposed = await api.call('due.ruoli', PATH, { method: 'PUT', body: value(32), headers: as('operatorePolo') });
    for (const [verb, role] of [['approve', 'operatorePolo'], ['approve', 'dirigentePolo'], ['reject', 'dirigentePolo']] as const) {
      const refused = await decide('due.ruoli', proposed, verb, { note: 'da solo' }, as(role));
      expect([refused.status, refused.body.code, refused.body.detail]).toEqual([403, 'four-eyes', expect.stringMatching(/decide un’altra persona.*people:import/)]);
    }
    await expect(api.db.query('update parameter_proposals set decided_by = proposed_by, decided_at = now(), approved = true where id = $1', [proposed.body.id])).rejects.toThrow(/check constraint/);
    // An operator of the installation may propose it, and so may decide.
    expect((await decide('admin', proposed, 'reject', { note: 'Non ora' })).body).toMatchObject({ state: 'rejected', note: 'Non ora', parameterVersion: null });
    expect((await inForce()).value.ore).toBe(31);
  });

  it('is decided by no deputy in the name of who proposed it', async () => {
    const proposed = await put('dirigente.polo.puglia', value(38));
    const { rows: [{ today }] } = await api.db.query(`select (clock_timestamp() at time zone 'Europe/Rome')::date::text as today`);
    const { body: { id } } = await api.post('dirigente.polo.puglia', '/absences', { from: today, to: today, deputy: 'polo.puglia', reason: 'Ferie' });
    const asHead = { 'iter-profile': 'POLOPUGLIA/dirigentePolo' };
    for (const verb of ['approve', 'reject'] as const) expect((await decide('polo.puglia', proposed, verb, { note: 'per lui' }, asHead)).body).toMatchObject({ status: 403, code: 'four-eyes' });
    expect((await decide('polo.puglia', proposed, 'reject', { note: 'come operatore' })).status).toBe(200);
    await api.call('dirigente.polo.puglia', `/absences/${id}`, { method: 'DELETE' });
  });

  it('is unknown to other organisations, and forbidden to who may set nothing', async () => {
    const proposed = await put('polo.puglia', value(33));
    for (const username of ['segreteria.bari', 'docente.bari', 'famiglia.rossi', 'usr.puglia', 'assistenza']) {
      expect([username, (await decide(username, proposed, 'approve')).status, (await api.get(username, '/parameters/proposals')).status]).toEqual([username, 403, 403]);
    }
    expect([(await decide('dirigente.bari', proposed, 'approve')).status, (await api.get('dirigente.bari', `/parameters/proposals/${proposed.body.id}`)).status]).toEqual([404, 404]);
    expect((await api.get('dirigente.bari', '/parameters/proposals?state=all')).body.items).toEqual([]);
    expect((await decide('dirigente.polo.puglia', { body: { id: 'x' } } as Answer, 'approve')).status).toBe(404);
    expect((await decide('dirigente.polo.puglia', proposed, 'reject')).body.errors).toMatchObject([{ pointer: '/note' }]);
    await decide('dirigente.polo.puglia', proposed, 'reject', { note: 'prova' });
  });

  it('is decided once, though two approve at once; a repeat by the same person is answered alike', async () => {
    await addOperator(api, 'admin.due');
    const proposed = await put('polo.puglia', value(34)), before = await versions();
    const answers = await Promise.all(['dirigente.polo.puglia', 'admin', 'admin.due'].map(async username => ({ username, ...await decide(username, proposed, 'approve') })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await versions()).toBe(before + 1);
    const winner = answers.find(({ status }) => status === 200)!;
    expect((await decide(winner.username, proposed, 'approve')).body).toEqual(winner.body);
    expect((await decide(winner.username, proposed, 'reject', { note: 'ripensato' })).body).toMatchObject({ status: 409, code: 'conflict', state: 'approved' });
    expect(await versions()).toBe(before + 1);
  });

  it('is one, however often it is sent while it waits', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => put('polo.puglia', value(35))));
    expect(new Set(all.map(({ body }) => body.id)).size).toBe(1);
    // The same by another person is the same proposal, and no approval.
    expect((await put('dirigente.polo.puglia', value(35))).body).toMatchObject({ id: all[0]!.body.id, state: 'proposed', proposedBy: { username: 'polo.puglia' } });
    expect((await put('polo.puglia', value(36))).body.id).not.toBe(all[0]!.body.id);
    expect((await put('polo.puglia', value(35, { to: '2028-08-31' }))).body.id).not.toBe(all[0]!.body.id);
    await decide('dirigente.polo.puglia', all[0]!, 'approve');
    expect((await put('polo.puglia', value(35))).body.id).not.toBe(all[0]!.body.id);
  });

  it('from a day that is past says what that means', async () => {
    const { body } = await api.call('polo.puglia', PATH, { method: 'PUT', body: value(37, { from: '2025-09-01' }), headers: { 'accept-language': 'en' } });
    expect(body.warnings).toMatchObject([{ code: 'retroactive', text: expect.stringMatching(/what is decided stays/) }]);
  });

  it('for all needs two operators, and says so where there is one', async () => {
    await api.db.query(`update users set disabled = true where username = 'admin.due'`);
    const alone = await put('admin', value(24));
    expect(alone.body).toMatchObject({ organisation: null, warnings: [{ code: 'noSecondPerson' }] });
    expect((await decide('admin', alone, 'approve', {}, { 'accept-language': 'en' })).body.detail).toMatch(/a second person with the role admin decides.*people:import/);
    expect((await decide('dirigente.polo.puglia', alone, 'approve')).status).toBe(404);
    await api.db.query(`update users set disabled = false where username = 'admin.due'`);
    expect((await decide('admin.due', alone, 'approve')).status).toBe(200);
    expect((await inForce('segreteria.milano')).value.ore).toBe(24);
  });
});

describe('the list of proposals', () => {
  it('shows what waits, or all, to those who may decide, in pages', async () => {
    const ids = (answer: Answer) => answer.body.items.map(({ id }: any) => id);
    const open = await api.get('dirigente.polo.puglia', '/parameters/proposals');
    expect(open.body.items.every(({ state, organisation }: any) => state === 'proposed' && organisation === 'POLOPUGLIA')).toBe(true);
    const all = ids(await api.get('admin', '/parameters/proposals?state=all'));
    expect(all.length).toBeGreaterThan(open.body.items.length);
    const paged: string[] = [];
    for (let path = '/parameters/proposals?state=all&limit=3', more = true; more;) {
      const answer = await api.get('admin', path);
      paged.push(...ids(answer));
      more = answer.body.next !== null;
      path = `/parameters/proposals?state=all&limit=3&cursor=${encodeURIComponent(answer.body.next)}`;
    }
    expect(paged).toEqual(all);
    expect((await api.get('admin', '/parameters/proposals?state=altro')).status).toBe(400);
  });
});
