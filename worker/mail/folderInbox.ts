/** The mailbox of the embedded mail server: a folder like a Maildir, where what was read moves from `new` to `cur`. */
import { mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HEAD_BYTES, MESSAGE_LIMIT, type Inbox } from './inbox.ts';

const EVERY_MS = 1_000;
const PARTS = ['tmp', 'new', 'cur'] as const;

export function folderInbox(account: string, folder: string, { everyMs = EVERY_MS, limit = MESSAGE_LIMIT }: { everyMs?: number; limit?: number } = {}): Inbox {
  return {
    account, everyMs,
    async read(take, signal) {
      const names = await readdir(join(folder, 'new')).catch(() => []);
      let taken = 0;
      for (const name of names.toSorted()) {
        if (signal.aborted) break;
        const { bytes, tooLarge } = await readUpTo(join(folder, 'new', name), limit);
        if (!await take(bytes, tooLarge)) continue;
        await rename(join(folder, 'new', name), join(folder, 'cur', name));
        taken += 1;
      }
      return taken;
    },
  };
}

async function readUpTo(file: string, limit: number): Promise<{ bytes: Buffer; tooLarge: boolean }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size <= limit) return { bytes: await handle.readFile(), tooLarge: false };
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return { bytes: buffer.subarray(0, bytesRead), tooLarge: true };
  } finally {
    await handle.close();
  }
}

/** A message is in the folder whole or not at all. */
export async function deliverToFolder(folder: string, name: string, content: Buffer): Promise<void> {
  for (const part of PARTS) await mkdir(join(folder, part), { recursive: true });
  await writeFile(join(folder, 'tmp', name), content, { flush: true });
  await rename(join(folder, 'tmp', name), join(folder, 'new', name));
}
