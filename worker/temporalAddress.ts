/** Where the Temporal of this installation answers, for a command that runs beside it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { isTemporalHealthy } from './embedded/temporalNamespace.ts';

/** TEMPORAL_ADDRESS, or the embedded one of the Iter that runs on ITER_HOME. Null when none answers. */
export async function findTemporal({ temporal, home }: Config): Promise<string | null> {
  const candidates = temporal.address ? [temporal.address] : embeddedPorts(home).map(port => `127.0.0.1:${port}`);
  for (const address of candidates) if (await isTemporalHealthy(address)) return address;
  return null;
}

function embeddedPorts(home: string): number[] {
  try {
    const { temporal = [], temporalCli = [] } = JSON.parse(readFileSync(join(home, 'ports.json'), 'utf8')) as Record<string, number[]>;
    return [...temporal.slice(0, 1), ...temporalCli.slice(0, 1)];
  } catch {
    return [];
  }
}
