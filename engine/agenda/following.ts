/** Whose workflow is at work: what it commits on its own case it reads itself, so nobody needs to nudge it. */
import { AsyncLocalStorage } from 'node:async_hooks';

const followed = new AsyncLocalStorage<string>();

/** Runs `work` for the workflow of a case. The workflow reads the agenda again after it. */
export function following<T>(caseId: string, work: () => Promise<T>): Promise<T> {
  return followed.run(caseId, work);
}

export function isFollowing(caseId: string): boolean {
  return followed.getStore() === caseId;
}
