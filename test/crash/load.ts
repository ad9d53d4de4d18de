/** Work on toy cases by many callers at once, each acknowledged command written down with its key. */
import { randomUUID } from 'node:crypto';
import type { ApiClient } from './client.ts';
import { POLO, SCHOOL, type Person } from './people.ts';

export interface Acknowledged { person: Person; path: string; body: unknown; key: string; caseId: string; command: string; version: number }
export interface LoadPlan {
  cases: number;
  callers: number;
  /** `segna` of each case: a mail and a command to the counter each time. */
  marks: number;
  /** Of the deadline, from the opening. */
  seconds: number;
  /** Between two commands of one caller. */
  pauseMs?: number;
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** Opens cases and marks them; every request is repeated with its key until it is answered. Throws when one is refused. */
export async function work(client: ApiClient, people: Person[], plan: LoadPlan): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  let next = 0;
  const insist = async (person: Person, path: string, body: unknown, command: string, caseId?: string) => {
    const key = randomUUID();
    const answer = await client.insist(person.token, path, body, key);
    if (answer.status >= 300) throw new Error(`${command} was refused with ${answer.status}: ${JSON.stringify(answer.body)}`);
    // A repeated answer shows the case as it is now; the version committed then is what must never change.
    acknowledged.push({ person, path, body, key, caseId: caseId ?? answer.body.id, command, version: answer.body.committedVersion });
    if (plan.pauseMs) await pause(plan.pauseMs);
    return answer.body;
  };
  await Promise.all(Array.from({ length: plan.callers }, async (_, caller) => {
    const person = people[caller % people.length]!;
    while (next < plan.cases) {
      next += 1;
      const { id } = await insist(person, '/processes/corriere/cases', { data: {}, parties: { scuola: SCHOOL, polo: POLO } }, 'created');
      await insist(person, `/cases/${id}/commands/apri`, { secondi: plan.seconds }, 'apri', id);
      for (let mark = 0; mark < plan.marks; mark += 1) await insist(person, `/cases/${id}/commands/segna`, {}, 'segna', id);
    }
  }));
  return acknowledged;
}
