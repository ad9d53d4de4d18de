/** Why: a receipt is evidence. It must find its mail whenever it comes, count once, only ever take a mail forwards, and nobody may forge one. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { INSTALLATION } from '../../engine/mail/post.ts';
import { TRAY_KEY } from '../../engine/mail/mailSeals.ts';
import type { CertifiedReceipt } from '../../worker/embedded/certifiedMail.ts';
import { openPost, POLO_PEC, type Letter, type Post } from './letters.ts';

let post: Post;
beforeAll(async () => { post = await openPost(); });
afterAll(() => post?.close());
afterEach(() => post.admin.query('delete from mail_receipts where mail_id is null'));

const take = (raw: Buffer | string, account = 'S1') => post.engine.post.takeIn(Buffer.from(raw), account);
const given = async (letter: Letter, ...kinds: CertifiedReceipt['kind'][]) => { for (const kind of kinds) await take(await post.receipt(letter, kind)); };

describe('A receipt of certified mail', () => {
  it.each([
    ['accettazione', 'accepted'], ['avvenuta-consegna', 'delivered'], ['non-accettazione', 'failed'], ['errore-consegna', 'failed'], ['preavviso-errore-consegna', 'sent'],
  ] as const)('%s makes its mail %s', async (kind, state) => {
    const letter = await post.letter();
    expect(await take(await post.receipt(letter, kind))).toMatchObject({ kind, mail: letter.id, doubt: null });
    expect((await post.stateOf(letter)).state).toBe(state);
  });

  it('is kept as it came, sealed with the key of the case, at the certified instant', async () => {
    const letter = await post.letter(), raw = await post.receipt(letter, 'avvenuta-consegna');
    const { id } = await take(raw);
    const { rows: [row] } = await post.admin.query('select * from mail_receipts where id = $1', [id]);
    expect(row).toMatchObject({ account: 'S1', mail_id: letter.id, case_id: letter.caseId, reference: letter.messageId, size: raw.length });
    expect((await post.stateOf(letter)).delivered_at.toISOString()).toBe('2026-03-31T15:54:38.000Z');
    for (const secret of ['Istruzione Domiciliare', 'posta-certificata', 'Si trasmette']) expect([row.sealed, row.summary].some(bytes => bytes.includes(secret))).toBe(false);
  });

  it.each([
    [['avvenuta-consegna', 'accettazione'], 'delivered'], [['errore-consegna', 'accettazione'], 'failed'], [['errore-consegna', 'avvenuta-consegna'], 'delivered'],
    [['avvenuta-consegna', 'errore-consegna'], 'delivered'], [['accettazione', 'preavviso-errore-consegna'], 'accepted'], [['accettazione', 'avvenuta-consegna', 'accettazione'], 'delivered'],
  ] as [CertifiedReceipt['kind'][], string][])('takes a mail only forwards: %j ends in %s', async (kinds, state) => {
    const letter = await post.letter();
    await given(letter, ...kinds);
    expect((await post.stateOf(letter)).state).toBe(state);
  });

  it('counts once, however often and by however many readers it is taken in', async () => {
    const letter = await post.letter(), raw = await post.receipt(letter, 'errore-consegna', { error: { code: 'no-dest', detail: '5.1.1 - indirizzo non valido' } });
    const ids = (await Promise.all(Array.from({ length: 8 }, () => take(raw)))).map(({ id }) => id);
    expect(ids.filter(id => id !== null)).toHaveLength(1);
    expect((await post.admin.query('select id from mail_receipts where mail_id = $1', [letter.id])).rowCount).toBe(1);
    expect(await post.tasks(letter)).toHaveLength(1);
    expect((await post.stateOf(letter)).failure).toBe('no-dest: 5.1.1 - indirizzo non valido');
  });

  it('finds a mail that came on record after it', async () => {
    const unknown = await post.letter({ noted: false }), raw = await post.receipt(unknown, 'avvenuta-consegna');
    expect(await take(raw)).toMatchObject({ mail: null, doubt: null });
    expect(await post.tray()).toHaveLength(1);
    expect(await post.engine.post.matchWaiting()).toBe(0);
    const letter = await post.letter({ messageId: unknown.messageId });
    expect(await post.engine.post.matchWaiting()).toBe(1);
    expect((await post.stateOf(letter)).state).toBe('delivered');
    expect(await post.tray()).toEqual([]);
    expect(await take(raw)).toMatchObject({ id: null });
  });
});

describe('A receipt that comes after its case was erased', () => {
  it('is noted without what it carries, and asks nobody', async () => {
    const own = await openPost();
    try {
      const letter = await own.letter(), raw = await own.receipt(letter, 'errore-consegna', { error: { code: 'no-dest', detail: 'casella di Luca Rossi inesistente' } });
      await own.admin.query(`update case_keys set wrapped = '', master = null where case_id = $1`, [own.caseId]);
      await own.admin.query('update cases set erased_at = clock_timestamp() where id = $1', [own.caseId]);
      expect(await own.engine.post.takeIn(raw, 'S1')).toMatchObject({ mail: letter.id, doubt: null });
      expect((await own.admin.query('select length(sealed) as sealed, length(summary) as summary from mail_receipts')).rows).toEqual([{ sealed: 0, summary: 0 }]);
      expect(await own.stateOf(letter)).toMatchObject({ state: 'failed', failure: 'errore-consegna' });
      expect(await own.tasks()).toEqual([]);
    } finally {
      await own.close();
    }
  });
});

describe('A receipt that is not believed changes nothing, and lies in the tray with what is wrong with it', () => {
  const forged = (change: (text: string) => string, kind: CertifiedReceipt['kind'] = 'avvenuta-consegna') => async (letter: Letter) => change((await post.receipt(letter, kind)).toString('latin1'));
  it.each<[string, (letter: Letter) => Promise<string>, string]>([
    ['from somebody who is no provider', forged(text => text.replace(/^From: .*$/m, 'From: dirigente@pec.example.it')), 'not-from-provider'],
    ['from somebody who only calls himself one', forged(text => text.replace(/^From: .*$/m, 'From: "posta-certificata@pec.example.it" <truffa@example.it>')), 'not-from-provider'],
    ['in somebody\'s own message', forged(text => `X-Trasporto: errore\r\n${text}`), 'wrapped'],
    ['of two kinds', forged(text => `X-Ricevuta: accettazione\r\n${text}`), 'ambiguous'],
    ['about two mails', forged(text => `X-Riferimento-Message-ID: <altra@iter.example.it>\r\n${text}`), 'ambiguous'],
    ['without certification data', forged(text => text.replaceAll('daticert.xml', 'altro.xml')), 'no-certificate'],
    ['whose headers promise more than the certification data', forged(text => text.replace('X-Ricevuta: accettazione', 'X-Ricevuta: avvenuta-consegna'), 'accettazione'), 'contradiction'],
    ['of another mail', async letter => (await post.receipt({ ...letter, messageId: 'altra@iter.example.it' }, 'avvenuta-consegna')).toString('latin1').replace(/X-Riferimento-Message-ID: .*/, `X-Riferimento-Message-ID: <${letter.messageId}>`), 'contradiction'],
    ['of a delivery to somebody else', async letter => (await post.receipt(letter, 'avvenuta-consegna', { recipient: 'altri@pec.example.it' })).toString('latin1'), 'other-recipient'],
  ])('%s', async (_what, forge, doubt) => {
    const letter = await post.letter();
    expect(await take(Buffer.from(await forge(letter), 'latin1'))).toMatchObject({ mail: null, doubt });
    expect(await post.engine.post.matchWaiting()).toBe(0);
    expect((await post.stateOf(letter)).state).toBe('sent');
    expect(await post.tray()).toMatchObject([{ doubt, case_id: null }]);
  });

  it('in the mailbox of an organisation that did not send it, also when its mail is noted only later', async () => {
    const early = await post.letter({ noted: false });
    await take(await post.receipt(early, 'avvenuta-consegna'), 'P1');
    const letter = await post.letter({ messageId: early.messageId });
    expect(await post.engine.post.matchWaiting()).toBe(0);
    expect(await post.tray()).toMatchObject([{ doubt: 'other-account', account: 'P1' }]);
    expect((await post.stateOf(letter)).state).toBe('sent');
    // That of the installation sends for those who have none.
    expect(await take(await post.receipt(letter, 'accettazione'), INSTALLATION)).toMatchObject({ mail: letter.id, doubt: null });
  });
});

