/** Why: a letter shows what everybody may not see, and a receipt changes what is true. Each role sees and does its own. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INSTALLATION } from '../../engine/mail/post.ts';
import { composeReceipt, type CertifiedKind } from '../../worker/embedded/certifiedMail.ts';
import { richiesta } from '../toys/richiesta.ts';
import { BARI, POLO, startTestApi, submitted, type TestApi } from './harness.ts';

let api: TestApi, caseId: string;
beforeAll(async () => {
  api = await startTestApi({ plugins: [{ ...richiesta, correspondence: { scuola: ['segreteria'], polo: ['operatorePolo'] } }] });
  caseId = (await submitted(api)).id;
});
afterAll(() => api?.stop());

const PEC = 'polo@pec.example.it';
async function letter({ sender = BARI as string | null, party = 'polo' } = {}): Promise<{ id: string; messageId: string; raw: Buffer }> {
  const messageId = `${randomUUID()}@iter.example.it`, raw = Buffer.from(`From: scuola@pec.example.it\r\nTo: ${PEC}\r\nSubject: Progetto\r\nMessage-ID: <${messageId}>\r\n\r\nLuca Rossi\r\n`);
  await api.composed.api.engine.dossier.keepMail({ caseId, effectId: null as unknown as string, messageId, party, sender, recipient: PEC, certified: true, raw });
  return { id: (await api.db.query('select id from mails where message_id = $1', [messageId])).rows[0].id, messageId, raw };
}
const take = async (mail: { messageId: string; raw: Buffer }, kind: CertifiedKind, account = BARI, change = (text: string) => text) => {
  const raw = await composeReceipt({ kind, at: new Date('2026-03-31T15:54:38Z'), original: { messageId: mail.messageId, subject: 'Progetto', from: 'scuola@pec.example.it', recipients: [PEC], raw: mail.raw }, ...(kind === 'accettazione' ? {} : { recipient: PEC }) });
  return (await api.composed.api.engine.post.takeIn(Buffer.from(change(raw.toString('latin1')), 'latin1'), account)).id!;
};
const taskNames = async () => (await api.db.query(`select name from tasks where origin = 'engine'`)).rows.map(({ name }) => name);

describe('Mail of a case', () => {
  it('is listed with its state, its receipts and who may open it', async () => {
    const mail = await letter();
    await take(mail, 'accettazione');
    await take(mail, 'avvenuta-consegna');
    const { status, body } = await api.get('segreteria.bari', `/cases/${caseId}/mails`, { 'accept-language': 'it' });
    expect(status).toBe(200);
    const found = body.items.find(({ id }: { id: string }) => id === mail.id);
    expect(found).toMatchObject({ state: 'delivered', stateLabel: 'consegnata', party: { name: 'polo', label: 'Scuola polo' }, sender: BARI, recipient: PEC, certified: true, deliveredAt: '2026-03-31T15:54:38.000Z', overdueAt: null, handled: null });
    expect(found.receipts.map(({ kind, label, at }: Record<string, string>) => [kind, label, at])).toEqual([['accettazione', 'Ricevuta di accettazione', '2026-03-31T15:54:38.000Z'], ['avvenuta-consegna', 'Ricevuta di avvenuta consegna', '2026-03-31T15:54:38.000Z']]);
    const english = (await api.get('segreteria.bari', `/cases/${caseId}/mails`, { 'accept-language': 'en' })).body.items.find(({ id }: { id: string }) => id === mail.id);
    expect(english.stateLabel).toBe('delivered');
  });

  it.each([['segreteria.bari', 200, true], ['polo.puglia', 200, true], ['dirigente.bari', 200, false], ['famiglia.rossi', 200, false], ['usr.puglia', 200, false], ['segreteria.milano', 404, null], [null, 401, null]] as const)('%s: listed %s, opened %s', async (username, status, opens) => {
    const mail = await letter(), id = await take(mail, 'avvenuta-consegna');
    const listed = await api.get(username, `/cases/${caseId}/mails`);
    expect(listed.status).toBe(status);
    if (opens !== null) expect(listed.body.items.find((each: { id: string }) => each.id === mail.id).href).toBe(opens ? `/api/v1/cases/${caseId}/mails/${mail.id}` : null);
    for (const path of [`/cases/${caseId}/mails/${mail.id}`, `/cases/${caseId}/mails/${mail.id}/receipts/${id}`]) {
      const answer = await api.get(username, path);
      expect(answer.status).toBe(opens === null ? status : opens ? 200 : 403);
      if (opens) expect([answer.headers.get('content-type'), answer.headers.get('content-disposition')?.startsWith('attachment'), answer.text.includes('Luca Rossi')]).toEqual(['message/rfc822', true, true]);
    }
  });

  it('is opened as it was sent, and who opened it is on record', async () => {
    const mail = await letter();
    const { text } = await api.get('segreteria.bari', `/cases/${caseId}/mails/${mail.id}`, { 'iter-reason': 'verifica' });
    expect(text).toBe(mail.raw.toString());
    const log = await api.get('segreteria.bari', `/cases/${caseId}/access-log`);
    expect(log.body.items[0]).toMatchObject({ fields: ['mail'], reason: 'verifica' });
  });

  it('that did not arrive is a task, until its sender has seen to it', async () => {
    const mail = await letter();
    await take(mail, 'errore-consegna');
    expect(await taskNames()).toContain(`consegnaMancante/${mail.id}`);
    const path = `/cases/${caseId}/mails/${mail.id}/handled`;
    expect((await api.post('polo.puglia', path, { note: 'non tocca a noi' })).status).toBe(403);
    expect((await api.post('segreteria.bari', path, {})).status).toBe(422);
    const done = await api.post('segreteria.bari', path, { note: 'consegnato a mano' });
    expect([done.status, done.body.handled.note]).toEqual([200, 'consegnato a mano']);
    expect(await taskNames()).not.toContain(`consegnaMancante/${mail.id}`);
    expect((await api.post('segreteria.bari', path, { note: 'consegnato a mano' })).status).toBe(200);
    expect((await api.post('segreteria.bari', path, { note: 'altro' })).status).toBe(409);
  });

  it('that is unknown, or another case\'s, is not found', async () => {
    for (const path of [`/cases/${caseId}/mails/${randomUUID()}`, `/cases/${caseId}/mails/x`, `/cases/${caseId}/received/${randomUUID()}`, `/cases/${randomUUID()}/mails`]) expect((await api.get('segreteria.bari', path)).status).toBe(404);
  });
});

describe('The tray', () => {
  const ordinary = (text: string) => Buffer.from(`From: genitore@example.it\r\nSubject: ${text}\r\n\r\n${text}\r\n`);
  const put = async (raw: Buffer, account = BARI) => (await api.composed.api.engine.post.takeIn(raw, account)).id!;
  const idsOf = async (username: string) => (await api.get(username, '/mail/tray')).body.items.map(({ id }: { id: string }) => id);

  it('shows each its own account', async () => {
    const [school, polo, own] = [await put(ordinary('alla scuola')), await put(ordinary('al polo'), POLO), await put(ordinary('a tutti'), INSTALLATION)];
    expect(await idsOf('segreteria.bari')).toEqual([school]);
    expect(await idsOf('polo.puglia')).toEqual([polo]);
    expect(await idsOf('admin')).toEqual([own]);
    expect(await idsOf('segreteria.milano')).toEqual([]);
    for (const username of ['dirigente.bari', 'famiglia.rossi', 'docente.bari']) expect((await api.get(username, '/mail/tray')).status).toBe(403);
    expect((await api.get('polo.puglia', `/mail/tray/${school}`)).status).toBe(404);
    const opened = await api.get('segreteria.bari', `/mail/tray/${school}`);
    expect([opened.status, opened.headers.get('content-type'), opened.text]).toEqual([200, 'message/rfc822', ordinary('alla scuola').toString()]);
    for (const [username, id] of [['segreteria.bari', school], ['polo.puglia', polo], ['admin', own]] as const) expect((await api.post(username, `/mail/tray/${id}/close`, { note: 'prova finita' })).status).toBe(200);
    expect(await idsOf('segreteria.bari')).toEqual([]);
  });

  it('is read page by page', async () => {
    const ids = [await put(ordinary('uno')), await put(ordinary('due')), await put(ordinary('tre'))];
    const first = await api.get('segreteria.bari', '/mail/tray?limit=2'), second = await api.get('segreteria.bari', `/mail/tray?limit=2&cursor=${first.body.next}`);
    expect([...first.body.items, ...second.body.items].map(({ id, sender, subject, label }) => [id, sender, subject, label])).toEqual(ids.map((id, i) => [id, 'genitore@example.it', ['uno', 'due', 'tre'][i], 'Messaggio ordinario']));
    expect(second.body.next).toBeNull();
    for (const id of ids) await api.post('segreteria.bari', `/mail/tray/${id}/close`, { note: 'letto' });
  });

  it('gives a message to a case, where it is found, once', async () => {
    const id = await put(ordinary('Rossi Luca: certificato')), path = `/mail/tray/${id}/assign`;
    expect((await api.post('segreteria.bari', path, { case: randomUUID(), note: 'non esiste' })).status).toBe(404);
    expect((await api.post('segreteria.bari', path, { note: 'a chi?' })).status).toBe(422);
    const body = { case: caseId, note: 'è della pratica' };
    for (let i = 0; i < 2; i += 1) expect(await api.post('segreteria.bari', path, body)).toMatchObject({ status: 200, body: { id, mail: null, case: caseId } });
    expect((await api.post('segreteria.bari', `/mail/tray/${id}/close`, { note: 'troppo tardi' })).status).toBe(409);
    const received = async (username: string) => (await api.get(username, `/cases/${caseId}/mails`)).body.received.find((each: { id: string }) => each.id === id);
    expect(await received('segreteria.bari')).toMatchObject({ subject: 'Rossi Luca: certificato', note: 'è della pratica', href: `/api/v1/cases/${caseId}/received/${id}` });
    expect(await received('usr.puglia')).toMatchObject({ subject: null, sender: null, href: null });
    expect((await api.get('segreteria.bari', `/cases/${caseId}/received/${id}`)).text).toContain('Rossi Luca');
    expect((await api.get('usr.puglia', `/cases/${caseId}/received/${id}`)).status).toBe(403);
    expect((await api.get('segreteria.bari', `/mail/tray/${id}`)).status).toBe(404);
  });

  it('says why a receipt was not believed, and believes whoever looked at it', async () => {
    const mail = await letter(), id = await take(mail, 'avvenuta-consegna', BARI, text => text.replace(/^From: .*$/m, 'From: qualcuno@example.it'));
    const { body: { items: [item] } } = await api.get('segreteria.bari', '/mail/tray');
    expect(item).toMatchObject({ id, kind: 'avvenuta-consegna', reference: mail.messageId, suggestedCase: caseId, doubt: { name: 'not-from-provider' } });
    expect((await api.post('segreteria.bari', `/mail/tray/${id}/assign`, { mail: randomUUID(), note: 'un altro' })).status).toBe(404);
    expect(await api.post('segreteria.bari', `/mail/tray/${id}/assign`, { mail: mail.id, note: 'vista nella casella' })).toMatchObject({ status: 200, body: { mail: mail.id, case: caseId } });
    expect((await api.get('segreteria.bari', `/cases/${caseId}/mails`)).body.items.find((each: { id: string }) => each.id === mail.id).state).toBe('delivered');
  });

  it('of the installation is its operators\', who may give to any case', async () => {
    const id = await put(ordinary('per la pratica'), INSTALLATION);
    expect((await api.post('segreteria.bari', `/mail/tray/${id}/assign`, { case: caseId, note: 'non mia' })).status).toBe(404);
    expect((await api.post('admin', `/mail/tray/${id}/assign`, { case: caseId, note: 'cita il progetto' })).status).toBe(200);
  });

  it('cannot be read by the roles of the database that serve requests', async () => {
    await put(ordinary('segreta'));
    const client = await api.composed.api.pools.read.connect();
    try {
      await client.query('begin');
      await client.query(`select set_config('iter.org', $1, true), set_config('iter.user', '', true)`, [BARI]);
      expect((await client.query('select id from mail_receipts where case_id is null')).rowCount).toBe(0);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});
