/** What every route is given by the composition in server.ts. */
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Pools } from '../database/pools.ts';
import type { Reads } from '../database/reads/orm.ts';
import { readDeputyships, type Deputyship, type Person } from '../database/reads/people.ts';
import type { Caller, Engine } from '../engine/engine.ts';
import { Problem } from '../engine/problems.ts';
import type { Processes } from '../engine/processes.ts';
import type { Cursors } from './cursors.ts';
import { languageOf, type Language } from './language.ts';
import type { SentMails } from './mailPage.ts';
import type { Metrics } from './metrics.ts';
import { callerFor, chooseProfile, isOperator, mayBeDeputy, type Profile } from './profile.ts';
import type { SignIn } from './signIn.ts';

export interface ApiSettings {
  /** Requests of one caller (or of one address without a token) in a minute; 0: no limit. */
  rateLimitPerMinute: number;
  /** Express's "trust proxy": how many proxies stand before us, or their addresses. */
  trustProxy: number | string | false;
  /** SMS: where the provider's receipts come in (null: they do not), and what a segment costs, in thousandths of a euro. */
  sms?: { receiptsSecret: string | null; price: number };
  /** Where people reach this installation, in links of messages; null or absent: there are none. */
  publicUrl?: string | null;
}
export interface ApiContext {
  engine: Engine;
  processes: Processes;
  pools: Pools;
  reads: Reads;
  log: Logger;
  settings: ApiSettings;
  signIn: SignIn;
  cursors: Cursors;
  metrics: Metrics;
  /** Roles that people hold for themselves. */
  ownRoles: string[];
  /** The embedded mailbox, where mail goes nowhere else: shown as a page. */
  sentMails?: SentMails | undefined;
  /** How Temporal does, as the program that serves this API knows it. */
  temporalStatus: () => { state: string; detail?: string };
  /** Requests are not taken any more: readiness says so. */
  isStopping: () => boolean;
}

/** Who asks, in which profile and language. */
export interface Asking { person: Person; profile: Profile; caller: Caller; language: Language }

/** The person of a signed-in request. */
export function personOf(res: Response): Person {
  return res.locals.person as Person;
}

/** What the signed-in person holds as a deputy, read anew for this request; empty where the profile asked for is their own. */
export const deputyshipsOf = (res: Response): Deputyship[] => res.locals.deputyships as Deputyship[];

/** Who the request is from: what `personOf` and `askingOf` answer afterwards. */
export async function signInRequest(api: ApiContext, req: Request, res: Response): Promise<void> {
  const person = await api.signIn.person(req.headers.authorization);
  res.locals.person = person;
  res.locals.deputyships = mayBeDeputy(person, req.get('iter-profile'), api.ownRoles) ? await readDeputyships(api.pools.read, person) : [];
}

/** Throws Problem `forbidden` when the profile is not the person's or none is chosen. */
export function askingOf(api: ApiContext, req: Request, res: Response): Asking {
  const person = personOf(res);
  const profile = chooseProfile(person, req.get('iter-profile'), api.ownRoles, deputyshipsOf(res));
  return { person, profile, caller: callerFor(person, profile), language: languageOf(req, person.locale) };
}

/** Throws Problem `forbidden` for anybody who does not look after the installation. */
export function operatorOf(api: ApiContext, req: Request, res: Response): Asking {
  const asking = askingOf(api, req, res);
  if (!isOperator(asking.person, asking.profile)) throw new Problem('forbidden', 'Only operators of the installation (role admin) may do this.');
  return asking;
}

export const readerOf = ({ caller }: Asking) => ({ organisation: caller.organisation, userId: caller.userId });
