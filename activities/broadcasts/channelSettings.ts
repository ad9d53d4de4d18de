/** How messages to many leave an installation. */
import type { SmsProvider } from '../sms/smsProvider.ts';

export interface ChannelSettings {
  /** Null: none is set up. */
  sms: SmsProvider | null;
  /** Messages a second, of all workers together; 0: no limit. */
  rates: { email: number; sms: number };
  /** Thousandths of a euro per segment. */
  prices: { sms: number };
}
export const DEFAULT_CHANNELS: ChannelSettings = { sms: null, rates: { email: 10, sms: 5 }, prices: { sms: 0 } };
