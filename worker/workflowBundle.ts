/** The workflows as one file for Temporal's sandbox, kept in the user's cache by the hash of what it is made of. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'workflows');
const ENTRY = join(folder, 'case.ts');

/** `<cache>/iter/workflows`, as the XDG base directories say. */
const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'iter', 'workflows');

/** Path of the production bundle. Some seconds the first time, nothing afterwards. */
export async function workflowBundle(): Promise<string> {
  const file = join(cacheFolder(), `${contentHash()}.js`);
  if (existsSync(file)) return file;
  // Loaded only when needed: webpack is half of the worker's memory.
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const quiet = () => undefined;
  const { code } = await bundleWorkflowCode({
    workflowsPath: ENTRY,
    webpackConfigHook: config => ({ ...config, mode: 'production' }),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error },
  });
  mkdirSync(cacheFolder(), { recursive: true });
  // Renamed into place: of two programs that bundle at once, both find a whole file.
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, code);
  renameSync(draft, file);
  return file;
}

function contentHash(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  const require = createRequire(import.meta.url);
  for (const name of ['@temporalio/worker', '@temporalio/workflow', '@temporalio/common']) hash.update(`${name} ${require(`${name}/package.json`).version}`);
  return hash.digest('hex').slice(0, 32);
}
