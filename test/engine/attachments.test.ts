/**
 * A file that a command relied on must be the file that was uploaded: recorded with its digest, sealed, frozen by its first use, never used twice.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { openBytes, unwrapCaseKey } from '../../engine/history/caseKey.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { codeOf, entries, give, newCase, openEngine, problemOf, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([fascicolo]); });
afterAll(async () => { await opened.close(); });

const inAttesa = async () => {
  const id = await newCase(opened, 'fascicolo', {}, { polo: 'P1', famiglia: 'luigi' });
  await give(opened, id, 'presenta');
  return id;
};
const attach = (id: string, kind: string, content = 'contenuto', key: string = randomUUID(), caller = opened.people.segreteria, name = 'certificato.pdf') =>
  opened.engine.attach({ caseId: id, kind, name, mediaType: 'application/pdf', content: Buffer.from(content), caller, key });
const rows = async (id: string) => (await opened.admin.query('select id, kind, used_by, seq, sha256 from attachments where case_id = $1 order by seq', [id])).rows;

it('is an entry of its own with the digest, moves no version, and its content opens with the case’s key alone', async () => {
  const id = await inAttesa();
  const attached = await attach(id, 'certificato', 'la diagnosi');
  const sha256 = createHash('sha256').update('la diagnosi').digest('hex');
  expect(attached).toMatchObject({ kind: 'certificato', name: 'certificato.pdf', mediaType: 'application/pdf', size: 11, sha256 });
  const last = (await opened.engine.readHistory(id, ['S1']))!.entries.at(-1)!;
  expect(last).toMatchObject({ kind: 'attachment', name: 'certificato', version: 2, payload: { attachment: attached } });
  expect((await opened.engine.readCase(id, ['P1']))!.attachments).toEqual([{ ...attached, usedBy: null, seq: 3 }]);
  const { rows: [stored] } = await opened.admin.query('select a.content, k.wrapped from attachments a join case_keys k using (case_id) where a.id = $1', [attached.id]);
  const key = unwrapCaseKey(Buffer.from(process.env['ITER_MASTER_KEY']!, 'base64'), stored.wrapped, id);
  expect(openBytes(key, stored.content, `${id}/attachment/${attached.id}`).toString()).toBe('la diagnosi');
  expect(() => openBytes(key, stored.content, `${id}/attachment/${randomUUID()}`)).toThrow();
});

it('given again under its key is the same one; the key with another file is refused', async () => {
  const id = await inAttesa();
  const answers = await Promise.all(Array.from({ length: 6 }, () => attach(id, 'certificato', 'x', 'k')));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(await rows(id)).toHaveLength(1);
  expect(await codeOf(attach(id, 'certificato', 'y', 'k'))).toBe('idempotency-key-reused');
  expect(await codeOf(attach(id, 'bozza', 'x', 'k'))).toBe('idempotency-key-reused');
  expect(await codeOf(give(opened, id, 'sollecita', {}, opened.people.segreteria, { key: 'k' }))).toBe('idempotency-key-reused');
});

it('may be uploaded by the roles of its kind; the refusal is on record and is the answer to its key', async () => {
  const id = await inAttesa();
  expect((await attach(id, 'certificato', 'x', 'a', opened.people.genitore)).kind).toBe('certificato');
  for (let i = 0; i < 2; i += 1) expect(await codeOf(attach(id, 'bozza', 'x', 'b', opened.people.genitore))).toBe('forbidden');
  expect((await entries(opened, id)).filter(({ kind }) => kind === 'refused')).toHaveLength(1);
  expect(await codeOf(attach(id, 'certificato', 'x', 'c', { ...opened.people.altraScuola, principals: ['S2'] }))).toBe('not-found');
  expect(await codeOf(attach(id, 'fotografia'))).toBe('invalid');
  expect(await codeOf(attach(id, 'constructor'))).toBe('invalid');
  expect(await codeOf(attach(id, 'certificato', 'x', 'd', opened.people.segreteria, 'a\u0000b'))).toBe('malformed');
});

it('is asked for where a command needs one, by the names of its group', async () => {
  const id = await inAttesa();
  expect((await problemOf(give(opened, id, 'allega'))).members).toMatchObject({ refusals: [{ rule: 'allegatoMancante', figures: { uno: ['certificato', 'autocertificazione'] } }] });
  await attach(id, 'bozza');
  expect(await codeOf(give(opened, id, 'allega'))).toBe('invalid');
});

it('is frozen by the command that uses it, all unused ones of its kinds at once, and serves no second time', async () => {
  const id = await inAttesa();
  for (const kind of ['certificato', 'autocertificazione', 'bozza', 'certificato']) await attach(id, kind, randomUUID());
  const { version } = await give(opened, id, 'allega');
  const seq = (await entries(opened, id)).length;
  expect((await rows(id)).map(({ kind, used_by }) => [kind, used_by])).toEqual([['certificato', seq], ['autocertificazione', seq], ['bozza', null], ['certificato', seq]]);
  expect(await codeOf(give(opened, id, 'allega'))).toBe('invalid');
  await attach(id, 'certificato', 'nuovo');
  expect((await give(opened, id, 'allega')).version).toBe(version + 1);
  expect((await rows(id)).filter(({ used_by }) => used_by === seq)).toHaveLength(3);
  // The decision's facts are in the history: ids and digests, never content.
  const { payload } = (await opened.engine.readHistory(id, ['S1']))!.entries[seq - 1]! as any;
  expect(payload.facts.attachments.map((fact: any) => Object.keys(fact).sort())).toEqual(Array(3).fill(['id', 'kind', 'mediaType', 'sha256']));
});

it('stays unused where the command is refused', async () => {
  const id = await inAttesa();
  await attach(id, 'certificato');
  await give(opened, id, 'ritira');
  expect(await codeOf(give(opened, id, 'allega'))).toBe('command-not-allowed');
  expect((await rows(id))[0].used_by).toBeNull();
  expect(await codeOf(attach(id, 'certificato'))).toBe('command-not-allowed');
});

it('cannot be used by two commands at once', async () => {
  const id = await inAttesa();
  await attach(id, 'certificato');
  const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(give(opened, id, 'allega'))));
  expect(codes.filter(code => code === 'ok')).toHaveLength(1);
});

it('of a draft is the author’s alone', async () => {
  const id = await newCase(opened, 'fascicolo', {}, { polo: 'P1' });
  const { seq } = { seq: (await attach(id, 'certificato'), 2) };
  expect(await opened.engine.readCase(id, ['P1'])).toBeNull();
  expect((await opened.engine.readCase(id, ['S1']))!.attachments[0]!.seq).toBe(seq);
});
