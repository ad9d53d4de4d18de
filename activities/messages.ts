/** Messages to parties: rendered by the plugin, addressed from the registry and the accounts, one mail for each party; letters take their documents with them. */
import { run } from '../database/pools.ts';
import { ADDRESSES } from '../database/agendaStatements.ts';
import { SENT_MAILS } from '../database/registerStatements.ts';
import { storeProgress, type BegunEffect, type EffectResult } from '../engine/agenda/agenda.ts';
import type { Json, JsonObject, MessageInput, MessageTemplate } from '../plugins/contract.ts';
import { BrokenPlugin, PermanentFailure, TemporaryFailure } from './attemptEffect.ts';
import type { ActivityDependencies } from './createActivities.ts';
import { invitationsOf } from './invitations.ts';
import { makeLetter, type Addressee, type Letter } from './documents/letters.ts';
import type { Mail } from './mailer.ts';

/** A mail, and for which party; `mail` is null when nobody knows an address. */
interface PartyMail { addressee: Addressee; mail: Mail | null }
/** What became of a party's mail. No address: the agenda is not encrypted. */
type Delivery = { messageId: string; response: string } | { refused: string };

/** Of a mail that is on record as sent, whose answer the attempt did not live to note. */
const TAKEN_OVER = 'taken over';

/**
 * Writes to each party that no earlier attempt reached. A refusal for one does not keep the others from theirs.
 * Answers `{ deliveries }` by party, for a letter with `{ protocol, documents }` too. Throws PermanentFailure when nobody took the
 * message, TemporaryFailure as soon as the server is away.
 */
export async function deliverMessage(dependencies: ActivityDependencies, effect: BegunEffect): Promise<EffectResult> {
  const { pool, engine, attemptMs } = dependencies;
  const { mails, subject } = await renderMessage(dependencies, effect);
  const enough = Date.now() + attemptMs / 2;
  const letter = await letterOf(dependencies, effect, mails, subject);
  const inviting = await invitationsOf(dependencies, effect);
  const told: JsonObject = letter ? { protocol: { ...letter.protocol }, documents: letter.documents as unknown as Json } : {};
  const deliveries = await deliveriesSoFar(dependencies, effect);
  for (const { addressee, mail } of mails) {
    const { party } = addressee, before = deliveries[party];
    if (before && !('refused' in before)) {
      await registerIncoming(dependencies, letter, addressee, before.messageId);
      continue;
    }
    // A slow server: the next attempt goes on with this party. Another begun now could outlive the lease, and be written twice.
    if (Date.now() > enough) throw new TemporaryFailure('the mail server is too slow to reach everybody in one attempt');
    const delivery: Delivery = mail ? await deliver(dependencies, effect, party, inviting(withFiles(mail, letter, addressee), addressee)) : { refused: 'no address is known' };
    deliveries[party] = delivery;
    // Before the next party, which may take long: a repeat must not write to this one again.
    if (mails.length > 1) await storeProgress(pool, effect.id, { deliveries });
    if (!('refused' in delivery)) await registerIncoming(dependencies, letter, addressee, delivery.messageId);
  }
  const refused = Object.entries(deliveries).flatMap(([party, delivery]) => ('refused' in delivery ? [`${party}: ${delivery.refused}`] : []));
  if (refused.length === mails.length) throw new PermanentFailure(refused.join('; ') || 'the message names nobody', { code: 'undeliverable', deliveries: deliveries as JsonObject, ...told });
  if (refused.length > 0) await engine.openIncident({ caseId: effect.caseId, agendaId: effect.id, kind: 'effect', name: effect.name, detail: `Some were not reached: ${refused.join('; ')}` });
  return { ok: true, value: { deliveries: deliveries as JsonObject, ...told } };
}

/** Registered only when somebody can be written to: a number is never given back. */
async function letterOf(dependencies: ActivityDependencies, effect: BegunEffect, mails: PartyMail[], subject: string): Promise<Letter | null> {
  const { letter } = effect.input as unknown as MessageInput;
  const addressees = mails.filter(({ mail }) => mail !== null).map(({ addressee }) => addressee);
  return letter && addressees.length > 0 ? await makeLetter(dependencies, effect, { letter, subject, addressees }) : null;
}

