/** Parameters and incidents: who may set and mend what, and what stays on record. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addOperator, newRichiesta, startTestApi, submitted, type TestApi } from './harness.ts';
import { broken, guasto } from '../toys/guasto.ts';
import { richiesta } from '../toys/richiesta.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ plugins: [richiesta, guasto] });
  await addOperator(api, 'admin.due');
});
afterAll(async () => { await api.stop(); });

const put = (username: string, name: string, body: unknown) => api.call(username, `/parameters/${name}`, { method: 'PUT', body });
/** Proposed by one, approved by another. */
async function setValue([proposer, approver]: [string, string], name: string, body: unknown) {
  const proposed = await put(proposer, name, body);
  return await api.post(approver, `/parameters/proposals/${proposed.body.id}/approve`);
}
const OPERATORS: [string, string] = ['admin', 'admin.due'], POLO: [string, string] = ['polo.puglia', 'dirigente.polo.puglia'];
const CAP = { value: { ore: 30, dal: '2026-01-01' }, from: '2026-01-01', reason: 'Delibera 12' };

describe('parameters', () => {
  it('have the process’s own value until somebody sets another', async () => {
    const { body } = await api.get('segreteria.bari', '/parameters/tettoOre');
    expect(body).toMatchObject({ name: 'tettoOre', organisation: null, from: '2020-01-01', to: null, value: { ore: 20.5 }, setBy: 'system', versions: [{ version: body.version }] });
    expect((await api.get('segreteria.bari', '/parameters')).body.items).toMatchObject([{ name: 'tettoOre', value: { ore: 20.5 }, processes: ['richiesta'] }]);
    expect((await api.get('segreteria.bari', '/parameters/tettoOre?at=2019-12-31')).status).toBe(404);
    expect((await api.get('segreteria.bari', '/parameters/altro')).status).toBe(404);
    expect((await api.get('segreteria.bari', '/parameters/%00')).status).toBe(404);
    expect((await api.get('segreteria.bari', '/parameters/tettoOre?at=2026-02-30')).status).toBe(400);
  });

  it('are set for all by operators, and by heads or the polo for their own organisation', async () => {
    for (const username of ['segreteria.bari', 'docente.bari', 'famiglia.rossi', 'usr.puglia', 'assistenza']) expect([username, (await put(username, 'tettoOre', CAP)).status]).toEqual([username, 403]);
    expect((await put('polo.puglia', 'tettoOre', { ...CAP, organisation: 'POLOLOMBARDIA' })).status).toBe(403);
    expect((await put('polo.puglia', 'tettoOre', { ...CAP, organisation: null })).status).toBe(403);
    expect((await put('admin', 'tettoOre', { ...CAP, organisation: 'NESSUNA' })).body.errors).toEqual([{ pointer: '/organisation', message: 'Questa organizzazione non esiste.' }]);

    const id = (await newRichiesta(api, { ore: 28 })).id;
    expect((await api.post('segreteria.bari', `/cases/${id}/commands/presenta`)).body.rule).toBe('entroTetto');
    expect((await setValue(POLO, 'tettoOre', CAP)).status).toBe(200);
    const [set] = (await api.get('polo.puglia', '/parameters/tettoOre')).body.versions;
    expect(set).toMatchObject({ organisation: 'POLOPUGLIA', value: CAP.value, reason: 'Delibera 12', setBy: await api.userId('polo.puglia') });
    // The case's polo has its own value now; a school elsewhere does not see it.
    expect((await api.post('segreteria.bari', `/cases/${id}/commands/presenta`)).status).toBe(200);
    expect((await api.get('polo.puglia', '/parameters/tettoOre')).body.value.ore).toBe(30);
    expect((await api.get('segreteria.milano', '/parameters/tettoOre')).body.value.ore).toBe(20.5);
    expect((await api.get('segreteria.milano', '/parameters/tettoOre?organisation=POLOPUGLIA')).status).toBe(403);
    expect((await api.get('admin', '/parameters/tettoOre?organisation=POLOPUGLIA')).body.value.ore).toBe(30);
  });

  it('change nothing in place: each value is a version with its validity and reason', async () => {
    const general = { value: { ore: 22, dal: '2026-09-01' }, from: '2026-09-01', to: '2027-08-31', reason: 'Nota 77' };
    const first = await setValue(OPERATORS, 'tettoOre', general);
    expect(first.body.organisation).toBeNull();
    const second = await setValue(OPERATORS, 'tettoOre', { ...general, value: { ore: 23, dal: '2026-09-01' }, reason: 'Rettifica' });
    expect(second.body.parameterVersion).toBeGreaterThan(first.body.parameterVersion);
    const at = async (date: string) => (await api.get('segreteria.milano', `/parameters/tettoOre?at=${date}`)).body;
    expect([(await at('2026-08-31')).value.ore, (await at('2026-09-01')).value.ore, (await at('2027-08-31')).value.ore, (await at('2027-09-01')).value.ore]).toEqual([20.5, 23, 23, 20.5]);
    expect((await at('2026-10-01')).versions.map(({ value, reason }: any) => [value.ore, reason])).toEqual([[23, 'Rettifica'], [22, 'Nota 77'], [20.5, 'default of the process']]);
  });

  it.each([
    ['no value', { from: '2026-01-01', reason: 'abc' }, '/value'], ['no reason', { value: CAP.value, from: '2026-01-01' }, '/reason'], ['a date that does not exist', { ...CAP, from: '2026-02-30' }, '/from'],
    ['an end before the beginning', { ...CAP, to: '2025-01-01' }, '/to'], ['another kind of value', { ...CAP, value: 30 }, '/value'], ['a text for a number', { ...CAP, value: { ore: '30', dal: '2026-01-01' } }, '/value/ore'],
    ['a missing figure', { ...CAP, value: { ore: 30 } }, '/value/dal'], ['an unknown member', { ...CAP, da: 'x' }, '/da'],
  ])('refuse %s', async (_what, body, pointer) => {
    const answer = await put('admin', 'tettoOre', body);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer]);
  });

  it('that no process knows cannot be set', async () => {
    expect((await put('admin', 'altro', CAP)).status).toBe(404);
  });
});

