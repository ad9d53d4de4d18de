/** Prometheus. Labels are routes, processes and codes: nothing that names a case or a person. */
import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Pools } from '../database/pools.ts';
import { readBacklog, type Backlog } from '../database/reads/health.ts';
import type { EngineContext } from '../engine/commit/context.ts';

export interface Metrics {
  /** For createEngine. */
  onCounted: EngineContext['onCounted'];
  /** Counts and times every answer by its route. */
  observe: RequestHandler;
  page: RequestHandler;
}

/** The scraper and the curious must not make PostgreSQL count more often than this. */
const BACKLOG_FRESH_MS = 5_000;

/** Signals to the cases' workflows, as engine/agenda counts them. */
export type NudgeCounts = () => { sent: number; failed: number; dropped: number; waiting: number };

export function createMetrics(pools: Pools, nudges?: NudgeCounts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counts = new Counter({ name: 'iter_events_total', help: 'What the engine committed: commands, refusals by code, repeats, deadlines, effects, incidents', labelNames: ['what', 'process', 'detail'], registers: [registry] });
  const durations = new Histogram({
    name: 'iter_http_request_duration_seconds', help: 'Time to answer, by route and status', labelNames: ['method', 'route', 'status'], registers: [registry],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  });
  const problems = new Counter({ name: 'iter_http_problems_total', help: 'Answers that are problems, by code', labelNames: ['code'], registers: [registry] });

  let backlog: { read: Promise<Backlog | null>; at: number } | undefined;
  const freshBacklog = () => {
    if (!backlog || performance.now() - backlog.at > BACKLOG_FRESH_MS) backlog = { read: readBacklog(pools.worker).catch(() => null), at: performance.now() };
    return backlog.read;
  };
  const gauge = (name: string, help: string, value: (backlog: Backlog) => number) => new Gauge({
    name, help, registers: [registry],
    async collect() {
      const found = await freshBacklog();
      // Unknown is told as absent, not as zero.
      if (found) this.set(value(found));
      else this.remove();
    },
  });
  gauge('iter_agenda_oldest_due_seconds', 'How long the oldest due and unserved row of the agenda has waited', found => found.oldestDueSeconds);
  gauge('iter_incidents_open', 'Incidents that nobody has resolved', found => found.openIncidents);
  gauge('iter_cases_suspended', 'Cases that an incident has suspended', found => found.suspendedCases);
  new Gauge({
    name: 'iter_pool_connections', help: 'Connections by pool and state', labelNames: ['pool', 'state'], registers: [registry],
    collect() {
      for (const [pool, { totalCount, idleCount, waitingCount }] of Object.entries({ read: pools.read, commit: pools.commit, worker: pools.worker, workerCommit: pools.workerCommit })) {
        this.set({ pool, state: 'busy' }, totalCount - idleCount);
        this.set({ pool, state: 'idle' }, idleCount);
        this.set({ pool, state: 'waiting' }, waitingCount);
      }
    },
  });

  if (nudges) new Gauge({
    name: 'iter_nudges', help: 'Signals to workflows since the start: sent, failed, dropped (the sweeper finds both), and those that wait', labelNames: ['state'], registers: [registry],
    collect() {
      const { sent, failed, dropped, waiting } = nudges();
      for (const [state, value] of Object.entries({ sent, failed, dropped, waiting })) this.set({ state }, value);
    },
  });

  return {
    onCounted: (what, process, detail) => counts.inc({ what, process, detail }),
    observe: (req, res, next) => {
      const began = performance.now();
      res.once('finish', () => {
        // The pattern of the route, never the path: paths hold ids, and unknown ones have no end.
        durations.observe({ method: req.method, route: routeOf(req.route?.path), status: res.statusCode }, (performance.now() - began) / 1_000);
        if (res.locals.problemCode) problems.inc({ code: res.locals.problemCode });
      });
      next();
    },
    page: async (_req, res) => {
      res.setHeader('Content-Type', registry.contentType);
      res.end(await registry.metrics());
    },
  };
}

function routeOf(path: unknown): string {
  return typeof path === 'string' ? path : 'none';
}
