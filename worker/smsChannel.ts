/** The SMS provider of an installation: the one that is set, the simulator beside the embedded mailbox, or none. */
import { randomBytes } from 'node:crypto';
import { createSkebby } from '../activities/sms/skebby.ts';
import type { SmsProvider } from '../activities/sms/smsProvider.ts';
import type { Config } from './config.ts';
import { startSmsSimulator, type SmsSimulator } from './embedded/smsSimulator.ts';

/** Null: receipts are not taken. The simulator's is of this start alone. */
export function receiptsSecretOf({ channels, mail }: Config): string | null {
  return channels.receiptsSecret ?? (channels.account || mail.smtpUrl ? null : randomBytes(24).toString('base64url'));
}

/** `receiptsUrl`: of this start's API; null where another process serves it. */
export async function openSms({ channels, mail }: Config, receiptsUrl: string | null): Promise<{ sms: SmsProvider | null; simulator: SmsSimulator | undefined }> {
  if (channels.account) return { sms: createSkebby(channels.account), simulator: undefined };
  if (mail.smtpUrl) return { sms: null, simulator: undefined };
  const userKey = 'simulator', accessToken = randomBytes(16).toString('hex');
  const simulator = await startSmsSimulator({ userKey, accessToken, receiptsUrl });
  return { sms: createSkebby({ url: simulator.url, userKey, accessToken, sender: null, messageType: 'GP' }), simulator };
}
