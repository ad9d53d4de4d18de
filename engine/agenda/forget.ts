/**
 * Takes a case's workflow out of Temporal when the case is erased. It only ever held ids and names of steps; its latest run goes at once,
 * earlier ones with the namespace's retention.
 */
import { linkTemporal, workflowIdOf, type CaseOfProcess, type TemporalTarget } from './temporal.ts';

export interface Forgetter { forgetWorkflow(which: CaseOfProcess): Promise<void>; close(): Promise<void> }

const NOT_FOUND = 5;

/** Connects at the first call. Throws what the client throws when Temporal is away. */
export function createForgetter(target: TemporalTarget): Forgetter {
  const { client, close } = linkTemporal(target);
  return {
    close,
    async forgetWorkflow(which) {
      try {
        await client.withDeadline(Date.now() + 5_000, () => client.workflowService.deleteWorkflowExecution({ namespace: target.namespace, workflowExecution: { workflowId: workflowIdOf(which) } }));
      } catch (error) {
        // It never had one, or it was deleted before.
        if ((error as { code?: number }).code !== NOT_FOUND) throw error;
      }
    },
  };
}
