/** A school writes to its families, for real: SMTP, a provider of SMS with its moods and receipts, PostgreSQL and Temporal. Each recipient and channel once, and states that are true. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { orderOf } from '../../engine/broadcasts/smsStatus.ts';
import { agendaOf, give, sleep, stateOf, until } from '../agenda/life.ts';
import { ANNO, families, HEADER, openInstallation, PRICE, SECRET, sent, tally, type Installation } from './installation.ts';

let installation: Installation;
beforeAll(async () => {
  installation = await openInstallation();
  installation.life.mail.answer = address => (address.startsWith('nessuno') ? { code: 550 } : 'accept');
  await installation.life.work({ attemptMs: 20_000, channels: installation.channels });
});
afterAll(() => installation?.close());
afterEach(() => { installation.life.mail.answer = address => (address.startsWith('nessuno') ? { code: 550 } : 'accept'); });

/** Every tenth has SMS; the last digits say how the provider behaves. */
const MOODS = ['550', '551', '429', '500', '444', '222', '333', '001', '400', '000', '123', '124'];
const numberOf = (n: number) => (n % 10 === 0 && n <= 120 ? `+3933312${String(n).padStart(2, '0').slice(-2)}${MOODS[n / 10 - 1]}` : null);

describe('500 families, each hundredth with an address that nobody has', () => {
  let caseId: string;
  it('are each written to once on each of their channels, and the states say what happened', async () => {
    const { created } = (await installation.importFamilies(families(500, { sms: numberOf }))).pupils;
    expect(created).toBe(500);
    caseId = await installation.send();
    await sent(installation, caseId);
    await until(async () => (await installation.deliveries(caseId)).filter(({ channel, state }) => channel === 'sms' && state === 'sending').length === 1, 'every receipt but one has come');
    const rows = await installation.deliveries(caseId);
    expect(tally(rows)).toEqual({ 'email delivered': 495, 'email permanentFailure': 5, 'sms delivered': 8, 'sms permanentFailure': 2, 'sms technicalFailure': 1, 'sms sending': 1 });
    const { received } = installation.life.mail;
    expect(new Set(received.map(({ to }) => to)).size).toBe(495);
    expect(received).toHaveLength(495);
    expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(495);
    expect(installation.sms.sent()).toHaveLength(11);
    expect(rows.filter(({ channel, state }) => channel === 'email' && state === 'permanentFailure').every(({ attempts, error }) => attempts === 1 && /550/.test(error ?? ''))).toBe(true);
    expect(rows.every(({ template_version: version }) => version === '1')).toBe(true);
    expect(rows.filter(({ channel }) => channel === 'sms').every(({ segments, cost }) => segments === 1 && cost === PRICE)).toBe(true);
  });
  it('read it in their language, with the names of their own children', async () => {
    const { received } = installation.life.mail;
    const text = (to: string) => received.find(mail => mail.to === to)!.raw.toString();
    expect(text('famiglia7@example.it')).toMatch(/Subject: School trip[\s\S]*Alunno7 Rossi goes to the museum/);
    expect(text('famiglia8@example.it')).toMatch(/Subject: Uscita didattica[\s\S]*Alunno8 Rossi va al museo/);
    expect(received.filter(mail => mail.raw.toString().includes('Alunno8 Rossi'))).toHaveLength(1);
  });
  it('leave no name outside the case’s key: not in the agenda, the history’s metadata or Temporal', async () => {
    const { admin, client } = installation.life;
    const stored = JSON.stringify((await admin.query(`select row_to_json(a)::text as a from agenda a where case_id = $1 union all select row_to_json(c)::text from cases c where id = $1 union all select (to_jsonb(d) - 'sealed')::text from deliveries d where case_id = $1 union all select (to_jsonb(b) - 'sealed')::text from broadcasts b where case_id = $1`, [caseId])).rows);
    expect(/museo|Genitore|Alunno|famiglia\d|nessuno\d|\+39/.exec(stored)?.[0]).toBeUndefined();
    expect(/museo|Genitore|famiglia\d/.exec(JSON.stringify((await client.workflow.getHandle(`comunicazione/${caseId}`).fetchHistory()).events))?.[0]).toBeUndefined();
  });
});

