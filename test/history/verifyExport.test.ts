/** An exported history proves itself offline: whatever is changed in it is found, and folding it again gives the row. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportDigest, withhold, type HistoryExport } from '../../engine/history/export.ts';
import { MalformedExport, parseExport } from '../../engine/history/parseExport.ts';
import { verifyHistory } from '../../engine/history/read.ts';
import { firstBroken, verifyExport } from '../../engine/history/verifyExport.ts';
import { give, makeDue, newCase, openEngine, type Opened } from '../engine/opened.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { registro } from '../toys/registro.ts';
import { yardstick } from '../toys/yardstick.ts';
import { exportOf, fullFascicolo, rechained, run, testFolder, verify } from './exported.ts';

const TOYS = [fascicolo, registro, yardstick];
let opened: Opened, id: string, whole: HistoryExport;

beforeAll(async () => {
  opened = await openEngine(TOYS);
  id = await fullFascicolo(opened);
  whole = await exportOf(opened, id);
});
afterAll(() => opened.close());

const copy = (): HistoryExport => structuredClone(whole);

describe('an export as it was made', () => {
  it('is valid, and folds again to the row', async () => {
    const { code, text } = await verify([whole], TOYS, '--refold');
    expect(text).toMatch(/✓ numbering +15 entries/);
    expect(text).toMatch(/✓ payloads +15, all as recorded/);
    expect(text).toMatch(/✓ refold +\d+ decisions folded again through fascicolo version 1/);
    expect(code).toBe(0);
  });

  it('folds deadlines, numbers and refusals again', async () => {
    const metro = await newCase(opened, 'yardstick');
    for (const command of ['presenta', 'integra', 'integra']) await give(opened, metro, command);
    await makeDue(opened, metro, new Date(Date.now() - 60_000).toISOString());
    await give(opened, metro, 'concedi').catch(() => {});
    const numerato = await newCase(opened, 'registro');
    for (const command of ['protocolla', 'numera', 'protocolla', 'guarda']) await give(opened, numerato, command);
    await give(opened, numerato, 'protocolla', { rifiuta: true }).catch(() => {});
    const documents = await Promise.all([metro, numerato].map(each => exportOf(opened, each)));
    expect(documents[0]!.entries.map(({ kind }) => kind)).toEqual(['created', 'command', 'command', 'command', 'deadline', 'refused']);
    expect(documents[1]!.case.number).toMatch(/^1 \(/);
    const { code, text } = await verify(documents, TOYS, '--refold');
    expect(text.match(/✓ refold/g)).toHaveLength(2);
    expect(code).toBe(0);
  });

  it('is of one moment, whatever is committed meanwhile', async () => {
    const busy = await newCase(opened, 'yardstick');
    await give(opened, busy, 'presenta');
    let stop = false;
    const writing = (async () => { while (!stop) await give(opened, busy, 'integra'); })();
    const documents: HistoryExport[] = [];
    for (let i = 0; i < 20; i += 1) documents.push(await exportOf(opened, busy));
    stop = true;
    await writing;
    expect(await verify(documents, TOYS, '--refold')).toMatchObject({ code: 0 });
  });

  it('still proves its chain when the key of the case was destroyed', async () => {
    const erased = await fullFascicolo(opened);
    await opened.admin.query(`update case_keys set wrapped = '' where case_id = $1`, [erased]);
    const document = await exportOf(opened, erased);
    expect(JSON.stringify(document)).not.toMatch(/frattura|Anna/);
    expect(await verify([document], TOYS)).toMatchObject({ code: 0, text: expect.stringMatching(/– payloads +erased/) });
    expect(await verify([document], TOYS, '--refold')).toMatchObject({ code: 2, text: expect.stringMatching(/– refold +erased/) });
  });

  it('proves what it shows when payloads are withheld from its reader, and says how many', async () => {
    const document = withhold(whole, [2, 3]);
    expect(document.case.contextDigest).toBeNull();
    expect(await verify([document], TOYS)).toMatchObject({ code: 0, text: expect.stringMatching(/✓ payloads +13 as recorded, 2 withheld/) });
  });
});

describe('one byte', () => {
  it('changed anywhere is found', () => {
    const bytes = Buffer.from(JSON.stringify(whole));
    fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ difference;
      return isFound(changed.toString('utf8'));
    }), { numRuns: 2_000 });
  });

  it('taken out anywhere is found', () => {
    const text = JSON.stringify(whole);
    fc.assert(fc.property(fc.nat(text.length - 1), at => isFound(text.slice(0, at) + text.slice(at + 1))), { numRuns: 500 });
  });

  function isFound(text: string): boolean {
    try {
      return verifyExport(parseExport(text)).some(({ result }) => result === 'broken');
    } catch (error) {
      if (error instanceof MalformedExport) return true;
      throw error;
    }
  }
});

describe('a change by someone who knows the format', () => {
  const redigested = (document: HistoryExport): HistoryExport => ({ ...document, digest: exportDigest(document) });
  it.each<[string, (document: HistoryExport) => HistoryExport, number | null, RegExp]>([
    ['an entry taken out', document => ({ ...document, entries: document.entries.filter(({ seq }) => seq !== 4) }), 4, /entry 4 is missing/],
    ['two entries changed round', document => { document.entries.splice(4, 2, document.entries[5]!, document.entries[4]!); return document; }, 5, /entry 5 is missing/],
    ['an actor replaced', document => { document.entries[2]!.actor.id = 'another'; return document; }, 3, /does not follow/],
    ['another payload put in', document => { document.entries[2]!.salted = document.entries[3]!.salted; return document; }, 3, /not the one recorded/],
    ['a payload taken out', document => { document.entries[2]!.salted = null; return document; }, 3, /taken out/],
    ['a state changed, all hashes made anew', document => { document.entries[7]!.from = 'conclusa'; return rechained(document); }, 8, /begins in conclusa/],
    ['a move without a decision', document => { document.entries[5]!.to = 'inAttesa'; document.entries[6]!.from = 'inAttesa'; return rechained(document); }, 6, /without a decision/],
    ['a version left out', document => { for (const entry of document.entries.slice(3)) entry.version += 1; return rechained(document); }, 4, /version/],
    ['time turned back', document => { document.entries[6]!.at = '2020-01-01T00:00:00.000Z'; return rechained(document); }, 7, /before the one/],
    ['an entry of another case', document => { document.entries[6]!.caseId = '00000000-0000-4000-8000-000000000001'; return rechained(document); }, 7, /belongs to case/],
    ['another state in the row', document => { document.case.state = 'bozza'; return redigested(document); }, null, /said to be in bozza/],
    ['another process', document => { document.case.process = 'altro'; return redigested(document); }, null, /was created as fascicolo/],
    ['another header', document => { document.case.number = '7'; return document; }, null, /not what was exported/],
  ])('%s is found', async (_what, change, seq, why) => {
    const document = change(copy());
    const { code, text } = await verify([document]);
    expect(code).toBe(1);
    expect(text).toMatch(why);
    expect(firstBroken(verifyExport(document))?.seq ?? null).toBe(seq);
    expect(text).toContain(seq === null ? 'BROKEN' : `BROKEN at entry ${seq}`);
  });
});

describe('--refold finds a row that does not follow from its history', () => {
  it.each([
    ['its data', `update cases set context = jsonb_set(context, '{voto}', '30') where id = $1`, /the data of the row/],
    ['its parties', `update cases set parties = parties || '{"famiglia": "00000000-0000-4000-8000-000000000001"}' where id = $1`, /the parties/],
    ['its number', `update cases set number = '9' where id = $1`, /the number/],
    ['an item', `delete from case_items where case_id = $1 and key = 'L3'`, /the items/],
  ])('%s', async (_what, statement, why) => {
    const changed = await fullFascicolo(opened);
    await opened.admin.query(statement, [changed]);
    const document = await exportOf(opened, changed);
    expect(await verify([document], TOYS)).toMatchObject({ code: 0 });
    expect(await verify([document], TOYS, '--refold')).toMatchObject({ code: 1, text: expect.stringMatching(why) });
  });

  it('items that were changed between two commands', async () => {
    const changed = await newCase(opened, 'fascicolo');
    await give(opened, changed, 'scrivi', { lezione: { key: 'L1', ore: 2 } });
    await opened.admin.query('delete from case_items where case_id = $1', [changed]);
    await give(opened, changed, 'scrivi', { lezione: { key: 'L2', ore: 2 } });
    await give(opened, changed, 'presenta');
    await give(opened, changed, 'conta');
    expect(await verify([await exportOf(opened, changed)], TOYS, '--refold')).toMatchObject({ code: 1, text: expect.stringMatching(/BROKEN at entry 5.*items that it was shown/) });
  });

  it('says which version of the process it would need', async () => {
    expect(await verify([whole], [yardstick], '--refold')).toMatchObject({ code: 2, text: expect.stringMatching(/no version 1 of "fascicolo"/) });
  });

  it('says where a chart that was changed decides otherwise', async () => {
    const stricter = { ...fascicolo, rules: { ...fascicolo.rules, almenoUna: () => ({ rule: 'mai' }) } };
    expect(await verify([whole], [stricter], '--refold')).toMatchObject({ code: 1, text: expect.stringMatching(/entry 8 \(command conta\): it was accepted then, and is refused now \(rule mai\)/) });
  });
});

describe('what someone with the power of the superuser does to the rows', () => {
  it.each([
    ['the last entries deleted', 'delete from history where case_id = $1 and seq > 12', 13],
    ['an entry in the middle deleted', 'delete from history where case_id = $1 and seq = 5', 5],
    ['an actor replaced', `update history set actor = jsonb_set(actor, '{id}', '"another"') where case_id = $1 and seq = 6`, 6],
    ['a payload overwritten', `update history set payload = overlay(payload placing '\\x00'::bytea from 20) where case_id = $1 and seq = 7`, 7],
  ])('%s: found in the stored history and in its export', async (_what, statement, seq) => {
    const changed = await fullFascicolo(opened), client = await opened.admin.connect();
    await client.query('set session_replication_role = replica');
    await client.query(statement, [changed]);
    await client.query('set session_replication_role = default');
    client.release();
    const page = await opened.engine.readHistory(changed, opened.people.segreteria.principals);
    expect(verifyHistory(page!)).toMatchObject({ valid: false, firstBroken: seq });
    expect(await verify([await exportOf(opened, changed)])).toMatchObject({ code: 1, text: expect.stringContaining(`BROKEN at entry ${seq}`) });
  });
});

describe('a file that cannot be judged', () => {
  it.each<[string, () => string | Buffer, RegExp]>([
    ['cut off', () => JSON.stringify(whole).slice(0, 5_000), /cut off/],
    ['empty', () => '', /cut off/],
    ['no JSON', () => 'seq;version\n1;1', /not JSON/],
    ['another document', () => '{"name":"iter"}', /not an exported history/],
    ['another format', () => JSON.stringify({ ...whole, format: 'iter-history/2' }), /reads "iter-history\/1"/],
    ['an unknown field', () => JSON.stringify({ ...whole, note: 'x' }), /additional properties \(note\)/],
    ['an incomplete entry', () => JSON.stringify({ ...whole, entries: [{ seq: 1 }] }), /\/entries\/0 must have required/],
    ['no UTF-8', () => Buffer.from([0x22, 0xff, 0xfe, 0x22]), /not UTF-8/],
  ])('%s: exit code 2 and why', async (_what, content, why) => {
    expect(await verify([content()])).toMatchObject({ code: 2, text: expect.stringMatching(why) });
  });

  it('too big, a folder or not there: exit code 2 and why', async () => {
    const { folder, remove } = testFolder();
    try {
      const huge = join(folder, 'huge.json');
      writeFileSync(huge, '{');
      truncateSync(huge, 300 * 1_048_576);
      expect(await run([huge, folder, join(folder, 'none.json')])).toMatchObject({ code: 2, text: expect.stringMatching(/300 MiB[\s\S]*EISDIR[\s\S]*ENOENT/) });
    } finally {
      remove();
    }
  });

  it('does not keep the others from being judged: the worst finding decides', async () => {
    const broken = copy();
    broken.entries[1]!.name = 'x';
    expect(await verify([whole, '{'])).toMatchObject({ code: 2, text: expect.stringMatching(/valid[\s\S]*not verified|not verified[\s\S]*valid/) });
    expect(await verify([broken, '{', whole])).toMatchObject({ code: 1 });
  });

  it('nothing asked for: the usage, exit code 2', async () => {
    expect(await run([])).toMatchObject({ code: 2, text: expect.stringMatching(/^Usage/) });
    expect(await run(['--refld'])).toMatchObject({ code: 2, text: expect.stringMatching(/--refld/) });
  });
});
