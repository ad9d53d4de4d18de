/** So many requests in a minute: of one person, or of one address until it shows a good token. */
import { hash } from 'node:crypto';
import { ipKeyGenerator, rateLimit, type Options } from 'express-rate-limit';
import type { RequestHandler } from 'express';
import { Problem } from '../engine/problems.ts';
import type { ApiContext } from './context.ts';

/** Strangers get a tenth: a wrong token costs a look-up, and guessing must be slow. */
const STRANGERS_SHARE = 10;
/** Programs ask for a calendar every few minutes; those of a whole service share an address, and only what they ask in vain is counted for it. */
const FEED_PER_MINUTE = 30;

const handler: Options['handler'] = (req, _res, next) => {
  const { resetTime } = (req as typeof req & { rateLimit: { resetTime?: Date } }).rateLimit;
  const retryAfter = Math.max(1, Math.ceil(((resetTime?.getTime() ?? Date.now() + 60_000) - Date.now()) / 1_000));
  next(new Problem('too-many-requests', `Too many requests. Wait ${retryAfter} s.`, { retryAfter }));
};

export function limitRate(api: Pick<ApiContext, 'settings' | 'signIn'>): RequestHandler {
  const { rateLimitPerMinute: most } = api.settings;
  if (most === 0) return (_req, _res, next) => next();
  const personOf = (authorization: string | undefined) => api.signIn.lastKnown(authorization);
  return rateLimit({
    windowMs: 60_000, standardHeaders: false, legacyHeaders: false,
    limit: req => (personOf(req.headers.authorization) === undefined ? Math.max(1, Math.ceil(most / STRANGERS_SHARE)) : most),
    keyGenerator: req => personOf(req.headers.authorization) ?? ipKeyGenerator(req.ip ?? ''),
    handler,
  });
}

/** For secret addresses: each so many times, and guesses of one sender as slowly as wrong tokens. */
export function limitFeeds({ settings: { rateLimitPerMinute: most } }: Pick<ApiContext, 'settings'>): RequestHandler[] {
  if (most === 0) return [];
  const common = { windowMs: 60_000, standardHeaders: false as const, legacyHeaders: false, handler };
  return [
    rateLimit({ ...common, limit: Math.max(1, Math.ceil(most / STRANGERS_SHARE)), skipSuccessfulRequests: true, keyGenerator: req => ipKeyGenerator(req.ip ?? '') }),
    rateLimit({ ...common, limit: Math.min(most, FEED_PER_MINUTE), keyGenerator: req => hash('sha256', req.path, 'base64') }),
  ];
}
