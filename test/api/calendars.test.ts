/** Calendars: what is booked reaches the mail programs and the feeds of those who take part, is moved and taken back there, and nobody else's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ICAL from 'node-ical';
import { simpleParser } from 'mailparser';
import { readMailIndex } from '../../worker/embedded/mail.ts';
import { testServers } from '../environment/servers.ts';
import { appuntamento } from '../toys/appuntamento.ts';
import { BARI, startTestApi, type TestApi } from './harness.ts';
import { performEffects } from './performEffects.ts';

let api: TestApi;
beforeAll(async () => { api = await startTestApi({ plugins: [appuntamento] }); });
afterAll(async () => { await api.stop(); });

async function booked(data: object = {}, parties: object = { docente: 'docente.bari' }): Promise<string> {
  const { status, body, text } = await api.post('segreteria.bari', '/processes/appuntamento/cases', { data, parties: { famiglia: 'famiglia.rossi', ...parties } });
  if (status !== 201) throw new Error(text);
  await give(body.id, 'chiedi');
  return body.id;
}
async function give(id: string, command: string, data: object = {}, by = 'segreteria.bari'): Promise<void> {
  const { status, text } = await api.post(by, `/cases/${id}/commands/${command}`, data, by.startsWith('famiglia') ? { 'iter-profile': 'persona/genitore' } : {});
  if (status !== 200) throw new Error(text);
}
async function feed(username: string, body: object = {}): Promise<{ id: string; path: string; url: string }> {
  const { status, body: made, text } = await api.post(username, '/me/calendar', body);
  if (status !== 201) throw new Error(text);
  return { ...made, path: new URL(made.url).pathname.replace('/api/v1', '') };
}
async function read(path: string): Promise<any[]> {
  const { status, text } = await api.get(null, path);
  if (status !== 200) throw new Error(`${status} ${text}`);
  return Object.values(ICAL.sync.parseICS(text) as Record<string, any>).filter(({ type }) => type === 'VEVENT');
}
const of = (events: any[], id: string) => events.find(({ uid }) => uid === id);
const SLOT = { dal: '2027-03-28T06:00:00.000Z', al: '2027-03-28T06:10:00.000Z' };

/** Mails of a case, oldest first, each with the calendar that it carries. */
async function mails(id: string) {
  const { mail } = testServers(), found = [];
  for (const { file, to } of readMailIndex(mail)) {
    const parsed = await simpleParser(readFileSync(join(mail, file)));
    if (!String(parsed.references).includes(id)) continue;
    const raw = readFileSync(join(mail, file), 'utf8'), attachment = parsed.attachments.find(({ contentType }) => contentType === 'application/ics');
    const calendar = attachment ? (ICAL.sync.parseICS(attachment.content.toString()) as Record<string, any>) : null;
    found.push({ to: to[0]!, text: parsed.text?.trim(), alternative: /content-type: multipart\/alternative;.*content-type: text\/plain.*content-type: text\/calendar; charset=utf-8; method=(\w+)/is.exec(raw.replace(/\r\n[ \t]+/g, ' '))?.[1] ?? null, name: attachment?.filename ?? null, method: calendar?.['vcalendar'].method ?? null, event: calendar?.[id] ?? null });
  }
  return found;
}

