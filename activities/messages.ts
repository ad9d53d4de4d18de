/** Messages to parties: rendered by the plugin, addressed from the registry and the accounts, one mail for each party. */
import { run } from '../database/pools.ts';
import { ADDRESSES } from '../database/agendaStatements.ts';
import { storeProgress, type BegunEffect, type EffectResult } from '../engine/agenda/agenda.ts';
import type { JsonObject, MessageInput, MessageTemplate } from '../plugins/contract.ts';
import { BrokenPlugin, PermanentFailure, TemporaryFailure } from './attemptEffect.ts';
import type { ActivityDependencies } from './createActivities.ts';
import type { Mail } from './mailer.ts';

/** A mail, and for which party; `mail` is null when nobody knows an address. */
interface PartyMail { party: string; mail: Mail | null }
/** What became of a party's mail. No address: the agenda is not encrypted. */
type Delivery = { messageId: string; response: string } | { refused: string };

/**
 * Writes to each party that no earlier attempt reached. A refusal for one does not keep the others from theirs.
 * Answers `{ deliveries }` by party. Throws PermanentFailure when nobody took the message, TemporaryFailure as soon as the server is away.
 */
export async function deliverMessage(dependencies: ActivityDependencies, effect: BegunEffect): Promise<EffectResult> {
  const { pool, mailer, engine, attemptMs } = dependencies;
  const mails = await renderMessage(dependencies, effect);
  const enough = Date.now() + attemptMs / 2;
  const deliveries: Record<string, Delivery> = { ...(effect.progress?.deliveries as Record<string, Delivery> | undefined) };
  for (const { party, mail } of mails) {
    if (deliveries[party] && !('refused' in deliveries[party])) continue;
    // A slow server: the next attempt goes on with this party. Another begun now could outlive the lease, and be written twice.
    if (Date.now() > enough) throw new TemporaryFailure('the mail server is too slow to reach everybody in one attempt');
    deliveries[party] = mail ? await deliver(mailer, mail) : { refused: 'no address is known' };
    // Before the next party, which may take long: a repeat must not write to this one again.
    if (mails.length > 1) await storeProgress(pool, effect.id, { deliveries });
  }
  const refused = Object.entries(deliveries).flatMap(([party, delivery]) => ('refused' in delivery ? [`${party}: ${delivery.refused}`] : []));
  if (refused.length === mails.length) throw new PermanentFailure(refused.join('; ') || 'the message names nobody', { code: 'undeliverable', deliveries: deliveries as JsonObject });
  if (refused.length > 0) await engine.openIncident({ caseId: effect.caseId, agendaId: effect.id, kind: 'effect', name: effect.name, detail: `Some were not reached: ${refused.join('; ')}` });
  return { ok: true, value: { deliveries: deliveries as JsonObject } };
}

async function deliver(mailer: ActivityDependencies['mailer'], mail: Mail): Promise<Delivery> {
  try {
    return { messageId: mail.messageId, response: (await mailer.send(mail)).response };
  } catch (error) {
    if (error instanceof PermanentFailure) return { refused: error.message };
    throw error;
  }
}

/**
 * The mails of an effect. Message-ID is the effect's id (and the party, where there are several): the same at every attempt.
 * An organisation is written to at its PEC, else its e-mail; a person at the address and in the language of the account.
 * Throws BrokenPlugin where the template is missing or throws.
 */
async function renderMessage({ engine, pool, mailer }: ActivityDependencies, effect: BegunEffect): Promise<PartyMail[]> {
  const { template, to, data } = effect.input as unknown as MessageInput;
  const { plugin } = engine.processes.version(effect.process, effect.processVersion);
  const texts = plugin.messages?.[template];
  if (!texts) throw new BrokenPlugin(`the process "${effect.process}" has no message "${template}"`);
  const named = [...new Set(to)].map(party => ({ party, id: effect.parties[party] }));
  const ids = (kind: 'organisation' | 'person') => named.flatMap(({ party, id }) => (id !== undefined && plugin.parties[party]?.kind === kind ? [id] : []));
  const { rows } = await run(pool, ADDRESSES, [ids('organisation'), ids('person')]);
  const addresses = new Map((rows as { party: string; address: string | null; lang: 'it' | 'en' }[]).map(row => [row.party, row]));
  return named.flatMap(({ party, id }): PartyMail[] => {
    // An optional party that this case does not have is nobody to write to.
    if (id === undefined && plugin.parties[party]?.required === false && named.length > 1) return [];
    const found = id === undefined ? undefined : addresses.get(id);
    if (!found?.address) return [{ party, mail: null }];
    const local = named.length > 1 ? `${effect.id}.${party}` : effect.id;
    return [{ party, mail: { to: found.address, lang: found.lang, ...write(texts[found.lang], effect, template, data), messageId: `${local}@${mailer.domain}`, thread: `case.${effect.caseId}@${mailer.domain}` } }];
  });
}

function write(text: MessageTemplate, effect: BegunEffect, template: string, data: JsonObject): { subject: string; text: string } {
  try {
    return text({ number: effect.number, data, parties: effect.parties, caseId: effect.caseId });
  } catch (error) {
    throw new BrokenPlugin(`the message "${template}" could not be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
