/** What every route is given by the composition in server.ts. */
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Pools } from '../database/pools.ts';
import type { Reads } from '../database/reads/orm.ts';
import type { Person } from '../database/reads/people.ts';
import type { Caller, Engine } from '../engine/engine.ts';
import { Problem } from '../engine/problems.ts';
import type { Processes } from '../engine/processes.ts';
import type { Cursors } from './cursors.ts';
import { languageOf, type Language } from './language.ts';
import type { Metrics } from './metrics.ts';
import { callerFor, chooseProfile, isOperator, type Profile } from './profile.ts';
import type { SignIn } from './signIn.ts';

export interface ApiSettings {
  /** Requests of one caller (or of one address without a token) in a minute; 0: no limit. */
  rateLimitPerMinute: number;
  /** Express's "trust proxy": how many proxies stand before us, or their addresses. */
  trustProxy: number | string | false;
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
  /** How Temporal does, as the program that serves this API knows it. */
  temporalStatus: () => { state: string; detail?: string };
  /** Requests are not taken any more: readiness says so. */
  isStopping: () => boolean;
}

/** Who asks, in which profile and language. */
export interface Asking { person: Person; profile: Profile; caller: Caller; language: Language }

/** The person of a signed-in request (set by `authenticate`). */
export function personOf(res: Response): Person {
  return res.locals.person as Person;
}

/** Throws Problem `forbidden` when the profile is not the person's or none is chosen. */
export function askingOf(api: ApiContext, req: Request, res: Response): Asking {
  const person = personOf(res);
  const profile = chooseProfile(person, req.get('iter-profile'), api.ownRoles);
  return { person, profile, caller: callerFor(person, profile), language: languageOf(req, person.locale) };
}

/** Throws Problem `forbidden` for anybody who does not look after the installation. */
export function operatorOf(api: ApiContext, req: Request, res: Response): Asking {
  const asking = askingOf(api, req, res);
  if (!isOperator(asking.person, asking.profile)) throw new Problem('forbidden', 'Only operators of the installation (role admin) may do this.');
  return asking;
}

export const readerOf = ({ caller }: Asking) => ({ organisation: caller.organisation, userId: caller.userId });
