/** Absences: the deputy has the absent person's roles from the first local day to the last, not a request longer, and the history says for whom. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { parseExport } from '../../engine/history/parseExport.ts';
import { attesa } from '../toys/attesa.ts';
import { guasto } from '../toys/guasto.ts';
import { BARI, MILANO, POLO, startTestApi, type TestApi } from './harness.ts';

let api: TestApi, today: string;
const ids: Record<string, string> = {};
beforeAll(async () => {
  api = await startTestApi({ plugins: [attesa, guasto] });
  for (const username of ['segreteria.bari', 'dirigente.bari', 'docente.bari', 'dsga.bari', 'polo.puglia', 'dirigente.polo.puglia', 'segreteria.milano', 'famiglia.rossi', 'admin', 'assistenza']) ids[username] = await api.userId(username);
});
afterAll(async () => { await api.stop(); });
beforeEach(async () => {
  await api.db.query('delete from absences');
  today = (await api.db.query(`select (clock_timestamp() at time zone 'Europe/Rome')::date::text as today`)).rows[0].today;
});

const day = (offset: number) => new Date(Date.parse(`${today}T00:00:00Z`) + offset * 86_400_000).toISOString().slice(0, 10);
const HEAD = `${BARI}/dirigente`;
const asHead = { 'iter-profile': HEAD };
const absence = (more: object = {}) => ({ from: day(0), to: day(3), deputy: 'docente.bari', reason: 'Ferie', ...more });
const withdraw = (username: string, id: string, headers = {}) => api.call(username, `/absences/${id}`, { method: 'DELETE', headers });

/** As somebody who may would have recorded it on another day. */
async function stored(user: string, deputy: string, from: number, to: number, organisation = BARI): Promise<string> {
  const id = randomUUID();
  await api.db.query('insert into absences (id, user_id, deputy, organisation, from_day, to_day, reason, set_by) values ($1, $2, $3, $4, $5, $6, $7, $8)', [id, ids[user], ids[deputy], organisation, day(from), day(to), 'Ferie', ids[user]]);
  return id;
}
async function submitted(): Promise<string> {
  const { body: { id } } = await api.post('segreteria.bari', '/processes/attesa/cases', { data: { firmaEntro: '2099-01-01' }, parties: { polo: POLO } });
  await api.post('segreteria.bari', `/cases/${id}/commands/presenta`);
  return id;
}

