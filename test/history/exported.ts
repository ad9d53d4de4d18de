/** Exports of real cases, and the verifier as the command runs it. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryHash, GENESIS } from '../../engine/history/chain.ts';
import { exportDigest, type HistoryExport } from '../../engine/history/export.ts';
import { createProcesses } from '../../engine/processes.ts';
import type { Plugin } from '../../plugins/contract.ts';
import { verifyHistory } from '../../worker/commands/verifyHistory.ts';
import { give, newCase, type Opened } from '../engine/opened.ts';

export interface Verified { code: number; text: string }

/** A folder of the test's own. */
export function testFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'iter-history-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs the command on documents, or on texts as they are. */
export async function verify(contents: (HistoryExport | string | Buffer)[], plugins: Plugin[] = [], ...args: string[]): Promise<Verified> {
  const { folder, remove } = testFolder();
  try {
    const files = contents.map((content, i) => {
      const file = join(folder, `export-${i}.json`);
      writeFileSync(file, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
      return file;
    });
    return await run([...files, ...args], plugins);
  } finally {
    remove();
  }
}

export async function run(args: string[], plugins: Plugin[] = []): Promise<Verified> {
  const lines: string[] = [];
  const code = await verifyHistory(args, line => lines.push(line), async () => createProcesses(plugins));
  return { code, text: lines.join('\n') };
}

export async function exportOf({ engine, people }: Pick<Opened, 'engine' | 'people'>, caseId: string): Promise<HistoryExport> {
  return (await engine.exportHistory(caseId, people.segreteria.principals))!.document;
}

/** What someone does who knows the format: every hash and digest made anew. Only a signed head tells. */
export function rechained(document: HistoryExport): HistoryExport {
  let previous: Buffer = GENESIS;
  const entries = document.entries.map(entry => {
    previous = entryHash(previous, entry);
    return { ...entry, hash: previous.toString('hex') };
  });
  const made = { ...document, case: { ...document.case, seq: entries.length, head: previous.toString('hex') }, entries };
  return { ...made, digest: exportDigest(made) };
}

/** A pupil's file with items, an attachment, refusals, and answers of effects, one of them too late. */
export async function fullFascicolo(opened: Opened): Promise<string> {
  const { engine, people, admin } = opened;
  const id = await newCase(opened, 'fascicolo', { alunno: 'Anna Rossi', diagnosi: 'frattura' });
  for (const key of ['L1', 'L2', 'L3']) await give(opened, id, 'scrivi', { diagnosi: `visita ${key}`, lezione: { key, ore: 2 } });
  await give(opened, id, 'cancella', { key: 'L2' });
  await give(opened, id, 'archivia').catch(() => {});
  await give(opened, id, 'presenta', { diagnosi: 'frattura composta' });
  await give(opened, id, 'conta');
  await give(opened, id, 'allega').catch(() => {});
  await engine.attach({ caseId: id, kind: 'certificato', name: 'certificato.pdf', mediaType: 'application/pdf', content: Buffer.from('%PDF-'), caller: people.segreteria, key: randomUUID() });
  await give(opened, id, 'allega', { diagnosi: 'certificata' });
  const bound = async () => (await admin.query(`select id, state from agenda where case_id = $1 and mode = 'bound' order by generation`, [id])).rows;
  const [first] = await bound();
  await give(opened, id, 'riprova');
  const second = (await bound()).find(row => row.id !== first.id)!;
  await engine.recordOutcomes(id, [{ effectId: first.id, ok: true, result: { letta: true }, execution: null }]);
  await engine.recordOutcomes(id, [{ effectId: second.id, ok: true, result: { letta: false }, execution: { workflowId: `fascicolo/${id}`, runId: 'r', activityId: 'a', attempt: 1 } }]);
  await give(opened, id, 'archivia');
  return id;
}