describe('A bounce of an ordinary server (RFC 3464)', () => {
  const bounce = (letter: Letter, action: string, more = '') => [
    'From: MAILER-DAEMON@mx.example.it', 'To: iter@example.it', 'Subject: Undelivered', 'MIME-Version: 1.0', 'Content-Type: multipart/report; report-type=delivery-status; boundary=B', '',
    '--B', 'Content-Type: text/plain', '', 'Mi dispiace.', '--B', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.it', '', `Final-Recipient: rfc822; ${letter.recipient}`, `Action: ${action}`,
    'Status: 5.1.1', 'Diagnostic-Code: smtp; 550 5.1.1 no such user', more, '--B', 'Content-Type: text/rfc822-headers', '', `Message-ID: <${letter.messageId}>`, 'Subject: x', '', '--B--', '',
  ].join('\r\n');

  it.each([
    [false, 'failed', 'failed', 'dsn-failed'], [true, 'failed', 'failed', 'dsn-failed'], [false, 'delayed', 'sent', 'dsn-delayed'], [false, 'delivered', 'delivered', 'dsn-delivered'],
    // An ordinary server's word is no proof that certified mail arrived.
    [true, 'delivered', 'sent', 'dsn-delivered'], [false, 'relayed', 'sent', 'dsn-relayed'],
  ])('(certified: %s) that says "%s" leaves its mail %s', async (certified, action, state, kind) => {
    const letter = await post.letter({ certified });
    expect(await take(bounce(letter, action))).toMatchObject({ kind, mail: letter.id });
    expect((await post.stateOf(letter)).state).toBe(state);
  });

  it('tells why', async () => {
    const letter = await post.letter({ certified: false });
    await take(bounce(letter, 'failed'));
    expect((await post.stateOf(letter)).failure).toBe('5.1.1 550 5.1.1 no such user');
    expect(await post.tasks(letter)).toMatchObject([{ principal: 'S1', roles: ['segreteria'], detail: { why: 'failed' } }]);
  });

  it('is known too in the envelope in which a provider hands on what came from outside', async () => {
    const letter = await post.letter();
    const wrapped = ['X-Trasporto: errore', 'From: "Per conto di: MAILER-DAEMON@mx.example.it" <posta-certificata@pec.example.it>', 'Subject: ANOMALIA MESSAGGIO: Undelivered', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=O', '',
      '--O', 'Content-Type: text/plain', '', 'Anomalia', '--O', 'Content-Type: message/rfc822; name=postacert.eml', 'Content-Disposition: attachment; filename=postacert.eml', '', bounce(letter, 'failed'), '--O--', ''].join('\r\n');
    expect(await take(wrapped)).toMatchObject({ kind: 'dsn-failed', mail: letter.id });
  });
});

