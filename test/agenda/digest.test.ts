/** The daily mail: who gets it, what stands in it, and that nobody gets it twice, however many workers there are and whenever one of them dies. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { simpleParser } from 'mailparser';
import { createMailer, type Mailer } from '../../activities/mailer.ts';
import { digestText } from '../../activities/digests/digestText.ts';
import { sendDigests } from '../../activities/digests/sendDigests.ts';
import { startDaily } from '../../engine/agenda/daily.ts';
import { createProcesses } from '../../engine/processes.ts';
import { addDays, dayOfWeek, romeDate } from '../../plugins/calendar.ts';
import { give, newCase, openEngine, type Opened } from '../engine/opened.ts';
import { attesa } from '../toys/attesa.ts';
import { TestMail, until } from './life.ts';

let opened: Opened, mail: TestMail, mailer: Mailer;
const ids: Record<string, string> = {};
const processes = createProcesses([attesa]);
const log = { info: () => {}, warn: () => {}, error: () => {} };

/** A working day, today or just after. */
function workingDay(): string {
  const today = romeDate(new Date().toISOString());
  return dayOfWeek(today) > 5 ? addDays(today, 8 - dayOfWeek(today)) : today;
}
const DAY = workingDay();
const send = (day = DAY, more: object = {}) => sendDigests({ pool: opened.pools.worker, mailer, processes, log, ...more }, day);
const readable = (date: string) => date.split('-').reverse().join('/');
const received = () => mail.received.map(({ to }) => to).sort();
async function bodyFor(address: string): Promise<string> {
  const raw = mail.received.filter(({ to }) => to === address);
  if (raw.length !== 1) throw new Error(`${raw.length} mails for ${address}`);
  return (await simpleParser(raw[0]!.raw)).text ?? '';
}

async function user(name: string, more: { email?: string | null; locale?: string; organisation?: string; role?: string } = {}): Promise<void> {
  const { email = `${name}@example.it`, locale = 'it', organisation, role } = more;
  ids[name] = randomUUID();
  await opened.admin.query('insert into users (id, username, name, email, locale) values ($1, $2, $3, $4, $5)', [ids[name], name, name[0]!.toUpperCase() + name.slice(1), email, locale]);
  if (organisation) await opened.admin.query('insert into memberships values ($1, $2, $3)', [ids[name], organisation, role]);
}
async function absent(name: string, deputy: string, from: number, to: number): Promise<string> {
  const id = randomUUID();
  await opened.admin.query(`insert into absences (id, user_id, deputy, organisation, from_day, to_day, reason, set_by) values ($1, $2, $3, 'S1', $4, $5, 'Ferie', 'x')`, [id, ids[name], ids[deputy], addDays(DAY, from), addDays(DAY, to)]);
  return id;
}
async function submitted(data: object = {}, family: string | null = null): Promise<string> {
  const id = await newCase(opened, 'attesa', data as never, { polo: 'P1', ...(family ? { famiglia: ids[family]! } : {}) });
  await give(opened, id, 'presenta');
  return id;
}

beforeAll(async () => {
  opened = await openEngine([attesa]);
  mail = new TestMail();
  await mail.start();
  mailer = createMailer({ smtpUrl: mail.url, from: 'Iter <iter@example.it>', timeoutMs: 1_500 });
  await user('preside', { organisation: 'S1', role: 'dirigente' });
  await user('vicaria', { organisation: 'S1', role: 'segreteria', locale: 'en' });
  await user('polo', { organisation: 'P1', role: 'operatorePolo' });
  await user('altrove', { organisation: 'S2', role: 'dirigente' });
  await user('muto', { organisation: 'S1', role: 'dirigente', email: null });
  await user('madre', { locale: 'en' });
  await user('padre');
});
afterAll(async () => {
  mailer.close();
  await mail.stop();
  await opened.close();
});
beforeEach(() => { mail.received.length = 0; mail.attempts.length = 0; mail.answer = () => 'accept'; });
afterEach(async () => {
  for (const table of ['digests', 'absences', 'tasks']) await opened.admin.query(`delete from ${table}`);
  await opened.admin.query('update users set digest = true, disabled = false');
});

