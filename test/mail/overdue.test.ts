/** Why: a letter that nobody confirmed is not delivered. Within a day somebody must know, once, and stop being asked when it arrives after all. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openPost, type Letter, type Post } from './letters.ts';

let post: Post;
beforeAll(async () => { post = await openPost(); });
afterAll(() => post?.close());
beforeEach(async () => { await post.admin.query('delete from mail_receipts'); await post.admin.query('delete from tasks'); await post.admin.query('delete from mails'); });

const sentHoursAgo = async (letter: Letter, hours: number) => { await post.admin.query('update mails set sent_at = clock_timestamp() - make_interval(hours => $2) where id = $1', [letter.id, hours]); };
const take = async (letter: Letter, ...[kind, change]: [Parameters<Post['receipt']>[1], Parameters<Post['receipt']>[2]?]) => post.engine.post.takeIn(await post.receipt(letter, kind, change), 'S1');

describe('A certified mail without a receipt of delivery', () => {
  it('raises one task for its sender after 24 hours, and the receipt closes it', async () => {
    const letter = await post.letter();
    await take(letter, 'accettazione');
    await sentHoursAgo(letter, 23);
    expect(await post.engine.post.markOverdue(24)).toBe(0);
    await sentHoursAgo(letter, 25);
    const marked = await Promise.all([post.engine.post.markOverdue(24), post.engine.post.markOverdue(24), post.engine.post.markOverdue(24)]);
    expect(marked.reduce((sum, each) => sum + each, 0)).toBe(1);
    expect(await post.tasks()).toEqual([{ name: `consegnaMancante/${letter.id}`, principal: 'S1', roles: ['segreteria'], detail: { mail: letter.id, why: 'overdue', party: 'polo', recipient: letter.recipient } }]);
    expect((await post.stateOf(letter)).overdue_at).toBeInstanceOf(Date);
    await take(letter, 'avvenuta-consegna');
    expect(await post.tasks()).toEqual([]);
    expect(await post.engine.post.markOverdue(24)).toBe(0);
  });

  it.each([['delivered', 'avvenuta-consegna'], ['failed', 'errore-consegna']] as const)('is not waited for any more when it is %s', async (_state, kind) => {
    const letter = await post.letter();
    await sentHoursAgo(letter, 48);
    await take(letter, kind);
    expect(await post.engine.post.markOverdue(24)).toBe(0);
  });

  it('is not waited for when it is ordinary mail', async () => {
    await sentHoursAgo(await post.letter({ certified: false }), 48);
    expect(await post.engine.post.markOverdue(24)).toBe(0);
  });

  it('asks all roles of a party that named none, and of the installation\'s own mail the party that answers for letters', async () => {
    const fromPolo = await post.letter({ sender: 'P1', party: 'scuola' }), own = await post.letter({ sender: null, party: 'polo' });
    for (const each of [fromPolo, own]) await sentHoursAgo(each, 48);
    expect(await post.engine.post.markOverdue(24)).toBe(2);
    expect(await post.tasks(fromPolo)).toMatchObject([{ principal: 'P1', roles: ['operatorePolo'] }]);
    expect(await post.tasks(own)).toMatchObject([{ principal: 'S1', roles: ['segreteria'] }]);
  });
});

describe('A mail that failed', () => {
  it('raises its task at once, whose reason follows what is known', async () => {
    const letter = await post.letter();
    await sentHoursAgo(letter, 48);
    await post.engine.post.markOverdue(24);
    expect(await post.tasks(letter)).toMatchObject([{ detail: { why: 'overdue' } }]);
    await take(letter, 'errore-consegna', { error: { code: 'no-dest', detail: '5.1.1' } });
    expect(await post.tasks(letter)).toMatchObject([{ detail: { why: 'failed' } }]);
  });

  it('ends its task when somebody has seen to it, for good', async () => {
    const letter = await post.letter();
    expect(await post.engine.post.handle(letter.id, { by: 'mario', note: 'niente' })).toBe(false);
    await take(letter, 'non-accettazione', { error: { code: 'virus', detail: 'infetto' } });
    expect(await post.engine.post.handle(letter.id, { by: 'mario', note: 'consegnato a mano' })).toBe(true);
    expect(await post.tasks()).toEqual([]);
    await take(letter, 'errore-consegna', { error: { code: 'altro', detail: 'ancora' } });
    expect(await post.tasks()).toEqual([]);
    expect(await post.stateOf(letter)).toMatchObject({ handled_by: 'mario', handling: 'consegnato a mano' });
  });
});
