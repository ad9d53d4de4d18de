/** The thread in which the workflows are bundled (workflowBundle.ts). */
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { workerData } from 'node:worker_threads';
import { bundleWorkflowCode } from '@temporalio/worker';

const { entry, file } = workerData as { entry: string; file: string };
const quiet = () => undefined;
const { code } = await bundleWorkflowCode({
  workflowsPath: entry,
  webpackConfigHook: config => ({ ...config, mode: 'production' }),
  logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error },
});
mkdirSync(dirname(file), { recursive: true });
// Renamed into place: of two programs that bundle at once, both find a whole file.
const draft = `${file}.${randomBytes(4).toString('hex')}`;
writeFileSync(draft, code);
renameSync(draft, file);