describe('the daily mail', () => {
  it('tells each person what waits for them, in their language, and nobody else anything', async () => {
    await submitted({ firmaEntro: '2026-01-15', termine: '2099-03-01', alunno: 'Luca Rossi' }, 'madre');
    await submitted({ firmaEntro: addDays(DAY, 7), termine: '2099-02-01' }, 'padre');
    expect(await send()).toBe('done');
    expect(received()).toEqual(['madre@example.it', 'padre@example.it', 'polo@example.it', 'preside@example.it']);
    const begun = readable(romeDate(new Date().toISOString()));
    expect(await bodyFor('preside@example.it')).toBe(`Buongiorno Preside,

ecco che cosa ti aspetta oggi.

Dirigente – Prima scuola
========================
In ritardo:
- 15/01/2026: Firma da apporre (Attesa del ${begun})
Entro sette giorni:
- ${readable(addDays(DAY, 7))}: Firma da apporre (Attesa del ${begun})

-- 
Questo messaggio parte da solo nei giorni dal lunedì al venerdì, quando c’è qualcosa da fare. Lo puoi disattivare nel tuo profilo.
`);
    expect(await bodyFor('madre@example.it')).toBe(`Good morning Madre,

this is what waits for you today.

Parent
======
Overdue:
- 15/01/2026: Consent to give (Waiting of ${begun})

-- 
This message is sent from Monday to Friday when there is something to do. You can switch it off in your profile.
`);
    // By due date, though the other has waited longer.
    expect((await bodyFor('polo@example.it')).match(/\d{2}\/\d{2}\/2099/g)).toEqual(['01/02/2099', '01/03/2099']);
    const whole = mail.received.map(({ raw }) => raw.toString()).join('\n');
    expect(whole).not.toMatch(/Luca|Rossi/);
    for (const { messageId, to, raw } of mail.received) {
      expect(messageId).toBe(`<digest.${DAY}.${ids[to.split('@')[0]!]}@iter.example.it>`);
      expect(raw.toString()).toMatch(/Auto-Submitted: auto-generated/);
    }
    expect(mail.received.map(({ to, subject }) => [to, subject]).sort()).toEqual([
      ['madre@example.it', '1 open task, 1 overdue'], ['padre@example.it', '1 attività in attesa'], ['polo@example.it', '2 attività in attesa'], ['preside@example.it', '2 attività in attesa, 1 in ritardo'],
    ]);
  });

  it('comes once for a day, and again on the next', async () => {
    await submitted();
    for (const day of [DAY, DAY, addDays(DAY, dayOfWeek(DAY) === 5 ? 3 : 1)]) await send(day);
    expect(received()).toEqual(['polo@example.it', 'polo@example.it']);
    expect(new Set(mail.received.map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('does not come on Saturday and Sunday', async () => {
    await submitted();
    for (const day of ['2026-11-21', '2026-11-22']) expect(await send(day)).toBe('done');
    expect(received()).toEqual([]);
  });

  it.each([['no task', ''], ['an account that is disabled', `update users set disabled = true where username = 'polo'`], ['no wish for it', `update users set digest = false where username = 'polo'`]])('does not come to somebody with %s', async (what, change) => {
    if (what !== 'no task') await submitted();
    if (change) await opened.admin.query(change);
    await send();
    expect(received()).toEqual([]);
  });

  it('goes to the deputy while somebody is absent, by whom it is, and not to the absent one', async () => {
    await submitted({ firmaEntro: '2099-01-15' });
    const id = await absent('preside', 'vicaria', 0, 1);
    await send();
    expect(received()).toEqual(['polo@example.it', 'vicaria@example.it']);
    expect(await bodyFor('vicaria@example.it')).toContain('Head – Prima scuola (as deputy of Preside)\n');
    for (const change of [`update absences set from_day = to_day where id = $1`, `update absences set withdrawn_at = now() where id = $1`]) {
      await opened.admin.query('delete from digests');
      mail.received.length = 0;
      await opened.admin.query('update absences set withdrawn_at = null where id = $1', [id]);
      await opened.admin.query(change, [id]);
      await send();
      expect(received()).toEqual(['polo@example.it', 'preside@example.it']);
    }
  });

  it('tells an absent parent what concerns the family: they are away from their school only', async () => {
    await user('doppia', { organisation: 'S1', role: 'dirigente' });
    await submitted({ firmaEntro: '2099-01-15' }, 'doppia');
    await absent('doppia', 'vicaria', 0, 0);
    await send();
    const text = await bodyFor('doppia@example.it');
    expect([text.includes('Genitore'), text.includes('Dirigente')]).toEqual([true, false]);
    // The head who is there hears of the signature as before.
    expect(received()).toContain('preside@example.it');
    await opened.admin.query('delete from absences where user_id = $1', [ids['doppia']]);
    await opened.admin.query('delete from memberships where user_id = $1', [ids['doppia']]);
  });

  it('lists twenty of a profile, the most urgent, and counts the rest', async () => {
    for (let i = 0; i < 23; i += 1) await submitted({ termine: addDays('2099-01-31', -i) });
    await submitted();
    await send();
    const text = await bodyFor('polo@example.it');
    expect(text.match(/^- /gm)).toHaveLength(20);
    expect(text).toContain(`Le altre:\n- ${readable(addDays('2099-01-31', -22))}: Risposta da dare`);
    expect(text).toContain('… e altre 4.\n');
    expect(mail.received[0]!.subject).toBe('24 attività in attesa');
  });

  it('says one more as one, thousands as people write them, and the number of a case', () => {
    const line = { part: 'rest' as const, due: null, process: 'Attesa', number: '7/2026', begun: '2026-01-01', task: 'Risposta' };
    const profile = { role: 'Dirigente', organisation: null, deputyFor: null, lines: [line], total: 2, overdue: 0 };
    expect(digestText('it', 'Ada', [profile]).text).toContain('- senza scadenza: Risposta (Attesa n. 7/2026)\n… e un’altra.');
    expect(digestText('en', 'Ada', [profile]).text).toContain('- no due date: Risposta (Attesa no. 7/2026)\n… and one more.');
    expect(digestText('it', 'Ada', [{ ...profile, total: 1_235, overdue: 1_000 }]).subject).toBe('1.235 attività in attesa, 1.000 in ritardo');
    expect(digestText('en', 'Ada', [{ ...profile, total: 1_235 }]).subject).toBe('1,235 open tasks');
  });
});

describe('exactly once', () => {
  it('several workers at once write to each person once', async () => {
    for (let i = 0; i < 30; i += 1) await user(`polo${i}`, { organisation: 'P1', role: 'operatorePolo' });
    await submitted();
    await Promise.all([send(), send(), send(), send()]);
    expect(received()).toHaveLength(31);
    expect(new Set(received()).size).toBe(31);
    await opened.admin.query(`delete from memberships where user_id in (select id from users where username ~ '^polo[0-9]')`);
  });

  it('who died before the mail was confirmed is followed by one who sends it under the same Message-ID', async () => {
    await submitted();
    await send();
    // The row as a worker leaves it that was killed between sending and confirming.
    await opened.admin.query('update digests set sent_at = null');
    // While its lease lasts it may still be at it.
    expect([await send(), received().length]).toEqual(['again', 1]);
    await opened.admin.query('update digests set lease_until = clock_timestamp()');
    expect([await send(), received().length]).toEqual(['done', 2]);
    expect(new Set(mail.received.map(({ messageId }) => messageId)).size).toBe(1);
    expect([await send(), received().length]).toEqual(['done', 2]);
  });

  it('an address that is refused for good is written to no more; one that is told later, later', async () => {
    await submitted({ firmaEntro: '2099-01-15' });
    mail.answer = address => (address.startsWith('polo') ? { code: 550 } : { code: 450 });
    expect(await send(DAY, { laterMs: 0 })).toBe('again');
    mail.answer = () => 'accept';
    expect(await send(DAY, { laterMs: 0 })).toBe('done');
    expect(received()).toEqual(['preside@example.it']);
    expect((await opened.admin.query('select failure is not null as failed, sent_at is not null as sent from digests order by 1')).rows).toEqual([{ failed: false, sent: true }, { failed: true, sent: false }]);
  });

  it('a mail server that is away is not asked for each of them', async () => {
    for (let i = 0; i < 6; i += 1) await user(`dirigente${i}`, { organisation: 'S1', role: 'dirigente' });
    await submitted({ firmaEntro: '2099-01-15' });
    mail.answer = () => ({ code: 451 });
    expect(await send()).toBe('again');
    expect(mail.attempts).toHaveLength(3);
    mail.answer = () => 'accept';
    await opened.admin.query('update digests set lease_until = clock_timestamp()');
    expect(await send()).toBe('done');
    expect(received()).toHaveLength(8);
    await opened.admin.query(`delete from memberships where user_id in (select id from users where username ~ '^dirigente[0-9]')`);
  });

  it('ends early when the worker stops, and goes on with the next', async () => {
    await submitted();
    const stopped = new AbortController();
    stopped.abort();
    expect(await sendDigests({ pool: opened.pools.worker, mailer, processes, log }, DAY, stopped.signal)).toBe('again');
    expect(received()).toEqual([]);
    expect(await send()).toBe('done');
    expect(received()).toEqual(['polo@example.it']);
  });

  it('is a daily job that waits for its hour in Rome, and comes again while something is left', async () => {
    let now = '2026-03-30T04:59:00.000Z';
    const ran: string[] = [];
    let before = 0, after = 0;
    const daily = startDaily({ pool: opened.pools.worker, log, everyMs: 20, now: () => new Date(now), jobs: [
      { name: 'digest', from: '07:00', run: async day => { ran.push(day); return ran.length < 3 ? 'again' : undefined; } }, { name: 'heads', run: async () => { if (ran.length === 0) before += 1; else after += 1; } },
    ] });
    await until(() => before > 0, 'midnight’s job ran');
    expect(ran).toEqual([]);
    // Summer time began the day before: seven o'clock is five in UTC.
    now = '2026-03-30T05:00:00.000Z';
    await until(() => ran.length === 3, 'it ran until it was done');
    await daily.stop();
    expect([ran, before, after]).toEqual([['2026-03-29', '2026-03-29', '2026-03-29'], 1, 0]);
  });
});
