/** What the worker does with what a case owes, in the test's own process: documents are printed, letters go to the real mail server. */
import { deliverBroadcast } from '../../activities/broadcasts/deliverBroadcast.ts';
import { makeDocuments } from '../../activities/documents/makeDocuments.ts';
import { createMailer } from '../../activities/mailer.ts';
import { deliverMessage } from '../../activities/messages.ts';
import { beginEffect } from '../../engine/agenda/agenda.ts';
import { testServers } from '../environment/servers.ts';
import type { TestApi } from './harness.ts';

/** Of one name, or all that are due. */
export async function performEffects(api: TestApi, caseId: string, name: string | null = null): Promise<void> {
  const { engine, pools } = api.composed.api, mailer = createMailer({ smtpUrl: testServers().smtpUrl, from: 'iter@example.it' });
  const { rows } = await api.db.query(`select id, does from agenda where case_id = $1 and ($2::text is null or name = $2) and state = 'due' and does in ('message', 'document', 'broadcast')`, [caseId, name]);
  for (const { id: effect, does } of rows) {
    const { begun } = await beginEffect(pools.worker, effect, 60_000, { workflowId: '', runId: '', activityId: '', attempt: 1 });
    const { ok, value } = await (does === 'message' ? deliverMessage : does === 'broadcast' ? deliverBroadcast : makeDocuments)({ engine, pool: pools.worker, mailer, log: { info() {}, warn() {}, error() {} }, attemptMs: 60_000 }, begun!);
    await engine.recordOutcomes(caseId, [{ effectId: effect, ok, result: value, execution: null }]);
  }
  mailer.close();
}