describe('incidents', () => {
  /** An effect that failed for good, as the worker leaves it. */
  async function parked(): Promise<{ caseId: string; incidentId: string; effectId: string }> {
    const { body } = await api.post('segreteria.bari', '/processes/guasto/cases', { data: {}, parties: { polo: 'POLOPUGLIA' } });
    const { body: sent } = await api.post('segreteria.bari', `/cases/${body.id}/commands/invoca`);
    const [effect] = sent.agenda.effects;
    await api.composed.api.engine.parkEffect(body.id, effect.id, 'the mail server refuses');
    const { rows } = await api.db.query('select id from incidents where agenda_id = $1', [effect.id]);
    return { caseId: body.id, incidentId: rows[0].id, effectId: effect.id };
  }

  it('are for operators alone', async () => {
    const { incidentId } = await parked();
    for (const username of ['segreteria.bari', 'dirigente.bari', 'polo.puglia', 'usr.puglia', 'assistenza', 'famiglia.rossi']) {
      expect([username, (await api.get(username, '/incidents')).status, (await api.get(username, `/incidents/${incidentId}`)).status, (await api.post(username, `/incidents/${incidentId}/retry`, { reason: 'prova' })).status]).toEqual([username, 403, 403, 403]);
    }
    // An admin who speaks as a parent is a parent.
    expect((await api.get('admin', '/incidents', { 'iter-profile': 'persona/genitore' })).status).toBe(403);
  });

  it('are listed in pages, the newest first', async () => {
    await parked();
    await parked();
    const { body: first } = await api.get('admin', '/incidents?limit=2');
    expect(first.items).toMatchObject([{ process: 'guasto', state: 'inInvio', kind: 'effect', name: 'invio', detail: 'the mail server refuses', resolvedAt: null }, { kind: 'effect' }]);
    const { body: second } = await api.get('admin', `/incidents?limit=200&cursor=${first.next}`);
    expect(new Set([...first.items, ...second.items].map(({ id }: any) => id)).size).toBe(first.items.length + second.items.length);
    expect((await api.get('admin', '/incidents?process=altro')).body.items).toEqual([]);
    expect((await api.get('admin', '/incidents/x')).status).toBe(404);
    expect((await api.get('admin', '/incidents?state=boh')).status).toBe(400);
  });

  it('are retried once, with a reason that the history keeps', async () => {
    const { caseId, incidentId } = await parked();
    expect((await api.post('admin', `/incidents/${incidentId}/retry`, {})).body.errors[0].pointer).toBe('/reason');
    const headers = { 'idempotency-key': `retry-${incidentId}` };
    const done = await api.post('admin', `/incidents/${incidentId}/retry`, { reason: 'La posta va di nuovo' }, headers);
    expect([done.status, done.body]).toEqual([200, { incident: incidentId, caseId, kind: 'effect', how: 'retried' }]);
    expect((await api.post('admin', `/incidents/${incidentId}/retry`, { reason: 'La posta va di nuovo' }, headers)).body).toEqual(done.body);
    expect((await api.post('admin', `/incidents/${incidentId}/retry`, { reason: 'ancora' })).body.code).toBe('conflict');
    expect((await api.db.query(`select state, attempts from agenda where case_id = $1 and kind = 'effect'`, [caseId])).rows).toEqual([{ state: 'due', attempts: 0 }]);
    const entry = (await api.get('segreteria.bari', `/cases/${caseId}/history`)).body.items.at(-1);
    expect(entry).toMatchObject({ kind: 'operator', name: 'retry', actor: { name: 'Amministrazione', role: 'admin', organisation: 'ITER' }, payload: { reason: 'La posta va di nuovo' } });
    expect((await api.get('admin', '/incidents?state=resolved')).body.items).toMatchObject([{ id: incidentId, resolution: 'retried: La posta va di nuovo' }]);
  });

  it('are settled by hand with the outcome that happened', async () => {
    const { caseId, incidentId } = await parked();
    const done = await api.post('admin', `/incidents/${incidentId}/retry`, { reason: 'Consegnata a mano', outcome: { ok: true, result: { consegnata: true } } });
    expect(done.body.how).toBe('recorded');
    const page = (await api.get('segreteria.bari', `/cases/${caseId}`)).body;
    expect([page.state, page.data.passi]).toEqual(['fermo', 1000]);
  });

  it('of a deadline suspend the case until it is retried', async () => {
    const { body: { id } } = await api.post('segreteria.bari', '/processes/guasto/cases', { data: {}, parties: { polo: 'POLOPUGLIA' } });
    await api.post('segreteria.bari', `/cases/${id}/commands/attendi`);
    await api.db.query(`update agenda set due_at = now() - interval '1 minute' where case_id = $1`, [id]);
    await api.db.query(`update cases set next_due = now() - interval '1 minute' where id = $1`, [id]);
    broken.in = 'deadline';
    try {
      const refused = await api.post('segreteria.bari', `/cases/${id}/commands/cammina`);
      expect([refused.status, refused.body.code]).toEqual([409, 'case-suspended']);
      expect((await api.get('segreteria.bari', `/cases/${id}`)).body).toMatchObject({ suspended: refused.body.incident, state: 'inAttesa' });
      broken.in = null;
      expect((await api.post('admin', `/incidents/${refused.body.incident}/retry`, { reason: 'Corretto' })).body.how).toBe('retried');
      expect((await api.get('segreteria.bari', `/cases/${id}`)).body).toMatchObject({ suspended: null, state: 'fermo' });
    } finally {
      broken.in = null;
    }
  });

  it('of a view leave the rest of the page, and the command committed', async () => {
    const { body: { id } } = await api.post('segreteria.bari', '/processes/guasto/cases', { data: {}, parties: { polo: 'POLOPUGLIA' } });
    broken.in = 'view';
    try {
      const answer = await api.post('segreteria.bari', `/cases/${id}/commands/cammina`);
      expect([answer.status, answer.body.version, answer.body.data]).toEqual([200, 2, null]);
    } finally {
      broken.in = null;
    }
    expect((await api.get('segreteria.bari', `/cases/${id}`)).body.data).toEqual({ passi: 1 });
  });
});

describe('deadlines', () => {
  it('that are due are seen by a reader before anybody commits them', async () => {
    const { id } = await submitted(api, { ore: 7 });
    await new Promise(resolve => setTimeout(resolve, 400));
    expect((await api.get('segreteria.bari', `/cases/${id}`)).body).toMatchObject({ state: 'scaduta', version: 3, agenda: { deadlines: [] } });
    expect((await api.db.query('select state from cases where id = $1', [id])).rows).toEqual([{ state: 'inEsame' }]);
    expect((await api.post('polo.puglia', `/cases/${id}/commands/rispondi`, { esito: 'accolta' })).body).toMatchObject({ state: 'chiusa', version: 4 });
  });
});
