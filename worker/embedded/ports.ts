/** Free ports on loopback, remembered so that an installation keeps its addresses from start to start. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const LOOPBACK = '127.0.0.1';
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;

/** Whether nobody listens there now. Another process may still take it before we do: callers retry. */
export function isPortFree(port: number, host = LOOPBACK): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * `count` different free ports. Chosen below the range that the system gives to outgoing connections, so that a
 * remembered port is rarely taken, and below 32768, which Temporal's pgx plugin cannot store as a member's port.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt += 1) {
    if (attempt > 1_000) throw new Error(`There are not ${count} free ports between ${FIRST_PORT} and ${LAST_PORT}.`);
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (!ports.has(port) && (await isPortFree(port))) ports.add(port);
  }
  return [...ports];
}

/** The ports of a server of this installation: those of its last start when all are free, else new ones. */
export async function rememberedPorts(home: string, server: string, count: number): Promise<number[]> {
  const last = readPorts(home)[server] ?? [];
  const free = await Promise.all(last.map((port) => isPortFree(port)));
  if (last.length === count && free.every(Boolean)) return last;
  return renewPorts(home, server, count);
}

/** New ports for a server of this installation, remembered from now on. */
export async function renewPorts(home: string, server: string, count: number): Promise<number[]> {
  const ports = await freePorts(count);
  const file = portsFile(home);
  mkdirSync(home, { recursive: true });
  // Read, replaced and renamed without an await between: PostgreSQL and Temporal start at the same time.
  writeFileSync(`${file}.new`, `${JSON.stringify({ ...readPorts(home), [server]: ports }, null, 2)}\n`);
  renameSync(`${file}.new`, file);
  return ports;
}

const portsFile = (home: string) => join(home, 'ports.json');

function readPorts(home: string): Record<string, number[]> {
  try {
    return JSON.parse(readFileSync(portsFile(home), 'utf8'));
  } catch {
    // Absent at the first start; a torn file costs only new ports.
    return {};
  }
}
