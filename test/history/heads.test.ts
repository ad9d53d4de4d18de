/** The daily signed heads: an export that was cut, a history that was written anew and a case that was taken away are found by files outside the database. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEADS_LOCK } from '../../database/headsStatements.ts';
import { signHeads } from '../../engine/history/heads.ts';
import { fingerprintOf, publicPem } from '../../engine/history/headsFile.ts';
import { verifyHeads } from '../../engine/history/verifyHeads.ts';
import { loadSigningKey } from '../../worker/signingKey.ts';
import { give, newCase, openEngine, type Opened } from '../engine/opened.ts';
import { yardstick } from '../toys/yardstick.ts';
import { exportOf, rechained, run, testFolder, verify } from './exported.ts';

const key = generateKeyPairSync('ed25519').privateKey;
let opened: Opened, folder: string, remove: () => void;

beforeAll(async () => { opened = await openEngine([yardstick]); });
afterAll(() => opened.close());
beforeEach(() => { ({ folder, remove } = testFolder()); });
afterEach(() => remove());

const sign = (day: string, signingKey = key) => signHeads({ pool: opened.pools.worker, folder, key: signingKey, day });
const linesOf = (day: string) => readFileSync(join(folder, `${day}.jsonl`), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line));
const casesOf = (day: string) => linesOf(day).slice(1, -1).map(line => line.case);
/** A case whose last change is long past: what the overlap of two files would otherwise take in again. */
const longAgo = (...ids: string[]) => opened.admin.query(`update cases set last_at = last_at - interval '2 days' where id = any ($1)`, [ids]);

async function busyCase(): Promise<string> {
  const id = await newCase(opened, 'yardstick');
  for (const command of ['presenta', 'integra', 'integra']) await give(opened, id, command);
  return id;
}

