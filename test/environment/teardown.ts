/** After all test files: stops what setup.ts started, and nothing else. ITER_TEST_KEEP=1 leaves the run's folder. */
import { rmSync } from 'node:fs';

export default async function teardown(): Promise<void> {
  const run = globalThis.iterTestRun;
  if (!run) return;
  await run.stop();
  if (process.env['ITER_TEST_KEEP'] !== '1') rmSync(run.home, { recursive: true, force: true });
}
