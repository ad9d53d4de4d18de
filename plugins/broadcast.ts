/** One message to many persons: what a process says of it. Who gets it on which channel is the engine's matter. */
import type { JsonObject, LocalDate } from './contract.ts';

/** Ways to reach a person. `portal`: the inbox of whoever signs in. */
export type Channel = 'email' | 'sms' | 'portal';
/** Who is written to, found out when the effect begins and fixed then. */
export type Audience =
  /** Whoever answers for the pupils enrolled with the sender in a school year: of these classes, of these pupils (by the secretariat's key), or of all. */
  | { families: { schoolYear: string; classes?: string[]; pupils?: string[] } }
  /** The rows of this kind: each names a `contact` (its id), a `user` (id), or a `pupil` (key) with its `schoolYear`. */
  | { items: string }
  /** Those to whom the case's latest effect of this name wrote, and who have not acknowledged it. */
  | { silent: string };

/** One message to many persons, each on the channels that they chose and consented to. Audience and data are sealed with the case's key. */
export interface BroadcastInput {
  /** One of the plugin's `broadcasts`. */
  template: string;
  /** Of its words where they are data; noted with each delivery, after the template's own. */
  version?: string;
  /** The party (an organisation) that writes. */
  from: string;
  to: Audience;
  channels: Channel[];
  data: JsonObject;
  /** Everybody is asked to say that they have taken note of it, at the latest on this date. */
  acknowledge?: { by: LocalDate | null };
  /** When no SMS of it leaves, in Europe/Rome; null: it is urgent. Default: from 21:00 to 08:00. */
  quiet?: QuietHours | null;
}
/** `21:00` and `08:00`: over midnight where `from` is later. */
export interface QuietHours { from: string; to: string }
export interface BroadcastMessage {
  number: string | null;
  data: any;
  recipient: { name: string; pupils: { name: string; class: string }[] };
  sender: string;
  acknowledge: { by: LocalDate | null } | null;
  /** Where the reader takes note without signing in; null in the portal, and where the installation has no public address. */
  link: string | null;
}
/** `sms` is short: its segments are paid for. */
export type BroadcastTemplate = (message: BroadcastMessage) => { subject: string; text: string; sms: string };
export interface BroadcastDefinition { /** Grows when its words change. */ version: number; it: BroadcastTemplate; en: BroadcastTemplate }