describe('receipts', () => {
  const receipt = (order: string, status: string, secret = SECRET) => fetch(`http://127.0.0.1:${installation.api.port}/api/v1/sms/receipts/${secret}`, { method: 'POST', body: new URLSearchParams({ order_id: order, status }) }).then(({ status: code }) => code);
  const one = async (n: number) => {
    await installation.importFamilies(`${HEADER}\nR${n};Verdi;Rita;9Z;GR${n};Verdi;Ugo;ugo${n}@example.it;+39333777${String(n).padStart(2, '0')}00;;01/09/2026;it`);
    const caseId = await installation.send({ tipo: 'alunni', annoScolastico: ANNO, alunni: [`R${n}`] }, { canali: ['sms'] });
    await sent(installation, caseId);
    return { caseId, look: async () => (await installation.deliveries(caseId))[0]! };
  };
  it('come twice, late, in the wrong order and from strangers, and the state stays true', async () => {
    const { look } = await one(1), { id } = await look();
    await until(async () => (await look()).state === 'delivered', 'delivered');
    expect(await receipt(orderOf(id), 'DLVRD')).toBe(204);
    expect(await receipt(orderOf(id), 'WAIT4DLVR')).toBe(204);
    expect(await receipt(orderOf(id), 'UNKNRCPT')).toBe(204);
    expect((await look()).state).toBe('delivered');
    expect(await receipt(orderOf(id), 'DLVRD', 'geraten')).toBe(404);
    expect(await receipt(orderOf(randomUUID()), 'DLVRD')).toBe(204);
    expect(await receipt('x', 'DLVRD')).toBe(400);
  });
  it('that say failed are believed, until one says delivered', async () => {
    const { look } = await one(2), { id } = await look();
    await installation.life.admin.query(`update deliveries set state = 'sending', delivered_at = null where id = $1`, [id]);
    await receipt(orderOf(id), 'TIMEOUT');
    expect(await look()).toMatchObject({ state: 'technicalFailure', error: 'TIMEOUT' });
    await receipt(orderOf(id), 'DLVRD');
    expect(await look()).toMatchObject({ state: 'delivered', error: null });
  });
});

describe('a mail server', () => {
  it('that says "later" to one is asked again for that one alone', async () => {
    await installation.importFamilies([HEADER, ...[1, 2, 3].map(n => `L${n};Neri;Leo${n};8L;GL${n};Neri;Pia${n};lento${n}@example.it;;01/09/2026;;it`)].join('\n'));
    const busy = new Set(['lento2@example.it']);
    installation.life.mail.answer = address => (busy.delete(address) ? { code: 450 } : 'accept');
    const caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: ['8L'] }, { canali: ['email'] });
    await until(async () => (await installation.deliveries(caseId)).some(({ state }) => state === 'temporaryFailure'), 'one waits');
    expect(await stateOf(installation.life, caseId)).toBe('inInvio');
    await sent(installation, caseId);
    expect((await installation.deliveries(caseId)).map(({ state, attempts }) => [state, attempts])).toEqual([['delivered', 1], ['delivered', 2], ['delivered', 1]]);
    expect(installation.life.mail.received.filter(({ to }) => to.startsWith('lento'))).toHaveLength(3);
  });
  it('whose message is stopped in the middle sends no more of it', async () => {
    await installation.importFamilies([HEADER, ...Array.from({ length: 80 }, (_, n) => `S${n};Blu;Ivo${n};7S;GS${n};Blu;Eva${n};stop${n}@example.it;;01/09/2026;;it`)].join('\n'));
    const gate = Promise.withResolvers<void>();
    installation.life.mail.answer = address => (address.startsWith('stop') ? { wait: gate.promise } : 'accept');
    const caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: ['7S'] }, { canali: ['email'] });
    await until(() => installation.life.mail.attempts.some(address => address.startsWith('stop')), 'it has begun');
    await give(installation.life, caseId, 'ferma', { motivo: 'Data sbagliata' });
    gate.resolve();
    await until(async () => (await installation.deliveries(caseId)).every(({ state }) => state === 'delivered' || state === 'withdrawn'), 'nothing is under way');
    await sleep(500);
    const counts = tally(await installation.deliveries(caseId)), received = installation.life.mail.received.filter(({ to }) => to.startsWith('stop'));
    expect(counts['email withdrawn']).toBeGreaterThanOrEqual(30);
    expect(received).toHaveLength(counts['email delivered']!);
  });
});

