/** Takes the copies of an erased case's messages out of the embedded mailbox: what was sent, what came in, and their lines of the index. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fingerprintOf, INSTALLATION } from '../../engine/mail/post.ts';

/**
 * Every .eml file below `folder` in which one of the ids occurs (a receipt quotes the Message-ID of its letter, and holds the letter), or that
 * has one of the fingerprints.
 * Synchronous, so that no message of the same program comes in between. Answers how many files were removed.
 */
export function eraseMail(folder: string, ids: string[], fingerprints: string[] = []): number {
  if (ids.length + fingerprints.length === 0 || !existsSync(folder)) return 0;
  const removed = new Set<string>(), known = new Set(fingerprints);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.eml')) continue;
    const file = join(entry.parentPath, entry.name), content = readFileSync(file);
    if (!ids.some(id => content.includes(id)) && !known.has(fingerprintOf(INSTALLATION, content))) continue;
    rmSync(file, { force: true });
    removed.add(entry.name);
  }
  if (removed.size > 0) rewriteIndexes(folder, removed);
  return removed.size;
}

function rewriteIndexes(folder: string, removed: ReadonlySet<string>): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name !== 'index.jsonl') continue;
    const file = join(entry.parentPath, entry.name), lines = readFileSync(file, 'utf8').split('\n');
    const kept = lines.filter(line => !isOf(line, removed));
    if (kept.length === lines.length) continue;
    writeFileSync(`${file}.tmp`, kept.join('\n'), { flush: true });
    renameSync(`${file}.tmp`, file);
  }
}

function isOf(line: string, removed: ReadonlySet<string>): boolean {
  if (line === '') return false;
  const { file } = JSON.parse(line) as { file?: string };
  return file !== undefined && removed.has(basename(file));
}
