/**
 * One line of waiting commands per case, before a connection is taken: a hot case must not eat the pool.
 * While one is served, those behind it that may travel together are gathered into the next commit.
 */
import { Problem } from '../problems.ts';

/** More people than this behind one case: 503 with Retry-After. The engine's own commands travel together and do not count. */
export const MOST_WAITING = 64;
/** Inputs of other cases that fit in one commit. */
export const MOST_TOGETHER = 100;

interface Waiting<T, R> { input: T; together: boolean; patient: boolean; resolve: (result: R) => void; reject: (error: unknown) => void }

interface Line<T, R> { waiting: Waiting<T, R>[]; serving: boolean; people: number }

export class CaseQueues<T, R> {
  private readonly lines = new Map<string, Line<T, R>>();
  private readonly serve: (caseId: string, inputs: T[]) => Promise<PromiseSettledResult<R>[]>;

  /** `serve` answers every input of a group, in order; it never throws for one input alone. */
  constructor(serve: (caseId: string, inputs: T[]) => Promise<PromiseSettledResult<R>[]>) {
    this.serve = serve;
  }

  /** `together`: may share a commit with its neighbours. `patient`: the engine's own work waits however long the line is. */
  submit(caseId: string, input: T, { together, patient }: { together: boolean; patient: boolean }): Promise<R> {
    let line = this.lines.get(caseId);
    if (!line) this.lines.set(caseId, (line = { waiting: [], serving: false, people: 0 }));
    if (!patient && line.people >= MOST_WAITING) {
      throw new Problem('unavailable', 'Too many commands are waiting for this case. Repeat in a moment with the same key.', { retryAfter: 1 });
    }
    const result = new Promise<R>((resolve, reject) => line.waiting.push({ input, together, patient, resolve, reject }));
    if (!patient) line.people += 1;
    if (!line.serving) void this.drain(caseId, line);
    return result;
  }

  private async drain(caseId: string, line: Line<T, R>): Promise<void> {
    line.serving = true;
    while (line.waiting.length > 0) {
      const group = [line.waiting.shift()!];
      while (group[0]!.together && group.length < MOST_TOGETHER && line.waiting[0]?.together) group.push(line.waiting.shift()!);
      line.people -= group.filter(({ patient }) => !patient).length;
      try {
        const results = await this.serve(caseId, group.map(({ input }) => input));
        group.forEach((waiting, i) => {
          const result = results[i]!;
          if (result.status === 'fulfilled') waiting.resolve(result.value);
          else waiting.reject(result.reason);
        });
      } catch (error) {
        for (const waiting of group) waiting.reject(error);
      }
    }
    line.serving = false;
    this.lines.delete(caseId);
  }
}
