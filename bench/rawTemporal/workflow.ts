/** Temporal's floor: an update that does nothing. */
import { condition, defineUpdate, setHandler } from '@temporalio/workflow';

export const command = defineUpdate<{ version: number }, [{ type: string }]>('command');

export async function rawUpdate(): Promise<void> {
  let version = 0;
  setHandler(command, () => ({ version: version += 1 }));
  await condition(() => false);
}
