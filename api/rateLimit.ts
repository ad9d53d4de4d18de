/** So many requests in a minute: of one person, or of one address until it shows a good token. */
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { RequestHandler } from 'express';
import { Problem } from '../engine/problems.ts';
import type { ApiContext } from './context.ts';

/** Strangers get a tenth: a wrong token costs a look-up, and guessing must be slow. */
const STRANGERS_SHARE = 10;

export function limitRate(api: Pick<ApiContext, 'settings' | 'signIn'>): RequestHandler {
  const { rateLimitPerMinute: most } = api.settings;
  if (most === 0) return (_req, _res, next) => next();
  const personOf = (authorization: string | undefined) => api.signIn.lastKnown(authorization);
  return rateLimit({
    windowMs: 60_000, standardHeaders: false, legacyHeaders: false,
    limit: req => (personOf(req.headers.authorization) === undefined ? Math.max(1, Math.ceil(most / STRANGERS_SHARE)) : most),
    keyGenerator: req => personOf(req.headers.authorization) ?? ipKeyGenerator(req.ip ?? ''),
    handler: (req, _res, next) => {
      const { resetTime } = (req as typeof req & { rateLimit: { resetTime?: Date } }).rateLimit;
      const retryAfter = Math.max(1, Math.ceil(((resetTime?.getTime() ?? Date.now() + 60_000) - Date.now()) / 1_000));
      next(new Problem('too-many-requests', `Too many requests. Wait ${retryAfter} s.`, { retryAfter }));
    },
  });
}
