/** The embedded mailbox as the page of the mails sent shows it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SentMails } from '../../api/mailPage.ts';
import { looksCertified } from './certifiedMail.ts';
import { readMailIndex } from './mailIndex.ts';
import { inboxFolder, readReceipts } from './mailProvider.ts';

/** A name that we gave; nothing that leads out of the folder. */
const NAME = /^[0-9TZ.-]+-[0-9a-f]{8}\.eml$/;

export function openSentMails(folder: string): SentMails {
  const read = async (...paths: string[]): Promise<Buffer | null> => {
    for (const path of paths) {
      const content = await readFile(path).catch(() => null);
      if (content) return content;
    }
    return null;
  };
  return {
    list() {
      const receipts = Map.groupBy(readReceipts(folder), ({ about }) => about);
      return readMailIndex(folder).toReversed().map(({ file, at, from, to, subject }) => ({
        file, at, from, to, subject, certified: to.some(looksCertified), receipts: (receipts.get(file) ?? []).map(({ file: receipt, kind, recipient, at: since }) => ({ file: receipt, kind, recipient, at: since })),
      }));
    },
    message: async (file) => (NAME.test(file) ? await read(join(folder, file)) : null),
    receipt: async (file) => (NAME.test(file) ? await read(join(inboxFolder(folder), 'cur', file), join(inboxFolder(folder), 'new', file)) : null),
  };
}