describe('a feed', () => {
  it('has the appointments of its person, as parent and as teacher, and nobody else’s', async () => {
    const id = await booked(), other = await booked({}, { famiglia: 'famiglia.bianchi', docente: undefined });
    const [parent, teacher, stranger] = [await feed('famiglia.rossi'), await feed('docente.bari'), await feed('famiglia.bianchi')];
    expect(of(await read(parent.path), id)).toMatchObject({ status: 'TENTATIVE', sequence: 0, summary: 'Colloquio con la scuola', location: 'Aula 3', start: new Date('2027-01-12T15:00:00.000Z') });
    expect([of(await read(teacher.path), id)?.uid, of(await read(teacher.path), other), of(await read(stranger.path), id), of(await read(stranger.path), other)?.uid]).toEqual([id, undefined, undefined, other]);
  });

  it('follows its cases: confirmed, moved, taken back, under one UID and a growing SEQUENCE', async () => {
    const id = await booked(), { path } = await feed('famiglia.rossi');
    const now = async () => of(await read(path), id);
    await give(id, 'conferma');
    expect(await now()).toMatchObject({ status: 'CONFIRMED', sequence: 1 });
    // What changes nothing that a calendar shows is no new version.
    await give(id, 'annota');
    expect(await now()).toMatchObject({ sequence: 1 });
    await give(id, 'sposta', SLOT);
    expect(await now()).toMatchObject({ sequence: 2, start: new Date(SLOT.dal) });
    await give(id, 'annulla', {}, 'famiglia.rossi');
    expect(await now()).toMatchObject({ status: 'CANCELLED', sequence: 3, transparency: 'TRANSPARENT' });
    const { rows } = await api.db.query('select sequence, status, latest from calendar_entries where case_id = $1 order by sequence', [id]);
    expect(rows).toEqual([{ sequence: 0, status: 'tentative', latest: false }, { sequence: 1, status: 'confirmed', latest: false }, { sequence: 2, status: 'confirmed', latest: false }, { sequence: 3, status: 'cancelled', latest: true }]);
  });

  it('shows what is no appointment any more as cancelled, and again when it is one', async () => {
    const id = await booked(), { path } = await feed('famiglia.rossi');
    await give(id, 'dimentica');
    expect(of(await read(path), id)).toMatchObject({ status: 'CANCELLED', sequence: 1 });
    await give(id, 'chiedi');
    expect(of(await read(path), id)).toMatchObject({ status: 'TENTATIVE', sequence: 2 });
  });

  it('keeps what was cancelled for a month, what is past for a year, and shows no draft', async () => {
    const id = await booked(), { path } = await feed('famiglia.rossi');
    const draft = (await api.post('segreteria.bari', '/processes/appuntamento/cases', { data: {}, parties: { famiglia: 'famiglia.rossi' } })).body.id;
    await give(id, 'annulla');
    expect([of(await read(path), id)?.status, of(await read(path), draft)]).toEqual(['CANCELLED', undefined]);
    await api.db.query(`update calendar_entries set changed_at = now() - interval '31 days' where case_id = $1`, [id]);
    expect(of(await read(path), id)).toBeUndefined();
    await api.db.query(`update calendar_entries set status = 'confirmed', ends = now() - interval '360 days', starts = now() - interval '361 days' where case_id = $1`, [id]);
    expect(of(await read(path), id)).toBeDefined();
    await api.db.query(`update calendar_entries set ends = now() - interval '367 days' where case_id = $1`, [id]);
    expect(of(await read(path), id)).toBeUndefined();
  });

  it('of one organisation lists what is with it, while its person belongs to it', async () => {
    const id = await booked(), { path, name } = await feed('docente.bari', { organisation: BARI }) as any;
    expect([of(await read(path), id)?.uid, name]).toEqual([id, expect.stringContaining('Massari')]);
    const docente = await api.userId('docente.bari');
    await api.db.query('delete from memberships where user_id = $1', [docente]);
    expect((await api.get(null, path)).status).toBe(404);
    await api.db.query(`insert into memberships values ($1, $2, 'docente')`, [docente, BARI]);
    expect((await api.get(null, path)).status).toBe(200);
    expect((await api.post('famiglia.rossi', '/me/calendar', { organisation: BARI })).status).toBe(422);
  });

  it('is told once, one of several, and ends when it is revoked or its person is disabled', async () => {
    const [first, second] = [await feed('segreteria.milano', { name: 'Telefono' }), await feed('segreteria.milano', { name: 'Ufficio' })];
    const listed = (await api.get('segreteria.milano', '/me/calendar')).body.items;
    expect(listed.map(({ name }: any) => name)).toEqual(['Telefono', 'Ufficio']);
    const secret = first.path.split('/').at(-1)!.replace('.ics', '');
    expect(JSON.stringify(listed)).not.toContain(secret);
    expect((await api.db.query(`select * from calendar_feeds where encode(hash, 'base64') like $1 or name like $1`, [`%${secret.slice(0, 20)}%`])).rows).toEqual([]);
    expect((await api.call('famiglia.rossi', `/me/calendar/${first.id}`, { method: 'DELETE' })).status).toBe(404);
    expect([(await api.call('segreteria.milano', `/me/calendar/${first.id}`, { method: 'DELETE' })).status, (await api.get(null, first.path)).status, (await api.get(null, second.path)).status]).toEqual([204, 404, 200]);
    await api.db.query(`update users set disabled = true where username = 'segreteria.milano'`);
    expect((await api.get(null, second.path)).status).toBe(404);
    await api.db.query(`update users set disabled = false where username = 'segreteria.milano'`);
    expect([(await api.get(null, `/calendar/${'A'.repeat(43)}.ics`)).status, (await api.get(null, '/calendar/x.ics')).status, (await api.get(null, '/me/calendar')).status]).toEqual([404, 404, 401]);
  });

  it('is kept by nobody on the way, and is not sent again while it is the same', async () => {
    const { path } = await feed('famiglia.rossi'), { headers } = await api.get(null, path);
    expect([headers.get('content-type'), headers.get('cache-control'), headers.get('last-modified')]).toEqual(['text/calendar; charset=utf-8', 'private, no-cache', expect.stringMatching(/GMT$/)]);
    const etag = headers.get('etag')!;
    const again = await api.get(null, path, { 'if-none-match': etag });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    const head = await api.call(null, path, { method: 'HEAD' });
    expect([head.status, head.text, head.headers.get('etag'), head.headers.get('content-type')]).toEqual([200, '', etag, 'text/calendar; charset=utf-8']);
    await booked();
    const changed = await api.get(null, path, { 'if-none-match': etag });
    expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
  });

  it('gives the reading role nothing without its secret, and no row holds a pupil’s name or an appointment’s words', async () => {
    await booked({ alunno: 'Zefirino Inconfondibile' });
    const client = await api.composed.api.pools.read.connect();
    expect((await client.query('select count(*)::int as seen from calendar_entries')).rows).toEqual([{ seen: 0 }]);
    await expect(client.query('select hash from calendar_feeds')).rejects.toThrow(/permission denied/);
    client.release();
    const { rows } = await api.db.query(`select string_agg(e::text, ' ') as all from calendar_entries e`);
    expect(rows[0].all).not.toMatch(/Zefirino|Colloquio|Aula/);
    expect(rows[0].all).not.toContain(Buffer.from('Zefirino').toString('hex'));
  });

  it('is limited: each address, and whoever guesses', async () => {
    const limited = await startTestApi({ plugins: [appuntamento], settings: { rateLimitPerMinute: 50 } });
    try {
      const { body } = await limited.post('famiglia.rossi', '/me/calendar'), path = new URL(body.url).pathname.replace('/api/v1', '');
      const statuses = async (paths: string[]) => { const found = []; for (const each of paths) found.push((await limited.get(null, each)).status); return found; };
      expect((await statuses(Array.from({ length: 31 }, () => path))).filter(status => status !== 200)).toEqual([429]);
      const guesses = Array.from({ length: 8 }, (_each, i) => `/calendar/${String(i).repeat(43)}.ics`);
      // One of them was refused for the address above.
      expect((await statuses(guesses)).filter(status => status === 404)).toHaveLength(4);
    } finally {
      await limited.stop();
    }
  });
});