describe('a bounce', () => {
  const bounce = (messageId: string, action: string) => Buffer.from([
    'From: MAILER-DAEMON@mx.example.it', 'To: iter@example.it', 'Subject: Undelivered', 'MIME-Version: 1.0', 'Content-Type: multipart/report; report-type=delivery-status; boundary=B', '',
    '--B', 'Content-Type: text/plain', '', 'Mi dispiace.', '--B', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.it', '', 'Final-Recipient: rfc822; famiglia3@example.it', `Action: ${action}`,
    'Status: 5.1.1', 'Diagnostic-Code: smtp; 550 <famiglia3@example.it> unknown', '', '--B', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${messageId}`, '', '--B--', '',
  ].join('\r\n'));
  it('makes a delivered mail one that failed, without its address, and is in nobody’s tray', async () => {
    const { engine, mail, admin } = installation.life, { messageId } = mail.received.find(({ to }) => to === 'famiglia3@example.it')!, id = messageId.slice(1, 37);
    const look = async () => (await admin.query('select state, error, delivered_at from deliveries where id = $1', [id])).rows[0];
    await engine.post.takeIn(bounce(messageId, 'delayed'), 'installation');
    expect(await look()).toMatchObject({ state: 'delivered', error: null });
    await engine.post.takeIn(bounce(messageId, 'failed'), 'installation');
    expect(await look()).toMatchObject({ state: 'permanentFailure', error: '5.1.1 550 <…> unknown', delivered_at: null });
    expect((await admin.query('select count(*)::int as n from mail_receipts')).rows[0].n).toBe(0);
    await engine.post.takeIn(bounce('<0b7a54e4-0000-8000-8000-000000000000@iter.example.it>', 'failed'), 'installation');
    expect((await admin.query('select count(*)::int as n from mail_receipts')).rows[0].n).toBe(1);
  });
});

describe('a channel’s rate', () => {
  it('holds for all workers together, and a provider that asks to wait moves it', async () => {
    const { broadcasts } = installation.life.engine;
    const free = async () => (await installation.life.admin.query(`select extract(epoch from free_at)::float8 * 1000 as at from channel_turns where channel = 'portal'`)).rows[0].at as number;
    await broadcasts.takeTurns('portal', 1_000, 60);
    const before = await free();
    // Each takes five turns of 20 ms: nobody's begin before another's end.
    await Promise.all(Array.from({ length: 8 }, () => broadcasts.takeTurns('portal', 5, 20)));
    expect(Math.round(await free() - before)).toBe(8 * 5 * 20);
    await broadcasts.pause('portal', 60_000);
    expect(await broadcasts.takeTurns('portal', 1, 20)).toBeGreaterThan(55_000);
  });
});

describe('an attempt that outlived its lease', () => {
  it('does not take what another left for later for the end', async () => {
    const { admin, engine } = installation.life;
    await installation.importFamilies([HEADER, 'T1;Rosa;Teo;5T;GT1;Rosa;Zoe;zoe@example.it;;01/09/2026;;it'].join('\n'));
    const caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: ['5T'] }, { canali: ['email'] });
    await sent(installation, caseId);
    const [row] = await installation.deliveries(caseId), { rows: [{ broadcast_id: id }] } = await admin.query('select broadcast_id from deliveries where id = $1', [row!.id]);
    const standing = async (agenda: string) => {
      await admin.query(`update deliveries set state = 'created', sent_at = null where id = $1`, [row!.id]);
      await admin.query(`update agenda set state = $2, due_at = now() + interval '1 day' where id = $1`, [id, agenda]);
      return await engine.broadcasts.progress(id);
    };
    expect(await standing('due')).toMatchObject({ waits: { email: expect.any(Number) }, wanted: true });
    expect(await engine.broadcasts.claim(id, 'email', 10, 1_000)).toEqual([]);
    expect(await standing('begun')).toMatchObject({ waits: { email: expect.any(Number) }, wanted: true });
    expect(await standing('withdrawn')).toEqual({ waits: {}, wanted: false });
    expect((await installation.deliveries(caseId))[0]!.state).toBe('withdrawn');
    await admin.query(`update agenda set state = 'done' where id = $1`, [id]);
  });
});

describe('an erased case', () => {
  it('leaves neither words nor to whom they went', async () => {
    const { admin } = installation.life;
    const caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: ['8L'] }, { canali: ['portal'] });
    await sent(installation, caseId);
    await give(installation.life, caseId, 'chiudi');
    await until(async () => (await stateOf(installation.life, caseId)) === 'chiusa', 'it is over');
    await admin.query(`update cases set erased_at = now() where id = $1`, [caseId]);
    expect((await admin.query('select (select count(*)::int from deliveries where case_id = $1) as deliveries, (select bool_and(sealed = $2) from broadcasts where case_id = $1) as empty', [caseId, Buffer.alloc(0)])).rows[0]).toEqual({ deliveries: 0, empty: true });
  });
});

describe('who is written to', () => {
  it('is each person once, for all their children, and whom nothing reaches is listed', async () => {
    await installation.importFamilies([
      HEADER, 'F1;Gallo;Ada;6F;GF1;Gallo;Rosa;rosa@example.it;;01/09/2026;;it', 'F2;Gallo;Bea;6F;GF1;Gallo;Rosa;rosa@example.it;;01/09/2026;;it', 'F2;Gallo;Bea;6F;GF2;Gallo;Dino;dino@example.it;;;;it',
    ].join('\n'));
    const caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: ['6F'] }, { canali: ['email', 'sms'] });
    await sent(installation, caseId);
    expect((await installation.deliveries(caseId)).map(({ username, channel, state }) => [username, channel, state])).toEqual([['famiglia.s1.gf1', 'email', 'delivered'], ['famiglia.s1.gf2', 'none', 'permanentFailure']]);
    expect(installation.life.mail.received.find(({ to }) => to === 'rosa@example.it')!.raw.toString()).toMatch(/Ada Gallo e Bea Gallo va al museo/);
  });
  it('is reminded while nobody of the family has taken note', async () => {
    const caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: ['6F'] }, { canali: ['portal'], presaVisione: { entro: '2099-12-31', solleciti: [] } });
    await sent(installation, caseId);
    const [rosa, dino] = await installation.deliveries(caseId), { broadcasts } = installation.life.engine;
    await give(installation.life, caseId, 'sollecita');
    await until(async () => (await installation.deliveries(caseId, 'sollecito')).length === 2, 'both are reminded');
    // Dino takes note of the reminder: it counts for the message. For Bea one parent is enough; of Ada nobody has taken note.
    const [, reminder] = await installation.deliveries(caseId, 'sollecito');
    await broadcasts.acknowledge(reminder!.id, dino!.user_id, dino!.user_id);
    expect((await installation.deliveries(caseId)).map(({ acknowledged_at: at }) => at !== null)).toEqual([false, true]);
    expect(await broadcasts.acknowledge(rosa!.id, dino!.user_id, dino!.user_id)).toBeNull();
    await give(installation.life, caseId, 'sollecita');
    await until(async () => (await installation.deliveries(caseId, 'sollecito')).length === 3, 'Rosa is reminded again');
    expect((await installation.deliveries(caseId, 'sollecito')).filter(({ user_id: of }) => of === dino!.user_id)).toHaveLength(1);
    await broadcasts.acknowledge(rosa!.id, rosa!.user_id, rosa!.user_id);
    await give(installation.life, caseId, 'sollecita');
    await until(async () => (await agendaOf(installation.life, caseId, 'sollecito')).every(({ state }) => state === 'done'), 'the last reminder is done');
    expect(await installation.deliveries(caseId, 'sollecito')).toHaveLength(3);
  });
});
