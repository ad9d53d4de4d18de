/** Which Temporal is run decides whether a first start takes seconds or minutes: cheapest first, and nothing half-made is ever kept. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalProgram, TEMPORAL_VERSION, TemporalMissingError } from '../worker/embedded/temporalProgram.ts';

const environment = { ...process.env };
const realFetch = globalThis.fetch;
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iter-program-'));
  path = join(folder, 'path');
  mkdirSync(path);
  process.env['PATH'] = path;
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
  // Nothing is downloaded by a test.
  globalThis.fetch = () => Promise.reject(new TypeError('fetch failed'));
});

afterEach(() => {
  process.env['PATH'] = environment['PATH'];
  if (environment['XDG_CACHE_HOME'] === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = environment['XDG_CACHE_HOME'];
  globalThis.fetch = realFetch;
  rmSync(folder, { recursive: true, force: true });
});

function script(file: string, body: string): string {
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const bin = () => join(folder, 'cache', 'iter', 'temporal', TEMPORAL_VERSION, 'bin');
const built = () => ({ kind: 'server', server: join(bin(), 'server'), sql: join(bin(), 'sql') });

function fillCache(): void {
  mkdirSync(bin(), { recursive: true });
  for (const name of ['server', 'sql']) script(join(bin(), name), 'exit 0');
}

it('takes the command line on the PATH before anything cached', async () => {
  fillCache();
  const temporal = script(join(path, 'temporal'), 'exit 0');
  await expect(findTemporalProgram()).resolves.toEqual({ kind: 'cli', temporal });
});

it('passes over a "temporal" that has no development server', async () => {
  fillCache();
  script(join(path, 'temporal'), 'exit 1');
  await expect(findTemporalProgram()).resolves.toEqual(built());
});

it('builds with Go where nothing can be downloaded, and uses that build from then on', async () => {
  script(join(path, 'go'), `[ "$CGO_ENABLED" = 0 ] || exit 1\n: > "$GOBIN/server"\n: > "$GOBIN/sql"`);
  await expect(findTemporalProgram()).resolves.toEqual(built());
  rmSync(join(path, 'go'));
  await expect(findTemporalProgram()).resolves.toEqual(built());
});

it('builds once when two starts want it at the same time', async () => {
  script(join(path, 'go'), `echo x >> "${folder}/builds"\n/bin/sleep 1\n: > "$GOBIN/server"\n: > "$GOBIN/sql"`);
  await expect(Promise.all([findTemporalProgram(), findTemporalProgram()])).resolves.toEqual([built(), built()]);
  expect(readFileSync(join(folder, 'builds'), 'utf8')).toBe('x\n');
});

it('keeps nothing of a build that failed, and shows its last words beside what to install', async () => {
  script(join(path, 'go'), ': > "$GOBIN/server"\necho "no space left on device" >&2\nexit 1');
  const failure = await findTemporalProgram().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TemporalMissingError);
  expect(String(failure)).toMatch(/no space left on device.*install the Temporal CLI.*TEMPORAL_ADDRESS=host:port.*install Go/s);
  expect(existsSync(bin())).toBe(false);
  expect(readdirSync(join(folder, 'cache', 'iter', 'temporal'))).toEqual([]);
});

it('says what to install where there is no Go either', async () => {
  await expect(findTemporalProgram()).rejects.toThrow(/there is no Go to build it with.*install the Temporal CLI/s);
});

it('stops a build that is under way when it is told to', async () => {
  script(join(path, 'go'), 'exec /bin/sleep 30');
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('stopped')), 300);
  await expect(findTemporalProgram(stop.signal)).rejects.toThrow('stopped');
});
