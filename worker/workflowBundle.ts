/** The workflows as one file for Temporal's sandbox, kept in the user's cache by the hash of what it is made of. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const folder = join(import.meta.dirname, '..', 'workflows');

/** `<cache>/iter/workflows`, as the XDG base directories say. */
const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'iter', 'workflows');

/** Path of the production bundle. Some seconds the first time, nothing afterwards. */
export async function workflowBundle(): Promise<string> {
  const file = join(cacheFolder(), `${contentHash()}.js`);
  if (!existsSync(file)) await bundleAside(join(folder, 'case.ts'), file);
  return file;
}

/** In a thread of its own: webpack keeps a processor busy for seconds, and commands are answered meanwhile. */
function bundleAside(entry: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./bundleWorkflows.ts', import.meta.url), { workerData: { entry, file } });
    thread.on('error', reject);
    thread.on('exit', code => (code === 0 ? resolve() : reject(new Error(`the workflows could not be bundled (${code})`))));
  });
}

function contentHash(): string {
  const hash = createHash('sha256').update(readFileSync(join(import.meta.dirname, 'bundleWorkflows.ts')));
  for (const name of readdirSync(folder).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  const require = createRequire(import.meta.url);
  for (const name of ['@temporalio/worker', '@temporalio/workflow', '@temporalio/common']) hash.update(`${name} ${require(`${name}/package.json`).version}`);
  return hash.digest('hex').slice(0, 32);
}
