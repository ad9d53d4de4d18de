/** What a provider of SMS must do. An SMS has an id of ours: sent twice under one id it is delivered once, and can be asked after. */

export interface Sms {
  /** A UUID. */
  id: string;
  /** E.164. */
  to: string;
  text: string;
}
/** What became of an SMS that a provider took over. */
export type SmsState = 'sending' | 'delivered' | 'permanentFailure' | 'technicalFailure';
export interface SmsReceipt { id: string; state: SmsState; /** The provider's own word for it. */ word: string }

export interface SmsProvider {
  /** Resolves with the provider's id once it has taken the SMS over. Throws PermanentFailure, TemporaryFailure or Throttled. */
  send(sms: Sms): Promise<{ providerId: string }>;
  /** Null: the provider knows no such SMS, so that it may be sent. Throws TemporaryFailure or Throttled. */
  find(sms: Pick<Sms, 'id' | 'to'>): Promise<SmsReceipt | null>;
}

/** The provider asks to be left alone. No attempt of the message's own. */
export class Throttled extends Error {
  override name = 'Throttled';
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super(`the provider asks to wait ${Math.ceil(retryAfterMs / 1_000)} s`);
    this.retryAfterMs = retryAfterMs;
  }
}