/** What earlier attempts noted, and the mails on record: one that a server took over is never sent again by whoever can know of it. */
async function deliveriesSoFar({ pool }: ActivityDependencies, effect: BegunEffect): Promise<Record<string, Delivery>> {
  const deliveries: Record<string, Delivery> = { ...(effect.progress?.deliveries as Record<string, Delivery> | undefined) };
  // Asked at a first attempt too: an operator's retry counts anew.
  const { rows } = await run(pool, SENT_MAILS, [effect.caseId, effect.id]);
  for (const { party, message_id: messageId } of rows as { party: string; message_id: string }[]) if (!deliveries[party] || 'refused' in deliveries[party]) deliveries[party] = { messageId, response: TAKEN_OVER };
  return deliveries;
}

function withFiles(mail: Mail, letter: Letter | null, addressee: Addressee): Mail {
  return letter ? { ...mail, sender: letter.sender.code, attachments: letter.filesFor(addressee) } : mail;
}

/** Sends, and puts the message on record as it left. */
async function deliver({ mailer, engine }: ActivityDependencies, effect: BegunEffect, party: string, mail: Mail): Promise<Delivery> {
  const { messageId, sender, to: recipient, certified } = mail;
  try {
    const { response, raw } = await mailer.send(mail);
    await engine.dossier.keepMail({ caseId: effect.caseId, effectId: effect.id, messageId, party, sender, recipient, certified, raw });
    return { messageId, response };
  } catch (error) {
    if (error instanceof PermanentFailure) return { refused: error.message };
    throw error;
  }
}

/**
 * The receiver's register, where it is kept here too. The mail server has taken the letter over, and its content is known to the last byte: nobody
 * need open a mailbox to register it. That it reached the mailbox is another fact, which the receipt of certified mail (avvenuta consegna)
 * proves later; should it fail, both entries stand, as registers do, and the mail's own state tells.
 */
async function registerIncoming({ engine }: ActivityDependencies, letter: Letter | null, addressee: Addressee, messageId: string): Promise<void> {
  const entry = letter?.incomingFor(addressee, messageId);
  if (entry) await engine.dossier.register(entry);
}

/**
 * The mails of an effect, and their subject as the sender's register has it. Message-ID is the effect's id (and the party, where there are
 * several): the same at every attempt. An organisation is written to at its PEC, else its e-mail; a person at the address and in the
 * language of the account. Throws BrokenPlugin where the template is missing or throws.
 */
async function renderMessage({ engine, pool, mailer }: ActivityDependencies, effect: BegunEffect): Promise<{ mails: PartyMail[]; subject: string }> {
  const { template, to, data } = effect.input as unknown as MessageInput;
  const { plugin } = engine.processes.version(effect.process, effect.processVersion);
  const texts = plugin.messages?.[template];
  if (!texts) throw new BrokenPlugin(`the process "${effect.process}" has no message "${template}"`);
  const named = [...new Set(to)].map(party => ({ party, id: effect.parties[party], kind: plugin.parties[party]?.kind ?? 'organisation' }));
  const ids = (wanted: 'organisation' | 'person') => named.flatMap(({ id, kind }) => (id !== undefined && kind === wanted ? [id] : []));
  const { rows } = await run(pool, ADDRESSES, [ids('organisation'), ids('person')]);
  const addresses = new Map((rows as { party: string; address: string | null; lang: 'it' | 'en'; certified: boolean }[]).map(row => [row.party, row]));
  const mails = named.flatMap(({ party, id, kind }): PartyMail[] => {
    // An optional party that this case does not have is nobody to write to.
    if (id === undefined && plugin.parties[party]?.required === false && named.length > 1) return [];
    const addressee: Addressee = { party, id: id ?? '', kind }, found = id === undefined ? undefined : addresses.get(id);
    if (!found?.address) return [{ addressee, mail: null }];
    const local = named.length > 1 ? `${effect.id}.${party}` : effect.id;
    return [{ addressee, mail: { to: found.address, lang: found.lang, ...write(texts[found.lang], effect, template, data), messageId: `${local}@${mailer.domain}`, thread: `case.${effect.caseId}@${mailer.domain}`, sender: null, certified: found.certified } }];
  });
  return { mails, subject: write(texts.it, effect, template, data).subject };
}

function write(text: MessageTemplate, effect: BegunEffect, template: string, data: JsonObject): { subject: string; text: string } {
  try {
    return text({ number: effect.number, data, parties: effect.parties, caseId: effect.caseId });
  } catch (error) {
    throw new BrokenPlugin(`the message "${template}" could not be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