describe('an absence', () => {
  it('is recorded by the person, with the deputy, once for one key', async () => {
    const key = randomUUID();
    const answer = await api.post('dirigente.bari', '/absences', absence(), { 'idempotency-key': key });
    expect([answer.status, answer.body]).toEqual([201, {
      id: expect.any(String), user: { id: ids['dirigente.bari'], username: 'dirigente.bari', name: 'Paolo De Santis' }, deputy: { id: ids['docente.bari'], username: 'docente.bari', name: 'Marco Colella' },
      organisation: BARI, from: day(0), to: day(3), reason: 'Ferie', setBy: ids['dirigente.bari'], setAt: expect.any(String), withdrawnAt: null, withdrawnBy: null, current: true, over: false, warnings: [],
    }]);
    expect((await api.post('dirigente.bari', '/absences', absence(), { 'idempotency-key': key })).body.id).toBe(answer.body.id);
    const other = await api.post('dirigente.bari', '/absences', absence({ reason: 'Altro' }), { 'idempotency-key': key });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
  });

  it.each([
    ['dirigente.bari', 'docente.bari', BARI, 201], ['dirigente.polo.puglia', 'polo.puglia', POLO, 201], ['admin', 'assistenza', 'ITER', 201],
    ['segreteria.bari', 'docente.bari', BARI, 403], ['dsga.bari', 'docente.bari', BARI, 403], ['polo.puglia', 'dirigente.polo.puglia', POLO, 403], ['dirigente.bari', 'polo.puglia', POLO, 403], ['admin', 'docente.bari', BARI, 403], ['famiglia.rossi', 'docente.bari', BARI, 403],
  ])('of somebody else may be recorded by who directs: %s for %s at %s → %i', async (username, user, organisation, status) => {
    const deputy = { [BARI]: 'segreteria.bari', [POLO]: 'dirigente.polo.puglia', ITER: 'admin' }[organisation];
    expect((await api.post(username, '/absences', absence({ user, deputy, organisation }))).status).toBe(status);
  });

  it.each([
    [{ deputy: 'segreteria.milano' }, '/deputy'], [{ deputy: 'nessuno' }, '/deputy'], [{ deputy: 'dirigente.bari' }, '/deputy'], [{ deputy: 'famiglia.rossi' }, '/deputy'], [{ organisation: MILANO }, '/organisation'],
    [{ user: 'segreteria.milano' }, '/user'], [{ from: '2026-02-30' }, '/from'], [{ reason: '' }, '/reason'], [{ altro: 1 }, '/altro'],
  ])('is refused where %j is wrong, with the field %s', async (wrong, pointer) => {
    const { status, body } = await api.post('dirigente.bari', '/absences', absence(wrong));
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'invalid', pointer]);
  });

  it('must not be over, backwards or longer than a year', async () => {
    for (const wrong of [{ from: day(-3), to: day(-1) }, { from: day(3), to: day(2) }, { to: day(366) }]) expect((await api.post('dirigente.bari', '/absences', absence(wrong))).body.errors).toMatchObject([{ pointer: '/to' }]);
    expect((await api.post('dirigente.bari', '/absences', absence({ from: day(-3), to: day(0) }))).status).toBe(201);
    expect((await api.post('dirigente.bari', '/absences', absence({ from: day(1), to: day(366) }))).status).toBe(201);
  });

  it('does not overlap another of the same person there, also when both come at once', async () => {
    const answers = await Promise.all([absence({ to: day(5) }), absence({ from: day(5), to: day(9) }), absence({ from: day(2), to: day(20) })].map(body => api.post('dirigente.bari', '/absences', body)));
    expect(answers.map(({ status }) => status).filter(status => status === 201)).toHaveLength(1);
    expect(answers.find(({ status }) => status === 409)!.body).toMatchObject({ code: 'conflict', absence: expect.any(String), from: expect.any(String) });
    // Somebody else's, or one that was withdrawn, is in nobody's way.
    expect((await api.post('segreteria.bari', '/absences', absence())).status).toBe(201);
    await withdraw('dirigente.bari', answers.find(({ status }) => status === 201)!.body.id);
    expect((await api.post('dirigente.bari', '/absences', absence())).status).toBe(201);
  });

  it('warns when the deputy is away too, or the absent person is a deputy', async () => {
    const away = await stored('docente.bari', 'segreteria.bari', 2, 4), deputy = await stored('dsga.bari', 'dirigente.bari', 3, 3);
    const { status, body } = await api.post('dirigente.bari', '/absences', absence(), { 'accept-language': 'en' });
    expect([status, body.warnings]).toEqual([201, [
      { code: 'deputyAbsent', text: 'The deputy is absent too on some of these days.', absence: away, from: day(2), to: day(4) },
      { code: 'isDeputy', text: 'On some of these days the absent person is a deputy for somebody else.', absence: deputy, from: day(3), to: day(3) },
    ]]);
  });

  it('is seen by who is away, who stands in and who directs; the reason not by the deputy', async () => {
    const id = await stored('segreteria.bari', 'docente.bari', 0, 1);
    await stored('segreteria.bari', 'docente.bari', -9, -8);
    const seen = async (username: string, query = '') => (await api.get(username, `/absences${query}`)).body.items.map((item: any) => [item.id === id, item.reason]);
    expect([await seen('segreteria.bari'), await seen('docente.bari'), await seen('dirigente.bari')]).toEqual([[[true, 'Ferie']], [[true, null]], [[true, 'Ferie']]]);
    for (const username of ['dsga.bari', 'polo.puglia', 'segreteria.milano', 'famiglia.rossi', 'admin']) expect([username, await seen(username)]).toEqual([username, []]);
    expect(await seen('dirigente.bari', '?state=all')).toEqual([[false, 'Ferie'], [true, 'Ferie']]);
    const { next } = (await api.get('dirigente.bari', '/absences?state=all&limit=1')).body;
    expect((await api.get('dirigente.bari', `/absences?state=all&limit=1&cursor=${next}`)).body).toMatchObject({ items: [{ id }], next: null });
    expect((await api.get('dirigente.bari', `/absences?limit=1&cursor=${next}`)).status).toBe(400);
  });

  it('is withdrawn by the person or who directs, and stays on record', async () => {
    const id = await stored('segreteria.bari', 'docente.bari', 0, 1), past = await stored('segreteria.bari', 'docente.bari', -9, -8);
    expect((await withdraw('docente.bari', id)).status).toBe(403);
    for (const username of ['dsga.bari', 'segreteria.milano', 'admin']) expect([username, (await withdraw(username, id)).status]).toEqual([username, 404]);
    expect((await withdraw('segreteria.bari', past)).status).toBe(409);
    for (const path of ['nessuna', randomUUID()]) expect((await withdraw('segreteria.bari', path)).status).toBe(404);
    const { status, body } = await withdraw('dirigente.bari', id);
    expect([status, body]).toMatchObject([200, { id, withdrawnAt: expect.any(String), withdrawnBy: ids['dirigente.bari'], current: false }]);
    // A repeat changes nothing.
    expect((await withdraw('segreteria.bari', id)).body).toEqual(body);
    expect((await api.get('segreteria.bari', '/absences')).body.items).toEqual([]);
  });
});

