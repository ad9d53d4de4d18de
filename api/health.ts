/** Liveness and readiness. Commands need PostgreSQL alone; the rest is told, and does not take the API out of service. */
import type { RequestHandler } from 'express';
import { ping, readBacklog, type Backlog } from '../database/reads/health.ts';
import type { ApiContext } from './context.ts';
import { sendJson } from './sendJson.ts';

const ANSWER_MS = 2_000;

export const healthz: RequestHandler = (_req, res) => sendJson(res, 200, { status: 'ok' });

export function readyz(api: ApiContext): RequestHandler {
  return async (_req, res) => {
    const [postgresql, backlog] = await Promise.all([
      within(ANSWER_MS, ping(api.pools.read)).then(() => true, () => false),
      within(ANSWER_MS, readBacklog(api.pools.worker)).catch((): Backlog | null => null),
    ]);
    const stopping = api.isStopping(), ready = postgresql && !stopping;
    if (!ready) res.setHeader('Retry-After', '2');
    sendJson(res, ready ? 200 : 503, {
      status: ready ? 'ready' : stopping ? 'stopping' : 'unavailable',
      postgresql: postgresql ? 'up' : 'down',
      temporal: api.temporalStatus(),
      // Work that is due and that nobody has taken: a worker that serves keeps it near zero.
      agenda: backlog && { oldestDueSeconds: Math.round(backlog.oldestDueSeconds), openIncidents: backlog.openIncidents, suspendedCases: backlog.suspendedCases },
      worker: backlog === null ? 'unknown' : backlog.oldestDueSeconds < LATE_SECONDS ? 'keeping-up' : 'behind',
    });
  };
}

/** Wakes of many deadlines are spread over up to ten minutes: older than this, nobody serves them. */
const LATE_SECONDS = 15 * 60;

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error('no answer in time')), milliseconds); });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