describe('an invitation by mail', () => {
  it('is sent to those who take part, updated and taken back, each as its step left it', async () => {
    const id = await booked({ promemoria: [60] });
    await give(id, 'conferma');
    await give(id, 'sposta', SLOT);
    await give(id, 'annulla');
    // All of them late, as after a night without mail: each tells what was so when it was asked for.
    await performEffects(api, id, 'invita');
    const sent = (await mails(id)).filter(({ to }) => to.includes('famiglia.rossi')).sort((a, b) => a.event.sequence - b.event.sequence);
    expect(sent.map(({ method, alternative, name, event }) => [method, alternative, name, event.sequence, event.status, event.start.toISOString()])).toEqual([
      ['REQUEST', 'REQUEST', 'invito.ics', 1, 'CONFIRMED', '2027-01-12T15:00:00.000Z'], ['REQUEST', 'REQUEST', 'invito.ics', 2, 'CONFIRMED', SLOT.dal], ['CANCEL', 'CANCEL', 'invito.ics', 3, 'CANCELLED', SLOT.dal],
    ]);
    for (const { event, to } of sent) {
      expect([event.uid, event.organizer.val, event.attendee.val, event.start.tz]).toEqual([id, 'mailto:iter@example.it', `mailto:${to}`, 'Europe/Rome']);
      expect(event.organizer.params.CN).toMatch(/Massari/);
    }
    // The office that organises is told by mail, and invited to nothing.
    const offices = (await mails(id)).filter(({ method }) => method === null);
    expect(offices.every(({ to }) => !/famiglia|docente/.test(to)) && offices.length > 0).toBe(true);
  });

  it('that waited until after the cancellation invites nobody any more: its words go alone', async () => {
    const id = await booked();
    await give(id, 'conferma');
    await give(id, 'sposta', SLOT);
    await give(id, 'annulla');
    const { rows } = await api.db.query(`select id from agenda where case_id = $1 and name = 'invita' order by generation`, [id]);
    const wait = (which: number[], until: string) => api.db.query(`update agenda set due_at = clock_timestamp() + $2::interval where id = any ($1::uuid[])`, [which.map(at => rows[at].id), until]);
    // Mail was away at the first two, and is back for the third: the first two are tried again hours later, in whichever order.
    await api.db.query(`update agenda set state = 'parked' where id = any ($1::uuid[])`, [[rows[0].id, rows[1].id]]);
    await performEffects(api, id, 'invita');
    for (const at of [1, 0]) {
      await api.db.query(`update agenda set state = 'due' where id = $1`, [rows[at].id]);
      await wait([at], '0');
      await performEffects(api, id, 'invita');
    }
    const sent = (await mails(id)).filter(({ to }) => to.includes('famiglia.rossi'));
    expect(sent.map(({ method, alternative, event, text }) => [method, alternative, event?.sequence ?? null, text!.length > 0])).toEqual([['CANCEL', 'CANCEL', 3, true], [null, null, null, true], [null, null, null, true]]);
  });

  it('has the same bytes when it is asked for again', async () => {
    const id = await booked();
    await give(id, 'conferma');
    const { rows: [{ id: effect }] } = await api.db.query(`select id from agenda where case_id = $1 and name = 'invita'`, [id]);
    const { calendars } = api.composed.api.engine;
    const before = await calendars.appointmentFor(id, effect);
    await give(id, 'sposta', SLOT);
    expect(await calendars.appointmentFor(id, effect)).toEqual(before);
  });
});

describe('reminders', () => {
  it('come at each of their times before the beginning, whether or not it was moved', async () => {
    const id = await booked({ promemoria: [1_440, 60] });
    const due = async () => (await api.db.query(`select due_at from agenda where case_id = $1 and name = 'promemoria' and state = 'due'`, [id])).rows.map(({ due_at: at }) => at.toISOString());
    await give(id, 'conferma');
    expect(await due()).toEqual(['2027-01-11T15:00:00.000Z']);
    await give(id, 'sposta', SLOT);
    expect(await due()).toEqual(['2027-03-27T06:00:00.000Z']);
    await give(id, 'tieni');
    expect(await due()).toEqual([]);
  });
});

describe('erasure', () => {
  it('takes the words and times of a case out of all calendars', async () => {
    const id = await booked();
    await give(id, 'annulla');
    await performEffects(api, id);
    await api.db.query('select iter_erase_case($1)', [id]).catch(error => { throw new Error(`${error.message} ${error.where}`); });
    expect((await api.db.query('select from calendar_entries where case_id = $1', [id])).rows).toEqual([]);
  });
});
