/** Parts of a write that follow from the case: documents and messages to many under their seal, tasks, what it offers. */
import type { Part } from '../../database/writeStatement.ts';
import { publishedOffer } from '../decide/offers.ts';
import { openTasks } from '../decide/tasks.ts';
import { areSameParties } from '../decide/parties.ts';
import { DecisionError, type CaseState } from '../decide/types.ts';
import { sealJson } from '../history/caseKey.ts';
import type { AgendaFold } from './agendaFold.ts';
import type { OpenedCase } from './caseRecord.ts';

/** The case as the transaction leaves it. `isFirst`: nothing was derived of it before by this version of its process. */
export interface Derived { opened: OpenedCase; state: CaseState; version: number; seq: number; draft: boolean; isFirst: boolean }

/** Sealed with the case's key: a letter may name the pupil and the certificate. */
export function writeDocuments({ opened, state, version, seq }: Derived, documents: AgendaFold['documents'], parts: Set<Part>, values: Record<string, unknown>): void {
  if (documents.length === 0) return;
  parts.add('documents');
  values.documents = JSON.stringify(documents.map(({ id, agendaId, name, from, model, ordinal }) => {
    const organisation = state.parties[from];
    if (organisation === undefined) throw new DecisionError(`${opened.process.plugin.process}: the document "${name}" is of the party "${from}", which this case has not`);
    return { id, agenda_id: agendaId, name, organisation, model: sealJson(opened.key, model, `${state.id}/document/${id}`).toString('hex'), version, seq, ordinal };
  }));
}

/** Sealed too: what a school writes to single families names pupils. */
export function writeBroadcasts({ opened, state, version: caseVersion }: Derived, broadcasts: AgendaFold['broadcasts'], parts: Set<Part>, values: Record<string, unknown>): void {
  if (broadcasts.length === 0) return;
  parts.add('broadcasts');
  values.broadcasts = JSON.stringify(broadcasts.map(({ agendaId, name, input: { template, version, from, channels, acknowledge, to, data, quiet, needsRecipients } }) => {
    const { plugin } = opened.process, organisation = state.parties[from];
    if (organisation === undefined) throw new DecisionError(`${plugin.process}: "${name}" writes for the party "${from}", which this case has not`);
    return {
      id: agendaId, name, organisation, template, template_version: [plugin.broadcasts![template]!.version, ...(version ? [version] : [])].join('/'), channels, acknowledge: acknowledge !== undefined, acknowledge_by: acknowledge?.by ?? null,
      sealed: sealJson(opened.key, { to, data, ...(quiet === undefined ? {} : { quiet }), ...(needsRecipients ? { needsRecipients } : {}) }, `${state.id}/broadcast/${agendaId}`).toString('hex'), version: caseVersion,
    };
  }));
}

/** What waits for whom, where it changed. Pure, of before and after: no row is read for it. */
export function writeTasks({ opened: { process, state: before }, state, isFirst }: Derived, parts: Set<Part>, values: Record<string, unknown>): void {
  if (!process.plugin.tasks) return;
  const now = openTasks(process, state), then = isFirst ? [] : openTasks(process, before);
  const text = JSON.stringify(now);
  if (text === JSON.stringify(then)) return;
  parts.add('tasks');
  values.tasks = text;
}

/** What the case offers others to book, where that changed. */
export function writeOffer({ opened: { process, state: before, row }, state, draft, isFirst }: Derived, parts: Set<Part>, values: Record<string, unknown>): void {
  const { plugin } = process;
  if (!plugin.offers) return;
  const now = draft ? null : publishedOffer(process, state);
  // A case that leaves its draft published nothing before.
  const then = isFirst || row.draft ? null : publishedOffer(process, before);
  const wasMoved = isFirst && row.version > 0;
  if (!wasMoved && JSON.stringify(now) === JSON.stringify(then) && areSameParties(before.parties, state.parties)) return;
  parts.add('offers');
  const { parties } = state;
  values.offers = JSON.stringify(now ? [{ ...now, process: plugin.process, version: plugin.version, parties, principals: Object.values(parties) }] : []);
}
