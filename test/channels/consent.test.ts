/** The moment of sending decides: who withdrew, who has another address by now, what was stopped, and what nobody lived to tell about. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { settleOpenEnds } from '../../activities/broadcasts/openEnds.ts';
import { writeContacts } from '../../database/contacts.ts';
import { orderOf } from '../../engine/broadcasts/smsStatus.ts';
import { give, until } from '../agenda/life.ts';
import { ANNO, families, HEADER, openInstallation, sent, tally, type Installation } from './installation.ts';

let installation: Installation;
beforeAll(async () => {
  installation = await openInstallation();
  await installation.life.work({ attemptMs: 20_000, channels: installation.channels, rounds: { everyMs: 200 } });
});
afterAll(() => installation?.close());

/** Families of a class of their own, with a message of which nothing leaves until the test says so. */
async function held(of: string, count: number, { canali = ['email', 'sms'], sms = true } = {}) {
  const gate = Promise.withResolvers<void>(), { life } = installation;
  life.mail.answer = address => (address.startsWith(of) ? { wait: gate.promise } : 'accept');
  await installation.importFamilies([HEADER, ...Array.from({ length: count }, (_, n) => `${of}${n};Blu;Ivo${n};${of};G${of}${n};Blu;Eva${n};${of}${n}@example.it;${sms ? `+39333${String(of.charCodeAt(0) % 100).padStart(2, '0')}${String(n).padStart(5, '0')}` : ''};01/09/2026;${sms ? '01/09/2026' : ''};it`)].join('\n'));
  const caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: [of.toUpperCase()] }, { canali });
  await until(() => life.mail.attempts.some(address => address.startsWith(of)), 'it has begun');
  const userOf = async (n: number) => (await life.admin.query('select id from users where username = $1', [`famiglia.s1.g${of}${n}`])).rows[0].id as string;
  return { caseId, userOf, release: () => gate.resolve(), received: () => life.mail.received.filter(({ to }) => to.startsWith(of)) };
}

describe('between the finding of the recipients and the sending', () => {
  it('who withdraws a consent is not written to any more, who has another address is written to there, and who is no account any more hears nothing', async () => {
    const { caseId, userOf, release } = await held('c', 70), { pools, admin, mail } = installation.life;
    // The last of a batch of fifty and those after it have not left; the first four have their server's ear.
    const rows = (await admin.query(`select user_id from deliveries where case_id = $1 and channel = 'email' and state = 'created' order by next_at, id`, [caseId])).rows;
    expect(rows.length).toBeGreaterThanOrEqual(20);
    const [withdraws, moves, gone] = rows.slice(-3).map(({ user_id }) => user_id as string);
    const change = (userId: string, email: string | null, withdrawn: ('email' | 'sms')[]) => writeContacts(pools.commit, userId, { email, phone: '+393331112299', channels: ['portal', 'email', 'sms'], given: [], withdrawn });
    await change(withdraws!, 'c-ritira@example.it', ['email', 'sms']);
    await change(moves!, 'nuova@example.it', []);
    await admin.query('update users set disabled = true where id = $1', [gone]);
    release();
    await sent(installation, caseId);
    const of = async (userId: string) => (await installation.deliveries(caseId)).filter(({ user_id }) => user_id === userId).map(({ channel, state, error }) => [channel, state, error]);
    const withdrawn = 'the person withdrew this channel or the consent before it left';
    expect(await of(withdraws!)).toEqual([['email', 'withdrawn', withdrawn], ['sms', 'withdrawn', withdrawn]]);
    expect(await of(gone!)).toEqual([['email', 'withdrawn', withdrawn], ['sms', 'withdrawn', withdrawn]]);
    expect((await of(moves!))[0]).toEqual(['email', 'delivered', null]);
    expect(mail.received.filter(({ to }) => to === 'nuova@example.it')).toHaveLength(1);
    expect(installation.sms.sent().filter(({ to }) => to === '+393331112299')).toHaveLength(1);
    expect(await userOf(0)).toBeDefined();
  });
});

