/** The parts that the start puts together, by the names they agreed on. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '../database/migrate.ts';
import type { Config } from './config.ts';
import type { DemoPerson, RunningApi, RunningPart, Services, TemporalEndpoint } from './services.ts';

const root = join(import.meta.dirname, '..');
async function part<T>(file: string, name: string): Promise<T | undefined> {
  const path = join(root, file);
  if (!existsSync(path)) return undefined;
  return ((await import(path)) as Record<string, T>)[name];
}

export function migrateDatabase(databaseUrl: string, config: Config): Promise<void> {
  return migrate(databaseUrl, config.masterKey);
}

export async function seedDemo(config: Config, services: Services): Promise<DemoPerson[]> {
  const seed = await part<(config: Config, services: Services) => Promise<DemoPerson[]>>('worker/seed.ts', 'seed');
  return (await seed?.(config, services)) ?? [];
}

export async function serveApi(config: Config, services: Services): Promise<RunningApi> {
  const startApi = await part<(config: Config, services: Services) => Promise<RunningApi>>('api/server.ts', 'startApi');
  return (await startApi?.(config, services)) ?? { port: config.port, stop: async () => undefined };
}

export async function serveWork(config: Config, services: Services, endpoint: TemporalEndpoint): Promise<RunningPart> {
  const startTemporalWorker = await part<(config: Config, services: Services, endpoint: TemporalEndpoint) => Promise<RunningPart>>('worker/temporalWorker.ts', 'startTemporalWorker');
  return (await startTemporalWorker?.(config, services, endpoint)) ?? { stop: async () => undefined };
}
