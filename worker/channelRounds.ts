/** What leaves beside the cases: codes that confirm an address, and deliveries that nobody goes on with. Each row has a lease, so that every worker may go round. */
import { sendContactCodes } from '../activities/broadcasts/contactCodes.ts';
import { settleOpenEnds } from '../activities/broadcasts/openEnds.ts';
import type { Mailer } from '../activities/mailer.ts';
import type { SmsProvider } from '../activities/sms/smsProvider.ts';
import type { Logger } from '../engine/commit/context.ts';
import type { Engine } from '../engine/engine.ts';

export interface ChannelRoundsOptions { engine: Pick<Engine, 'broadcasts' | 'contactCodes'>; mailer: Mailer; sms: SmsProvider | null; log: Logger; everyMs?: number }

/** Somebody sits before the page and waits for the code. */
const EVERY_MS = 2_000;

export function startChannelRounds({ engine, mailer, sms, log, everyMs = EVERY_MS }: ChannelRoundsOptions): { stop(): Promise<void> } {
  let stopped = false, failing = false, wake: (() => void) | null = null;
  async function round(): Promise<void> {
    while (!stopped && await sendContactCodes(engine, mailer, sms) > 0);
    while (!stopped && await settleOpenEnds(engine, sms) > 0);
  }
  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await round();
        failing = false;
      } catch (error) {
        // Said once: a database that is away says it everywhere.
        if (!failing) log.warn({ err: error }, 'codes and receipts are not looked after; tried again');
        failing = true;
      }
      if (!stopped) await new Promise<void>(resolve => { const timer = setTimeout(resolve, everyMs); wake = () => { clearTimeout(timer); resolve(); }; });
    }
  }
  const running = run();
  return { async stop() { stopped = true; wake?.(); await running; } };
}