describe('what a worker held when it died', () => {
  /** As it stands after a kill -9 in the instant in which sending was stopped. */
  async function stopped(of: string) {
    const { caseId, release } = await held(of, 60, { canali: ['email', 'sms'] }), { admin } = installation.life;
    await give(installation.life, caseId, 'ferma', { motivo: 'Data sbagliata' });
    release();
    await until(async () => (await installation.deliveries(caseId)).every(({ state }) => state === 'delivered' || state === 'withdrawn'), 'the worker that lives has ended');
    const rows = (await installation.deliveries(caseId)).filter(({ state }) => state === 'withdrawn');
    const [mail] = rows.filter(({ channel }) => channel === 'email'), [unsent, left] = rows.filter(({ channel }) => channel === 'sms');
    return { caseId, admin, mail: mail!, unsent: unsent!, left: left! };
  }
  it('comes to a true end: an SMS is asked after, of a mail nobody knows', async () => {
    const { caseId, admin, mail, unsent, left } = await stopped('m');
    await installation.channels.sms!.send({ id: left.id, to: '+393331112288', text: 'Ciao' });
    await admin.query(`update deliveries set state = 'sending', lease_until = now() - interval '1 second' where id = any ($1)`, [[mail.id, unsent.id, left.id]]);
    await until(async () => (await installation.deliveries(caseId)).every(({ state, sent_at: at }) => state !== 'sending' || at !== null), 'nothing is held by nobody');
    const of = async ({ id }: { id: string }) => (await installation.deliveries(caseId)).find(each => each.id === id)!;
    expect(await of(mail)).toMatchObject({ state: 'technicalFailure', error: 'it was stopped while it was leaving: nobody knows whether it left' });
    expect(await of(unsent)).toMatchObject({ state: 'withdrawn', error: 'it was stopped before it left' });
    expect((await of(left)).sent_at).not.toBeNull();
    expect(installation.sms.sent().filter(({ order }) => order === orderOf(unsent.id))).toHaveLength(0);
  });
  it('and gave back too late is withdrawn', async () => {
    const { caseId, admin, unsent, left } = await stopped('p');
    await admin.query(`update deliveries set state = case when id = $1 then 'created' else 'temporaryFailure' end where id = any ($2)`, [unsent.id, [unsent.id, left.id]]);
    await until(async () => (await installation.deliveries(caseId)).every(({ state }) => state === 'delivered' || state === 'withdrawn'), 'nothing waits');
  });
});

describe('an SMS whose receipt was lost', () => {
  it('is asked after, and after three days without any it has failed', async () => {
    await installation.importFamilies([HEADER, 'Q1;Verdi;Rita;9Q;GQ1;Verdi;Ugo;;+393331110000;;01/09/2026;it', 'Q2;Verdi;Rino;9Q;GQ2;Verdi;Pio;;+393332220000;;01/09/2026;it'].join('\n'));
    const { admin, engine } = installation.life, caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: ['9Q'] }, { canali: ['sms'] });
    await sent(installation, caseId);
    const states = async () => (await installation.deliveries(caseId)).map(({ state, error }) => [state, error]);
    expect(await states()).toEqual([['sending', null], ['sending', null]]);
    const due = (sentAgo: string) => admin.query(`update deliveries set lease_until = now() - interval '1 second', sent_at = now() - $2::interval where case_id = $1 and state = 'sending'`, [caseId, sentAgo]);
    // The provider knows of the first that it was delivered; its notification was lost.
    installation.sms.sent().find(({ to }) => to === '+393331110000')!.status = 'DLVRD';
    await due('1 hour');
    await until(async () => (await states())[0]![0] === 'delivered', 'it was asked after');
    expect((await states())[1]).toEqual(['sending', null]);
    await due('73 hours');
    await until(async () => (await states())[1]![0] === 'technicalFailure', 'it is given up');
    expect((await states())[1]).toEqual(['technicalFailure', 'no receipt came within three days']);
    expect(await settleOpenEnds(engine, installation.channels.sms)).toBe(0);
  });
});