describe('signing', () => {
  it('writes one line per case that changed since the file before, and nothing twice for a day', async () => {
    const [first, second] = [await busyCase(), await busyCase()];
    const { written, cases } = await sign('2026-05-01');
    expect(written).toBe(true);
    expect(casesOf('2026-05-01')).toEqual(expect.arrayContaining([first, second]));
    expect(cases).toBe(casesOf('2026-05-01').length);
    expect(await sign('2026-05-01')).toMatchObject({ written: false });
    await longAgo(first, second);
    await give(opened, second, 'integra');
    // The second and third of May were missed: one file catches up.
    await sign('2026-05-04');
    expect(casesOf('2026-05-04')).toContain(second);
    expect(casesOf('2026-05-04')).not.toContain(first);
    expect(linesOf('2026-05-04')[0]).toMatchObject({ previous: { day: '2026-05-01' } });
    expect(await sign('2026-05-03')).toMatchObject({ written: false });
    expect(await verifyHeads(folder)).toMatchObject({ valid: true, files: [{ day: '2026-05-01' }, { day: '2026-05-04' }] });
    expect(readdirSync(folder).sort()).toEqual(['2026-05-01.jsonl', '2026-05-01.jsonl.sig', '2026-05-04.jsonl', '2026-05-04.jsonl.sig', `key-${fingerprintOf(key)}.pem`]);
  });

  it('goes through all cases in pages, whatever has changed in them', async () => {
    await opened.admin.query(`insert into cases (id, process, process_version, state, value, context, sealed, "row", parties, version, seq, head, draft, created_at, created_by, last_at)
      select gen_random_uuid(), 'yardstick', 1, 'bozza', '"bozza"', '{}', '', '{}', '{}', 1, 1, sha256(i::text::bytea), false, now(), 'x', now() - interval '3 days' * (i / 2500) from generate_series(1, 7500) i`);
    try {
      const { cases } = await sign('2026-05-01');
      expect(cases).toBeGreaterThanOrEqual(7_500);
      const second = await sign('2026-05-02');
      expect(second.cases).toBeLessThan(cases - 4_900);
      expect(await verifyHeads(folder)).toMatchObject({ valid: true });
    } finally {
      await opened.admin.query(`delete from cases where created_by = 'x'`);
    }
  });

  it('leaves it to another program that is at it', async () => {
    const other = await opened.admin.connect();
    await other.query('select pg_advisory_lock($1)', [HEADS_LOCK]);
    expect(await sign('2026-05-01')).toMatchObject({ written: false });
    await other.query('select pg_advisory_unlock($1)', [HEADS_LOCK]);
    other.release();
    expect(await sign('2026-05-01')).toMatchObject({ written: true });
  });

  it('begins the day again after a crash in the middle', async () => {
    await sign('2026-05-01');
    writeFileSync(join(folder, '2026-05-02.jsonl.tmp'), '{"format":"iter-heads/1","day":"2026-05-0');
    writeFileSync(join(folder, '2026-05-02.jsonl.sig'), 'half');
    expect(await sign('2026-05-02')).toMatchObject({ written: true });
    expect(existsSync(join(folder, '2026-05-02.jsonl.tmp'))).toBe(false);
    expect(await verifyHeads(folder)).toMatchObject({ valid: true });
  });

  it('does not go on from a file whose signature is not good', async () => {
    await sign('2026-05-01');
    const file = join(folder, '2026-05-01.jsonl.sig');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"digest":"./, '"digest":"x'));
    await expect(sign('2026-05-02')).rejects.toThrow(/signature of .*2026-05-01.jsonl is not good/);
    expect(readdirSync(folder)).not.toContain('2026-05-02.jsonl');
  });

  it('goes on with a new key; the old files keep theirs', async () => {
    await sign('2026-05-01');
    await sign('2026-05-02', generateKeyPairSync('ed25519').privateKey);
    const { valid, files } = await verifyHeads(folder);
    expect(valid).toBe(true);
    expect(new Set(files.map(file => file.key)).size).toBe(2);
  });

  it('makes its key once, for this user only, or takes the one that is set', () => {
    const made = loadSigningKey(folder, '');
    expect(fingerprintOf(loadSigningKey(folder, ''))).toBe(fingerprintOf(made));
    const set = Buffer.alloc(32, 5).toString('base64');
    expect(fingerprintOf(loadSigningKey(folder, set))).not.toBe(fingerprintOf(made));
    expect(() => loadSigningKey(folder, 'c2hvcnQ=')).toThrow(/ITER_SIGNING_KEY must hold 32 bytes/);
  });
});

