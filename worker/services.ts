/** What the parts of a running installation are given, and what they give back. */
import type { SmsProvider } from '../activities/sms/smsProvider.ts';
import type { SentMails } from '../api/mailPage.ts';

export type TemporalStatus = {
  state: 'starting' | 'ready' | 'failed';
  /** Why it failed, for an operator. */
  detail?: string;
};

export type TemporalEndpoint = { address: string; namespace: string };

export type Services = {
  /** PostgreSQL, as the role that may migrate; the serving roles' addresses follow from it. */
  databaseUrl: string;
  smtpUrl: string;
  /** Folder of the embedded mailbox; `undefined` when SMTP_URL names a real server. */
  mailFolder: string | undefined;
  /** What is in it, for the page that shows it. */
  sentMails?: SentMails | undefined;
  /** Where SMS leave by; absent or null: nowhere. */
  sms?: SmsProvider | null;
  /** At which the SMS provider's receipts come in; absent or null: nowhere. */
  smsReceiptsSecret?: string | null;
  /** Resolves when Temporal answers, which may be long after the API does; never rejects. */
  temporal: Promise<TemporalEndpoint>;
  /** For readiness: commands need no Temporal, what they leave to be done does. */
  temporalStatus(): TemporalStatus;
};

/** A started part. `stop` resolves when nothing of it is under way any more. */
export type RunningPart = { stop(): Promise<void> };
export type DemoPerson = { username: string; description: string };
