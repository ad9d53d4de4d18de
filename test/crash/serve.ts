/** An installation that serves for as long as a test file runs. */
import { afterAll, beforeAll } from '@jest/globals';
import { ApiClient } from './client.ts';
import { Installation, type InstallationOptions } from './installation.ts';

/** Temporal may have to be built first, and other test files of whole installations to end. */
const BEGINS_MS = 40 * 60_000, ENDS_MS = 60_000;

/** `begun` gets both once they serve; `ended` runs after they are stopped. */
export function serve(options: InstallationOptions, begun: (served: { installation: Installation; client: ApiClient }) => void, ended: () => Promise<unknown> = async () => {}): void {
  let installation: Installation | undefined, client: ApiClient | undefined;
  beforeAll(async () => {
    installation = await Installation.create(options);
    client = new ApiClient(installation.apiUrl);
    begun({ installation, client });
    await installation.start();
  }, BEGINS_MS);
  afterAll(async () => {
    client?.close();
    await installation?.stop();
    await ended();
  }, ENDS_MS);
}