describe('servers that let strangers wait', () => {
  it('do so for one each: a whole school is not held up, and each is tried again', async () => {
    const seen = new Set<string>();
    installation.life.mail.answer = address => (address.startsWith('famiglia') && !seen.has(address) && seen.add(address) ? { code: 451 } : 'accept');
    await installation.importFamilies(families(120).replaceAll('nessuno', 'famiglia'));
    const caseId = await installation.send(undefined, { canali: ['email'] });
    await until(() => seen.size === 120, 'everybody was tried once, in one round', 25_000);
    await sent(installation, caseId);
    expect(tally((await installation.deliveries(caseId)).filter(({ username }) => /\.g\d/.test(username)))).toEqual({ 'email delivered': 120 });
  });
  it.each([[552, 'permanentFailure'], [553, 'permanentFailure'], [452, 'temporaryFailure']])('a mailbox that answers %d', async (code, state) => {
    const n = String(code), key = randomUUID().slice(0, 4);
    await installation.importFamilies(`${HEADER}\nX${n};Neri;Leo;8${n};GX${n};Neri;Pia;${key}${n}@example.it;;01/09/2026;;it`);
    installation.life.mail.answer = address => (address.startsWith(key) ? { code } : 'accept');
    const caseId = await installation.send({ tipo: 'alunni', annoScolastico: ANNO, alunni: [`X${n}`] }, { canali: ['email'] });
    await until(async () => (await installation.deliveries(caseId))[0]?.state === state, `it is ${state}`);
    if (state === 'permanentFailure') await sent(installation, caseId);
    else await give(installation.life, caseId, 'ferma', { motivo: 'Basta così' });
    await until(async () => ['permanentFailure', 'withdrawn'].includes((await installation.deliveries(caseId))[0]!.state), 'it has ended');
  });
});

it('one school does not change how another reaches a parent of its pupils; once they have left it may', async () => {
  const { engine, people, admin } = installation.life, account = 'famiglia.s1.gdue';
  await admin.query(`insert into organisations (code, name, kind) values ('S2', 'Altra scuola', 'scuola')`);
  await installation.importFamilies(`${HEADER}\nDUE1;Rossi;Ada;7D;GDUE;Rossi;Ugo;ugo@example.it;+393331112277;01/09/2026;;it`);
  const byAnother = (email: string) => engine.families.importFamilies({ school: 'S2', year: ANNO, content: Buffer.from(`${HEADER};utente\nALTRO1;Rossi;Eva;1A;ALTRA;Rossi;Ugo;${email};+393339998877;02/09/2026;02/09/2026;it;${account}`), preview: false, by: people.segreteria.userId });
  const kept = async () => (await admin.query(`select k.email, k.phone, k.channels, (select count(*)::int from consents s where s.user_id = k.user_id) as consents from contacts k join users u on u.id = k.user_id where u.username = $1`, [account])).rows[0] as object;
  const before = await kept();
  expect(await byAnother('altrove@example.it')).toMatchObject({ refused: 0, pupils: { created: 1 }, guardians: { created: 0 } });
  expect([before, await kept()]).toEqual([{ email: 'ugo@example.it', phone: '+393331112277', channels: ['portal', 'email'], consents: 1 }, before]);
  await admin.query(`update pupils set left_on = current_date where code = 'DUE1'`);
  await byAnother('altrove@example.it');
  expect(await kept()).toMatchObject({ email: 'altrove@example.it', phone: '+393339998877', consents: 2 });
  // The account's own address is its holder's to change: no file of any school leads its mail elsewhere.
  await admin.query(`update users set email = 'proprio@example.it' where username = $1`, [account]);
  expect((await admin.query('select r.email from users u, iter_reached(array[u.id]) r where u.username = $1', [account])).rows).toEqual([{ email: 'proprio@example.it' }]);
});

it('who wrote "no" beside a consent is taken without it; "yes" without a day is refused, for nobody could say since when', async () => {
  const row = (code: string, email: string, sms: string) => `${code};Rosa;Ivo;7E;G${code};Rosa;Pia;${code.toLowerCase()}@example.it;+393331112266;${email};${sms};it`;
  const told = await installation.importFamilies([HEADER, row('NO1', 'No', 'n'), row('NO2', '01/09/2026', 'NO'), row('SI1', 'sì', '')].join('\n'));
  expect(told).toMatchObject({ refused: 1, guardians: { created: 2 }, errors: [{ line: 4, field: 'consensoEmail', code: 'date' }] });
  const { rows } = await installation.life.admin.query(`select u.username, k.channels, (select count(*)::int from consents s where s.user_id = u.id) as consents from users u join contacts k on k.user_id = u.id where u.username like 'famiglia.s1.gno_' order by 1`);
  expect(rows).toEqual([{ username: 'famiglia.s1.gno1', channels: ['portal'], consents: 0 }, { username: 'famiglia.s1.gno2', channels: ['portal', 'email'], consents: 1 }]);
});
