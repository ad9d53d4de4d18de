/** What the load generator can be asked to do, and what it answers. */
import type { Wish } from '../test/crash/evening.ts';

export type Job =
  /** One upsert per commit, no engine: the floor. */
  | { kind: 'upsert'; url: string; callers: number; count: number }
  /** A no-op update of one of `workflows` durable workflows: Temporal's floor. */
  | { kind: 'update'; address: string; namespace: string; taskQueue: string; prefix: string; workflows: number; callers: number; count: number }
  /** Cases begun; answers their ids. */
  | { kind: 'create'; api: string; tokens: string[]; process: string; parties: Record<string, string>; callers: number; count: number }
  /** The commands of each case one after the other, cases side by side. */
  | { kind: 'commands'; api: string; tokens: string[]; ids: string[]; commands: { name: string; data: object }[]; callers: number; pauseMs?: number }
  /** Families with their wishes, each pursued until it is booked, or nothing is free. */
  | { kind: 'bookings'; api: string; wishes: Wish[]; callers: number }
  /** The same reads again and again. */
  | { kind: 'reads'; api: string; token: string; paths: string[]; callers: number; count: number }
  /** Commands of other cases into one fund, while it is read. */
  | { kind: 'projects'; databaseUrl: string; masterKey: string; scuola: string; polo: string; callers: number; count: number }
  | { kind: 'fund'; databaseUrl: string; masterKey: string; api: string; token: string; polo: string; annoScolastico: string; callers: number; count: number };

export interface Measured {
  count: number;
  seconds: number;
  perSecond: number;
  p50: number;
  p95: number;
  p99: number;
  /** Of the load generator itself. */
  cpuMs: number;
}
export interface JobResult { measured: Measured; ids?: string[]; reads?: Measured; /** Of the same run, those that were refused. */ refused?: Measured; note?: string }

export function measure(latencies: number[], seconds: number, cpuMs: number): Measured {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (quantile: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0;
  return { count: sorted.length, seconds, perSecond: sorted.length / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99), cpuMs };
}
