/** Erasure over HTTP: for operators alone, told in words, once per key; and the page, the lists and the history of an erased case. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { conservato } from '../toys/conservato.ts';
import { pdfForm, POLO, startTestApi, type TestApi } from './harness.ts';

let api: TestApi, id: string;
beforeAll(async () => {
  api = await startTestApi({ plugins: [conservato] });
  const begun = await api.post('segreteria.bari', '/processes/conservato/cases', { data: { alunno: 'Luca', certificato: 'varicella' }, parties: { polo: POLO, famiglia: 'famiglia.rossi' } });
  id = begun.body.id;
  for (const command of ['presenta', 'chiudi']) expect([command, (await api.post('segreteria.bari', `/cases/${id}/commands/${command}`, {})).status]).toEqual([command, 200]);
});
afterAll(async () => { await api.stop(); });
const reason = { reason: 'conservazione conclusa' };

it('shows the family who read what, when and why, before', async () => {
  await api.get('segreteria.bari', `/cases/${id}`, { 'iter-reason': 'Istruttoria' });
  expect((await api.get('famiglia.rossi', `/cases/${id}/access-log`)).body.items).toContainEqual(expect.objectContaining({ role: 'segreteria', fields: ['certificato'], reason: 'Istruttoria', at: expect.any(String) }));
});

it('is for operators alone', async () => {
  for (const username of ['segreteria.bari', 'dirigente.bari', 'polo.puglia', 'famiglia.rossi', 'usr.puglia']) {
    expect([username, (await api.get(username, `/cases/${id}/erasure`)).status, (await api.post(username, `/cases/${id}/erasure`, reason)).status]).toEqual([username, 403, 403]);
  }
  expect((await api.get('admin', '/cases/00000000-0000-4000-8000-000000000000/erasure')).status).toBe(404);
  expect((await api.post('admin', '/cases/00000000-0000-4000-8000-000000000000/erasure', reason)).status).toBe(404);
});

it('says when and what, and is refused before', async () => {
  const plan = (await api.get('admin', `/cases/${id}/erasure`)).body;
  expect(plan).toMatchObject({ retention: 'waiting', years: 5, from: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), erases: expect.arrayContaining(['allegati e documenti']) });
  const early = await api.post('admin', `/cases/${id}/erasure`, reason, { 'accept-language': 'en' });
  expect([early.status, early.body.code, early.body.from, early.body.detail]).toEqual([409, 'erasure-too-early', plan.from, expect.stringMatching(/kept for 5 years/)]);
  expect((await api.post('admin', `/cases/${id}/erasure`, {})).status).toBe(422);
});

it('leaves a page that says so, a history that verifies, and nothing to do', async () => {
  await api.db.query(`update cases set last_at = last_at - interval '6 years' where id = $1`, [id]);
  const first = await api.post('admin', `/cases/${id}/erasure`, reason, { 'idempotency-key': 'e1' });
  expect([first.status, first.body]).toEqual([200, { caseId: id, erasedAt: expect.any(String) }]);
  expect((await api.post('admin', `/cases/${id}/erasure`, reason, { 'idempotency-key': 'e1' })).body).toEqual(first.body);
  const again = await api.post('admin', `/cases/${id}/erasure`, reason, { 'idempotency-key': 'e2' });
  expect([again.status, again.body.code]).toEqual([409, 'case-erased']);
  const page = await api.get('segreteria.bari', `/cases/${id}`);
  expect([page.status, page.body]).toEqual([200, expect.objectContaining({ id, state: 'chiusa', erased: { at: first.body.erasedAt }, data: null, commands: [], documents: [] })]);
  expect((await api.get('segreteria.bari', '/cases')).body.items).toContainEqual(expect.objectContaining({ id, erasedAt: first.body.erasedAt, row: {} }));
  expect((await api.get('segreteria.bari', `/cases/${id}/history/verification`)).body).toMatchObject({ valid: true });
  expect((await api.get('segreteria.bari', `/cases/${id}/history`)).body.items.at(-1)).toMatchObject({ kind: 'operator', name: 'erase', payload: null });
  expect((await api.get('segreteria.bari', `/cases/${id}/history/export`)).status).toBe(200);
  expect((await api.get('segreteria.bari', `/cases/${id}/access-log`)).body.items).toContainEqual(expect.objectContaining({ fields: ['certificato'], reason: null }));
  const command = await api.post('segreteria.bari', `/cases/${id}/commands/scrivi`, {});
  expect([command.status, command.body.code]).toEqual([409, 'case-erased']);
  expect((await api.call('segreteria.bari', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('certificato') })).body.code).toBe('case-erased');
  expect((await api.get('famiglia.rossi', `/cases/${id}`)).status).toBe(404);
  expect((await api.get('admin', `/cases/${id}/erasure`)).body).toMatchObject({ retention: 'erased', erasedAt: first.body.erasedAt });
});