describe('What is no receipt waits in the tray', () => {
  const inner = (more = '') => ['From: Segreteria Polo <polo@pec.example.it>', 'Subject: Rossi Luca: certificato', 'Message-ID: <risposta@pec.example.it>', more, '', 'In allegato.', ''].filter((line, i) => line || i > 3).join('\r\n');
  const envelope = (content: string) => ['X-Trasporto: posta-certificata', 'X-Riferimento-Message-ID: <risposta@pec.example.it>', 'From: "Per conto di: polo@pec.example.it" <posta-certificata@pec.example.it>', 'To: scuola@pec.example.it', 'Subject: POSTA CERTIFICATA: certificato', 'Message-ID: <opec1@pec.example.it>',
    'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=O', '', '--O', 'Content-Type: message/rfc822; name=postacert.eml', 'Content-Disposition: inline; filename=postacert.eml', '', content, '--O--', ''].join('\r\n');

  it.each([
    ['certified mail of others', envelope(inner()), 'posta-certificata'], ['ordinary mail', inner(), 'ordinary'], ['what is not mail at all', '\u0000\u0001 niente di leggibile', 'unreadable'], ['nothing', '', 'unreadable'],
    ['mail with broken parts', 'From: a@b.it\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: =?x\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\u0000', 'ordinary'],
    ['a receipt of an unknown kind', 'From: posta-certificata@pec.example.it\r\nX-Ricevuta: novita\r\n\r\nx', 'ordinary'], ['a receipt of a mail that nobody sent', 'From: posta-certificata@pec.example.it\r\nX-Ricevuta: accettazione\r\nX-Riferimento-Message-ID: <mai@vista>\r\n\r\nx', 'accettazione'],
  ])('%s', async (_what, raw, kind) => {
    const { id } = await take(raw);
    const [item] = await post.tray();
    expect(item).toMatchObject({ id, kind, mail_id: null, case_id: null });
    expect((await post.engine.post.openTrayMessage(item.id, item.sealed))?.equals(Buffer.from(raw))).toBe(true);
    expect([item.sealed, item.summary].some(bytes => bytes.includes('Rossi'))).toBe(false);
  });

  it('tells who wrote it, what about, and which case it may belong to', async () => {
    const letter = await post.letter();
    await take(envelope(inner(`In-Reply-To: <${letter.messageId}>`)));
    const [item] = await post.tray();
    expect(await post.engine.post.openTraySummary(item.id, item.summary)).toMatchObject({ sender: POLO_PEC, subject: 'Rossi Luca: certificato', suggestedCase: post.caseId });
  });

  it('is closed once, with a note', async () => {
    const { id } = await take(inner('X-Nota: pubblicita'));
    const close = () => post.engine.post.close(id!, { by: 'mario', note: 'pubblicità' });
    expect([await close(), await close()]).toEqual([true, false]);
    expect(await post.tray()).toEqual([]);
  });

  it('goes to a case, and is then sealed with its key', async () => {
    const { id } = await take(inner('X-Nota: caso'));
    const assign = () => post.engine.post.assign(id!, { caseId: post.caseId }, { by: 'mario', note: 'è del progetto' });
    expect([await assign(), await assign()]).toEqual([{ ok: true, mail: null, caseId: post.caseId }, { ok: false, why: 'conflict' }]);
    const { rows: [row] } = await post.admin.query('select * from mail_receipts where id = $1', [id]);
    expect(row).toMatchObject({ case_id: post.caseId, closed_by: 'mario', closing: 'è del progetto' });
    await expect(post.engine.post.openTrayMessage(id!, row.sealed)).rejects.toThrow();
  });

  it('is believed when somebody says so: a receipt that was doubted takes effect', async () => {
    const letter = await post.letter(), raw = (await post.receipt(letter, 'avvenuta-consegna')).toString('latin1').replaceAll('daticert.xml', 'dati.xml');
    const { id } = await take(raw);
    expect(await post.engine.post.assign(id!, { mail: letter.id }, { by: 'mario', note: 'verificata nella casella' })).toMatchObject({ ok: true, mail: letter.id });
    expect((await post.stateOf(letter)).state).toBe('delivered');
  });
});

describe('The key of the tray', () => {
  it('is one for all programs, also when several are first, and goes with the master key when that is changed', async () => {
    await post.admin.query('delete from case_keys where case_id = $1', [TRAY_KEY]);
    const programs = [post.another().engine, post.another().engine, post.another().engine];
    const ids = await Promise.all(programs.map((engine, i) => engine.post.takeIn(Buffer.from(`From: a@example.it\r\nSubject: ${i}\r\n\r\n`), 'S1')));
    expect((await post.admin.query('select master is not null as named from case_keys where case_id = $1', [TRAY_KEY])).rows).toEqual([{ named: true }]);
    const items = new Map((await post.tray()).map(item => [item.id, item]));
    for (const [i, { id }] of ids.entries()) for (const engine of programs) expect((await engine.post.openTraySummary(id!, items.get(id).summary)).subject).toBe(String(i));
  });
});