describe('an export against the signed heads', () => {
  it('is found cut short, though it is valid by itself', async () => {
    const id = await busyCase();
    await sign('2026-05-01');
    const whole = await exportOf(opened, id);
    expect(await verify([whole], [], '--heads', folder)).toMatchObject({ code: 0, text: expect.stringMatching(/covers entry 4, the last one/) });
    const cut = rechained({ ...whole, case: { ...whole.case, version: 3 }, entries: whole.entries.slice(0, 3) });
    expect(await verify([cut])).toMatchObject({ code: 0 });
    expect(await verify([cut], [], '--heads', folder)).toMatchObject({ code: 1, text: expect.stringMatching(/BROKEN at entry 4: 1 entries are missing/) });
  });

  it('is found written anew, by any file that holds its case', async () => {
    const id = await busyCase();
    await sign('2026-05-01');
    await give(opened, id, 'integra');
    await sign('2026-05-02');
    await give(opened, id, 'concedi');
    const whole = await exportOf(opened, id);
    expect(await verify([whole], [], '--heads', folder)).toMatchObject({ code: 0, text: expect.stringMatching(/2 signed heads .* covers entry 5 \(1 newer/) });
    const forged = structuredClone(whole);
    forged.entries[1]!.actor.id = 'another';
    expect(await verify([rechained(forged)])).toMatchObject({ code: 0 });
    expect(await verify([rechained(forged)], [], '--heads', folder)).toMatchObject({ code: 1, text: expect.stringMatching(/entry 4 is not the one whose head was signed on 2026-05-01/) });
  });

  it('is found to be of a case that no file knows, unless it is younger than all of them', async () => {
    const id = await busyCase();
    await sign('2026-05-01');
    const known = await exportOf(opened, id);
    const invented = structuredClone(known);
    invented.case.id = '00000000-0000-4000-8000-000000000009';
    invented.case.createdAt = '2026-01-01T08:00:00.000Z';
    for (const entry of invented.entries) Object.assign(entry, { caseId: invented.case.id, at: invented.case.createdAt });
    expect(await verify([rechained(invented)], [], '--heads', folder)).toMatchObject({ code: 1, text: expect.stringMatching(/none of its heads was ever signed/) });
    const young = await exportOf(opened, await busyCase());
    expect(await verify([young], [], '--heads', folder)).toMatchObject({ code: 0, text: expect.stringMatching(/younger than the last/) });
  });
});

describe('the files themselves', () => {
  beforeEach(async () => {
    const id = await busyCase();
    for (const day of ['2026-05-01', '2026-05-02', '2026-05-03']) {
      await give(opened, id, 'integra');
      await sign(day);
    }
  });
  const path = (name: string) => join(folder, name);
  const edit = (name: string, change: (text: string) => string) => writeFileSync(path(name), change(readFileSync(path(name), 'utf8')));

  it('are verified alone, with the key that the verifier keeps', async () => {
    const pem = path('kept.pem');
    writeFileSync(pem, publicPem(key));
    expect(await run(['--heads', folder, '--key', pem])).toMatchObject({ code: 0, text: expect.stringMatching(/3 days, 2026-05-01 to 2026-05-03[\s\S]*✓ signed with the given key/) });
    writeFileSync(pem, publicPem(generateKeyPairSync('ed25519').privateKey));
    expect(await run(['--heads', folder, '--key', pem])).toMatchObject({ code: 1, text: expect.stringMatching(/not with the given one/) });
  });

  it.each<[string, () => void, RegExp]>([
    ['a head changed', () => edit('2026-05-02.jsonl', text => text.replace(/"head":"../, '"head":"00')), /2026-05-02: the file is not the one that was signed/],
    ['a file cut off', () => edit('2026-05-02.jsonl', text => text.slice(0, -20)), /2026-05-02: the file is not/],
    ['a signature of another day', () => copyFileSync(path('2026-05-01.jsonl.sig'), path('2026-05-02.jsonl.sig')), /2026-05-02: the file is not/],
    ['a signature taken away', () => unlinkSync(path('2026-05-02.jsonl.sig')), /2026-05-02: .*cannot be read/],
    ['a day taken away', () => unlinkSync(path('2026-05-02.jsonl')), /2026-05-03: the file of 2026-05-02, which was before it, is missing/],
    ['the first day taken away', () => unlinkSync(path('2026-05-01.jsonl')), /2026-05-02: the file of 2026-05-01/],
    ['a file put under another day', () => { for (const end of ['', '.sig']) copyFileSync(path(`2026-05-03.jsonl${end}`), path(`2026-05-09.jsonl${end}`)); }, /2026-05-09: the file says it is of 2026-05-03/],
    ['the key taken away', () => rmSync(path(`key-${fingerprintOf(key)}.pem`)), /public key .* is missing/],
    ['another key put in its place', () => writeFileSync(path(`key-${fingerprintOf(key)}.pem`), publicPem(generateKeyPairSync('ed25519').privateKey)), /holds another key/],
  ])('%s is found', async (_what, change, why) => {
    change();
    expect(await run(['--heads', folder])).toMatchObject({ code: 1, text: expect.stringMatching(why) });
  });

  it('a folder without any: exit code 2', async () => {
    expect(await run(['--heads', path('none')])).toMatchObject({ code: 2, text: expect.stringMatching(/no signed heads/) });
  });
});
