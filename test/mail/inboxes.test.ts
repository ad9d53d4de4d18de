/** Why: what a provider put into a mailbox is evidence. Whoever dies, whatever is away, whoever opened it first: it is read, and counted once. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ImapFlow } from 'imapflow';
import { INSTALLATION } from '../../engine/mail/post.ts';
import { deliverToFolder, folderInbox } from '../../worker/mail/folderInbox.ts';
import { imapInbox } from '../../worker/mail/imapInbox.ts';
import type { Inbox, Take } from '../../worker/mail/inbox.ts';
import { startPostOffice, type PostOffice, type PostOfficeOptions } from '../../worker/mail/postOffice.ts';
import { sleep, until } from '../agenda/life.ts';
import { startDovecot, type Dovecot } from '../environment/dovecot.ts';
import { openPost, type Letter, type Post } from './letters.ts';

let post: Post, dovecot: Dovecot;
const offices: PostOffice[] = [];
beforeAll(async () => { [post, dovecot] = await Promise.all([openPost(), startDovecot()]); });
afterAll(async () => {
  await Promise.all(offices.map(office => office.stop()));
  await Promise.all([post?.close(), dovecot?.close()]);
});

const never = new AbortController().signal;
const subject = (text: string) => `From: a@example.it\r\nSubject: ${text}\r\nMessage-ID: <${text}@example.it>\r\n\r\n${text}\r\n`;
async function readAll(inbox: Inbox, answer: (text: string) => boolean | Promise<boolean> = () => true): Promise<string[]> {
  const texts: string[] = [];
  const take: Take = async raw => { const text = /Subject: (.*)\r\n/.exec(raw.toString())?.[1] ?? ''; texts.push(text); return await answer(text); };
  await inbox.read(take, never);
  return texts;
}
async function asPerson<T>(user: string, work: (client: ImapFlow) => Promise<T>): Promise<T> {
  const url = new URL(dovecot.url(user)), client = new ImapFlow({ host: url.hostname, port: Number(url.port), secure: false, auth: { user, pass: url.password }, logger: false });
  await client.connect();
  try {
    await client.mailboxOpen('INBOX');
    return await work(client);
  } finally {
    await client.logout();
  }
}
const unseenOf = (user: string) => asPerson(user, async client => (await client.search({ seen: false }, { uid: true }) || []).length);
function open(inboxes: Inbox[], options: Partial<PostOfficeOptions> = {}, pool = post.pools.worker): PostOffice {
  const office = startPostOffice({ inboxes, tickMs: 50, overdueEveryMs: 100, ...options }, { pool, post: post.engine.post, log: { info() {}, warn() {}, error() {} } });
  offices.push(office);
  return office;
}
const becomes = (letter: Letter, state: string) => until(async () => (await post.stateOf(letter)).state === state, `the mail is ${state}`);

describe('A mailbox read by IMAP', () => {
  it('gives its messages oldest first, and marks them when they are taken', async () => {
    for (const text of ['uno', 'due', 'tre']) dovecot.deliver('ordine', subject(text));
    const inbox = imapInbox('S1', dovecot.url('ordine'));
    expect(await readAll(inbox)).toEqual(['uno', 'due', 'tre']);
    expect(await unseenOf('ordine')).toBe(0);
    expect(await readAll(inbox)).toEqual([]);
  });

  it('leaves unmarked what was not taken, and goes on with the rest', async () => {
    for (const text of ['buono', 'guasto', 'altro']) dovecot.deliver('guasto', subject(text));
    const inbox = imapInbox('S1', dovecot.url('guasto'));
    expect(await readAll(inbox, text => text !== 'guasto')).toEqual(['buono', 'guasto', 'altro']);
    expect(await unseenOf('guasto')).toBe(1);
    expect(await readAll(inbox)).toEqual(['guasto']);
  });

  it('gives again what was on record and not yet marked when the reader died', async () => {
    dovecot.deliver('morto', subject('ricevuta'));
    await expect(readAll(imapInbox('S1', dovecot.url('morto')), () => { throw new Error('killed here'); })).rejects.toThrow('killed here');
    expect(await readAll(imapInbox('S1', dovecot.url('morto')))).toEqual(['ricevuta']);
  });

  it('gives what somebody opened before we came', async () => {
    dovecot.deliver('aperto', subject('letta da altri'));
    await asPerson('aperto', client => client.messageFlagsAdd('1:*', ['\\Seen']));
    const inbox = imapInbox('S1', dovecot.url('aperto'));
    expect(await readAll(inbox)).toEqual(['letta da altri']);
    expect(await readAll(inbox)).toEqual([]);
  });

  it('reads only the beginning of what is too large, and leaves the rest where it is', async () => {
    dovecot.deliver('grande', `${subject('enorme')}${'x'.repeat(200_000)}`);
    const sizes: [number, boolean][] = [];
    await imapInbox('S1', dovecot.url('grande'), { limit: 100_000 }).read(async (raw, tooLarge) => { sizes.push([raw.length, tooLarge]); return true; }, never);
    expect(sizes).toEqual([[65_536, true]]);
  });

  it('is read at the path that its address names', async () => {
    await asPerson('cartella', async client => { await client.mailboxCreate('Ricevute PEC'); await client.append('Ricevute PEC', subject('di qui')); });
    dovecot.deliver('cartella', subject('non di qui'));
    expect(await readAll(imapInbox('S1', dovecot.url('cartella', 'Ricevute PEC')))).toEqual(['di qui']);
  });

  it.each([['a wrong password', (url: string) => url.replace(/:[^:@/]+@/, ':sbagliata@')], ['a mailbox that is not there', (url: string) => `${url}Nessuna`], ['nobody who listens', (url: string) => url.replace(/:\d+\/$/, ':1/')]])('says so with %s, and does not end the program', async (_what, change) => {
    await expect(readAll(imapInbox('S1', change(dovecot.url('chiunque')), { timeoutMs: 5_000 }))).rejects.toThrow();
  });
});

describe('The folder of the embedded mail server', () => {
  it('gives each message until it is taken, then moves it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'iter-inbox-')), inbox = folderInbox(INSTALLATION, folder, { limit: 100_000 });
    try {
      expect(await readAll(inbox)).toEqual([]);
      await deliverToFolder(folder, '1.eml', Buffer.from(subject('uno')));
      await deliverToFolder(folder, '2.eml', Buffer.from(`${subject('due')}${'x'.repeat(200_000)}`));
      expect(await readAll(inbox, text => text !== 'uno')).toEqual(['uno', 'due']);
      expect([readdirSync(join(folder, 'new')), readdirSync(join(folder, 'cur'))]).toEqual([['1.eml'], ['2.eml']]);
      expect(await readAll(inbox)).toEqual(['uno']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('The post office', () => {
  it('brings receipts from each account\'s own mailbox to their mails', async () => {
    const [school, polo] = [await post.letter(), await post.letter({ sender: 'P1', party: 'scuola', recipient: 'scuola@pec.example.it' })];
    dovecot.deliver('scuola', await post.receipt(school, 'avvenuta-consegna'));
    dovecot.deliver('polo', await post.receipt(polo, 'errore-consegna'));
    const office = open([imapInbox('S1', dovecot.url('scuola'), { everyMs: 100 }), imapInbox('P1', dovecot.url('polo'), { everyMs: 100 })]);
    await becomes(school, 'delivered');
    await becomes(polo, 'failed');
    expect(await post.tasks(polo)).toMatchObject([{ principal: 'P1', detail: { why: 'failed' } }]);
    await office.stop();
  });

  it('reads again after its server was away, and other mailboxes meanwhile', async () => {
    const [late, meanwhile] = [await post.letter(), await post.letter({ sender: null })];
    const folder = mkdtempSync(join(tmpdir(), 'iter-inbox-'));
    await dovecot.stop();
    dovecot.deliver('via', await post.receipt(late, 'avvenuta-consegna'));
    const office = open([imapInbox('S1', dovecot.url('via'), { everyMs: 100, timeoutMs: 2_000 }), folderInbox(INSTALLATION, folder, { everyMs: 100 })]);
    await deliverToFolder(folder, 'r.eml', await post.receipt(meanwhile, 'avvenuta-consegna'));
    await becomes(meanwhile, 'delivered');
    await dovecot.start();
    await becomes(late, 'delivered');
    await office.stop();
    rmSync(folder, { recursive: true });
  });

  it('counts once what a reader took in before it was killed, and had not marked', async () => {
    const letter = await post.letter();
    dovecot.deliver('ucciso', await post.receipt(letter, 'errore-consegna'));
    const killed = imapInbox('S1', dovecot.url('ucciso')).read(async raw => { await post.engine.post.takeIn(raw, 'S1'); throw new Error('killed here'); }, never);
    await expect(killed).rejects.toThrow('killed here');
    expect(await unseenOf('ucciso')).toBe(1);
    const office = open([imapInbox('S1', dovecot.url('ucciso'), { everyMs: 100 })]);
    await until(async () => await unseenOf('ucciso') === 0, 'it is marked');
    await office.stop();
    expect((await post.admin.query('select id from mail_receipts where mail_id = $1', [letter.id])).rowCount).toBe(1);
    expect(await post.tasks(letter)).toHaveLength(1);
  });

  it('is one in the installation: two read each message once, and the other goes on when the first stops', async () => {
    const letters = [await post.letter(), await post.letter()] as const, others = post.another().pools.worker;
    const first = open([imapInbox('S1', dovecot.url('uno'), { everyMs: 100 })]);
    await sleep(300);
    const second = open([imapInbox('S1', dovecot.url('uno'), { everyMs: 100 })], {}, others);
    dovecot.deliver('uno', await post.receipt(letters[0], 'avvenuta-consegna'));
    await becomes(letters[0], 'delivered');
    await first.stop();
    dovecot.deliver('uno', await post.receipt(letters[1], 'avvenuta-consegna'));
    await becomes(letters[1], 'delivered');
    await second.stop();
    expect((await post.admin.query('select id from mail_receipts where mail_id = any ($1)', [letters.map(({ id }) => id)])).rowCount).toBe(2);
  });

  it('finds overdue mail by itself, and lets the receipt that comes after all close its task', async () => {
    const letter = await post.letter();
    await post.admin.query(`update mails set sent_at = sent_at - interval '25 hours' where id = $1`, [letter.id]);
    const office = open([imapInbox('S1', dovecot.url('tardi'), { everyMs: 100 })]);
    await until(async () => (await post.tasks(letter)).length === 1, 'its task is there');
    dovecot.deliver('tardi', await post.receipt(letter, 'avvenuta-consegna'));
    await until(async () => (await post.tasks(letter)).length === 0, 'its task is gone');
    await office.stop();
  });
});