describe('a deputy', () => {
  const profiles = async (username: string) => (await api.get(username, '/me')).body.profiles;

  it('has the roles of the absent person, told as such', async () => {
    await stored('dirigente.bari', 'docente.bari', 0, 2);
    const { body } = await api.get('docente.bari', '/me', asHead);
    const deputyFor = { user: ids['dirigente.bari'], name: 'Paolo De Santis', until: day(2) };
    expect(body.memberships).toMatchObject([{ role: 'docente' }, { role: 'dirigente', organisation: BARI, profile: HEAD, deputyFor }]);
    expect(body.memberships[0].deputyFor).toBeUndefined();
    expect([body.profiles, body.profile]).toEqual([[`${BARI}/docente`, HEAD, 'persona/genitore'], { name: HEAD, organisation: BARI, role: 'dirigente', operator: false, deputyFor }]);
    // Unasked, they speak as themselves.
    expect((await api.get('docente.bari', '/me')).body.profile.name).toBe(`${BARI}/docente`);
  });

  it.each([[-1, -1, false], [-5, 0, true], [0, 0, true], [0, 5, true], [1, 5, false]])('from day %i to day %i of today: %s', async (from, to, holds) => {
    await stored('dirigente.bari', 'docente.bari', from, to);
    expect((await profiles('docente.bari')).includes(HEAD)).toBe(holds);
    expect((await api.get('docente.bari', '/tasks', asHead)).status).toBe(holds ? 200 : 403);
  });

  it('sees the tasks and gives the commands, and the history says for whom', async () => {
    const id = await submitted();
    await stored('dirigente.bari', 'docente.bari', 0, 2);
    expect((await api.get('docente.bari', '/tasks', asHead)).body.items.filter((task: any) => task.case.id === id)).toMatchObject([{ name: 'firmare', deputyFor: { user: ids['dirigente.bari'], name: 'Paolo De Santis', until: day(2) } }]);
    expect((await api.get('dirigente.bari', '/tasks')).body.items[0].deputyFor).toBeUndefined();
    expect((await api.post('docente.bari', `/cases/${id}/commands/proroga`, {}, asHead)).status).toBe(200);
    // In their own name they may not.
    expect((await api.post('docente.bari', `/cases/${id}/commands/proroga`)).status).toBe(403);
    await api.post('dirigente.bari', `/cases/${id}/commands/proroga`);
    const { items } = (await api.get('dirigente.bari', `/cases/${id}/history`)).body;
    expect(items.filter((entry: any) => entry.name === 'proroga').map((entry: any) => entry.actor)).toMatchObject([
      { user: ids['docente.bari'], name: 'Marco Colella', role: 'dirigente', deputyFor: { user: ids['dirigente.bari'], name: 'Paolo De Santis' } }, { user: ids['docente.bari'], role: 'docente' }, { user: ids['dirigente.bari'], role: 'dirigente' },
    ]);
    expect(items.filter((entry: any) => entry.actor.deputyFor)).toHaveLength(1);
    const exported = parseExport((await api.get('dirigente.bari', `/cases/${id}/history/export`)).text);
    expect(exported.entries.map(({ actor }) => actor.deputyFor ?? null).filter(Boolean)).toEqual([ids['dirigente.bari']]);
    // It is part of what the chain proves: who takes it away breaks it.
    const verification = async () => (await api.get('dirigente.bari', `/cases/${id}/history/verification`)).body;
    expect(await verification()).toMatchObject({ valid: true });
    await api.db.query('alter table history disable trigger history_append_only');
    await api.db.query(`update history set actor = actor - 'deputyFor' where case_id = $1 and actor ? 'deputyFor'`, [id]);
    expect(await verification()).toMatchObject({ valid: false, firstBroken: 3 });
    await api.db.query('alter table history enable trigger history_append_only');
  });

  it('has nothing any more with the request after the absence is withdrawn or over', async () => {
    const id = await stored('dirigente.bari', 'docente.bari', 0, 2);
    for (const end of [() => withdraw('dirigente.bari', id), () => api.db.query('update absences set withdrawn_at = null, from_day = $2, to_day = $2 where id = $1', [id, day(-1)])]) {
      await api.db.query('update absences set withdrawn_at = null, from_day = $2, to_day = $3 where id = $1', [id, day(0), day(2)]);
      expect((await api.get('docente.bari', '/tasks', asHead)).status).toBe(200);
      await end();
      const refused = await api.get('docente.bari', '/tasks', asHead);
      expect([refused.status, refused.body.profiles]).toEqual([403, [`${BARI}/docente`, 'persona/genitore']]);
      expect(await profiles('docente.bari')).not.toContain(HEAD);
    }
  });

  it('may save the profile as the chosen one: it is in force as long as it is held', async () => {
    const id = await stored('dirigente.bari', 'docente.bari', 0, 2);
    expect((await api.call('docente.bari', '/me/profile', { method: 'PUT', body: { profile: HEAD } })).body.profile.name).toBe(HEAD);
    expect((await api.get('docente.bari', '/tasks')).status).toBe(200);
    await withdraw('dirigente.bari', id);
    expect((await api.get('docente.bari', '/me')).body.profile.name).toBe(`${BARI}/docente`);
    await api.call('docente.bari', '/me/profile', { method: 'PUT', body: { profile: null } });
  });

  it('never has more than the absent person: neither of a disabled account, nor what they or the deputy lost, nor elsewhere', async () => {
    await stored('dirigente.bari', 'docente.bari', 0, 2);
    const holds = async () => (await profiles('docente.bari')).includes(HEAD);
    const change = async (text: string, values: unknown[], back: string) => {
      await api.db.query(text, values);
      expect([text, await holds()]).toEqual([text, false]);
      await api.db.query(back, values);
      expect(await holds()).toBe(true);
    };
    await change('update users set disabled = true where id = $1', [ids['dirigente.bari']], 'update users set disabled = false where id = $1');
    await change(`delete from memberships where user_id = $1 and role = 'dirigente'`, [ids['dirigente.bari']], `insert into memberships values ($1, '${BARI}', 'dirigente')`);
    await change(`delete from memberships where user_id = $1 and role = 'docente'`, [ids['docente.bari']], `insert into memberships values ($1, '${BARI}', 'docente')`);
    await api.db.query(`insert into memberships values ($1, $2, 'dirigente')`, [ids['dirigente.bari'], MILANO]);
    expect(await profiles('docente.bari')).toEqual([`${BARI}/docente`, HEAD, 'persona/genitore']);
    await api.db.query('delete from memberships where user_id = $1 and organisation = $2', [ids['dirigente.bari'], MILANO]);
  });

  it('who has the same role has it as their own', async () => {
    await api.db.query(`insert into users (id, username, name) values (gen_random_uuid(), 'vicaria.bari', 'Vicaria')`);
    ids['vicaria.bari'] = await api.userId('vicaria.bari');
    for (const role of ['DSGA', 'dirigente']) await api.db.query('insert into memberships values ($1, $2, $3)', [ids['vicaria.bari'], BARI, role]);
    await stored('dirigente.bari', 'vicaria.bari', 0, 2);
    const { body } = await api.get('vicaria.bari', '/me', asHead);
    expect([body.profiles, body.profile.deputyFor, body.memberships.length]).toEqual([[`${BARI}/DSGA`, HEAD, 'persona/genitore'], undefined, 2]);
  });

  it('of a deputy is none: nobody passes on what they hold for another, or gives themselves more time', async () => {
    const id = await stored('dirigente.bari', 'docente.bari', 0, 2);
    await stored('docente.bari', 'segreteria.bari', 0, 2);
    expect(await profiles('segreteria.bari')).toEqual([`${BARI}/segreteria`, `${BARI}/docente`, 'persona/genitore']);
    for (const body of [absence({ user: 'dirigente.bari', from: day(3), to: day(300) }), absence({ user: 'dsga.bari' }), absence({ deputy: 'dsga.bari' })]) expect((await api.post('docente.bari', '/absences', body, asHead)).status).toBe(403);
    expect((await withdraw('docente.bari', id, asHead)).status).toBe(403);
    // Their own with its reason, the one in which they are the deputy without.
    expect((await api.get('docente.bari', '/absences', asHead)).body.items.map((item: any) => [item.user.username, item.reason]).sort()).toEqual([['dirigente.bari', null], ['docente.bari', 'Ferie']]);
  });

  it('of a parent there is none', async () => {
    const answer = await api.post('famiglia.rossi', '/absences', absence({ deputy: 'famiglia.bianchi' }));
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/organisation']);
  });

  it('of an administrator looks after the installation', async () => {
    const admin = { 'iter-profile': 'ITER/admin' };
    expect((await api.get('assistenza', '/incidents', admin)).status).toBe(403);
    await stored('admin', 'assistenza', 0, 0, 'ITER');
    expect((await api.get('assistenza', '/incidents', admin)).status).toBe(200);
    expect((await api.get('assistenza', '/incidents')).status).toBe(403);
  });
});

describe('the daily mail', () => {
  it('is wanted until somebody says no', async () => {
    const choose = (body: object) => api.call('dsga.bari', '/me/digest', { method: 'PUT', body });
    expect((await api.get('dsga.bari', '/me')).body.digest).toEqual({ daily: true });
    expect((await choose({ daily: false })).body.digest).toEqual({ daily: false });
    expect((await api.get('dsga.bari', '/me')).body.digest).toEqual({ daily: false });
    for (const wrong of [{}, { daily: 'no' }, { daily: true, weekly: true }]) expect((await choose(wrong)).status).toBe(422);
    expect((await choose({ daily: true })).body.digest).toEqual({ daily: true });
  });
});
