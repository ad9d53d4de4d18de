/** What the embedded mail server keeps: one .eml file for each message that it received, and an index. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line of index.jsonl. */
export type ReceivedMail = {
  /** Name of the .eml file beside the index. */
  file: string;
  at: string;
  from: string;
  /** The recipients of the envelope: whoever the message was really given to. */
  to: string[];
  subject: string;
  messageId: string;
};

export const mailFolder = (home: string): string => join(home, 'mail');

/** Everything received, oldest first. */
export function readMailIndex(folder: string): ReceivedMail[] {
  let lines: string;
  try {
    lines = readFileSync(join(folder, 'index.jsonl'), 'utf8');
  } catch {
    return [];
  }
  return lines.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}
