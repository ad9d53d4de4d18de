/** Where mail for an account comes in: a mailbox of a provider (IMAP), or the folder of the embedded mail server. */

/** Larger than any provider of certified mail takes (30 MB for all recipients), and what a program can hold. */
export const MESSAGE_LIMIT = 50 * 1024 * 1024;
/** What is kept of a larger one: its headers, for somebody to find it by in the mailbox itself. */
export const HEAD_BYTES = 64 * 1024;

/** Resolves true when the message is on record for good: only then may it be marked. False: not this one now. `tooLarge`: only its beginning was read. */
export type Take = (raw: Buffer, tooLarge: boolean) => Promise<boolean>;

export interface Inbox {
  /** An organisation's code, or INSTALLATION of engine/mail/post.ts. */
  account: string;
  everyMs: number;
  /** Gives every message that was not marked to `take`, oldest first, and marks it when it is taken. Answers how many were. A message given twice does no harm. Throws what `take` or the line throws. */
  read(take: Take, signal: AbortSignal): Promise<number>;
}
