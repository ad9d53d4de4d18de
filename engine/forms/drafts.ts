/**
 * Drafts of forms: saved as they are typed, shared by the people of one party, sealed with the case's key. They are no part of the history;
 * the command that carries the form ends them. The case's lock orders all writers: nobody's keystrokes are lost, and none outlives the command.
 */
import { romeDate } from '../../plugins/calendar.ts';
import { formParameter, type Json, type JsonObject, type Plugin } from '../../plugins/contract.ts';
import { DELETE_DRAFT, LIST_DRAFTS, READ_DRAFT, WRITE_DRAFT, type DraftRow } from '../../database/formStatements.ts';
import { pipeline, run } from '../../database/pools.ts';
import { topState, type CompiledProcess } from '../decide/compile.ts';
import { actingRole } from '../decide/parties.ts';
import { openJson, sealJson } from '../history/caseKey.ts';
import { Problem } from '../problems.ts';
import type { EngineContext } from '../commit/context.ts';
import { applyDeadlines, isDue } from '../commit/deadlines.ts';
import { beginReading, readCase } from '../commit/read.ts';
import { lockCase, withConnection, type FirstReads } from '../commit/transaction.ts';
import { overlayInForce, type OverlayInForce } from './addedFields.ts';
import { isDeeperThan, mergePatch } from './mergePatch.ts';

export const LARGEST_DRAFT = 256 * 1024;
const MOST_DEPTH = 64;

/** A person in the role in which they fill the form. */
export interface DraftAsk { caseId: string; process: string; form: string; role: string; speaksFor: string; userId: string; principals: string[]; /** Of the draft: see draftOwner. */ owner: string }
export interface Draft {
  form: string;
  revision: number;
  /** What If-Match must say: two drafts that follow one another have different tags at the same revision. */
  tag: string;
  updatedAt: string;
  updatedBy: string;
  data: JsonObject;
  /** The draft shows what somebody else wrote last: reading it is to be logged. */
  ofAnother: boolean;
}

/** A draft with what is needed to say what its form has against it. */
export interface DraftAnswer { draft: Draft; process: CompiledProcess; overlay: OverlayInForce }

const tagOf = ({ revision, updatedAt }: Pick<DraftRow, 'revision' | 'updatedAt'>): string => `${revision}-${updatedAt.getTime().toString(36)}`;
const sealContext = ({ caseId, form, owner }: DraftAsk): string => `${caseId}/draft/${form}/${owner}`;

/** Whose draft it is: the party's, or the person's where the form says so. */
export function draftOwner(plugin: Plugin, form: string, speaksFor: string, userId: string): string {
  return plugin.forms?.[form]?.personal ? userId : speaksFor;
}

/** Roles of the form that this person holds here. Throws Problem: not-found (no such form), forbidden. */
export function assertFills(plugin: Plugin, parties: Record<string, string>, { form, role, speaksFor }: Pick<DraftAsk, 'form' | 'role' | 'speaksFor'>): void {
  if (!Object.hasOwn(plugin.forms ?? {}, form)) throw new Problem('not-found', `The process "${plugin.process}" has no form "${form}".`);
  if (!mayFill(plugin, form, parties, role, speaksFor)) throw new Problem('forbidden', `The role "${role}" does not fill the form "${form}" of this case.`);
}

export function mayFill(plugin: Plugin, form: string, parties: Record<string, string>, role: string, speaksFor: string): boolean {
  const acting = actingRole(plugin, parties, role, party => parties[party] === speaksFor);
  return acting !== null && plugin.forms![form]!.by.includes(acting);
}

/** Throws Problem: not-found, forbidden, command-not-allowed (the case has ended), version-mismatch, malformed, too-large. */
export async function patchDraft(context: EngineContext, ask: DraftAsk, patch: JsonObject, ifMatch?: string): Promise<DraftAnswer> {
  if (isDeeperThan(patch, MOST_DEPTH)) throw new Problem('malformed', `The draft is nested more than ${MOST_DEPTH} levels deep.`);
  return await change(context, ask, ifMatch, async (client, { opened, parameters, now }, row) => {
    const data = mergePatch(row ? openJson<JsonObject>(opened.key, row.sealed, sealContext(ask)) : {}, patch) as JsonObject;
    if (Buffer.byteLength(JSON.stringify(data)) > LARGEST_DRAFT) throw new Problem('too-large', `The draft would be larger than ${LARGEST_DRAFT / 1024} KiB.`);
    const [written] = await pipeline(client, [
      run(client, WRITE_DRAFT, [ask.caseId, ask.form, ask.owner, sealJson(opened.key, data, sealContext(ask)), (row?.revision ?? 0) + 1, ask.userId]),
      client.query('commit'),
    ]);
    const { process } = opened;
    return {
      draft: { ...presented(ask.form, written!.rows[0], data), ofAnother: row !== undefined && row.updatedBy !== ask.userId }, process,
      overlay: overlayInForce(process.plugin, ask.form, { parameters, today: romeDate(now.toISOString()), parties: opened.row.parties }),
    };
  });
}

/** Whether there was one. Throws as patchDraft does. */
export async function deleteDraft(context: EngineContext, ask: DraftAsk, ifMatch?: string): Promise<boolean> {
  return await change(context, ask, ifMatch, async (client, _first, row) => {
    await pipeline(client, [run(client, DELETE_DRAFT, [ask.caseId, ask.form, ask.owner]), client.query('commit')]);
    return row !== undefined;
  }, true);
}

type StoredDraft = DraftRow & { sealed: Buffer };
type Client = Parameters<Parameters<typeof withConnection>[1]>[0];

async function change<T>(context: EngineContext, ask: DraftAsk, ifMatch: string | undefined, write: (client: Client, first: FirstReads, row: StoredDraft | undefined) => Promise<T>, afterTheEnd = false): Promise<T> {
  const done = await withConnection(context.pools[context.commitPool], async client => {
    const first = await lockCase(client, ask.caseId, { principals: ask.principals, callers: [], keys: [], parameters: [], forms: [formParameter(ask.process, ask.form)], itemKinds: [], attachments: false, scopes: false }, context.processes, context.masterKey);
    if (!first) throw new Problem('not-found', 'There is no such case.');
    const { opened } = first;
    // A deadline may end the case: it goes before what comes later.
    if (isDue(opened.row, first.now)) { await client.query('rollback'); return 'deadlines' as const; }
    assertFills(opened.process.plugin, opened.row.parties, ask);
    if (opened.row.done && !afterTheEnd) throw new Problem('command-not-allowed', 'The case has ended: its forms are not filled in any more.', { state: topState(opened.state.value), allowed: [] });
    const { rows: [row] } = await run(client, READ_DRAFT, [ask.caseId, ask.form, ask.owner]) as { rows: StoredDraft[] };
    const tag = row ? tagOf(row) : null;
    if (ifMatch !== undefined && ifMatch !== tag) throw new Problem('version-mismatch', row ? `The draft is at revision ${row.revision}: somebody changed it since you read it.` : 'There is no draft any more.', { revision: row?.revision ?? 0 });
    return { value: await write(client, first, row) };
  });
  if (done !== 'deadlines') return done.value;
  await applyDeadlines(context, ask.caseId, null);
  return await change(context, ask, ifMatch, write, afterTheEnd);
}

/** Behind row-level security. Throws Problem: not-found (case, form, draft), forbidden. */
export async function readDraft(context: EngineContext, ask: DraftAsk): Promise<DraftAnswer> {
  const record = await readCase(context, ask.caseId, ask.principals);
  if (!record) throw new Problem('not-found', 'There is no such case.');
  assertFills(record.process.plugin, record.state.parties, ask);
  const [row] = await asReader<StoredDraft>(context, ask.principals, client => run(client, READ_DRAFT, [ask.caseId, ask.form, ask.owner]));
  if (!row) throw new Problem('not-found', 'There is no draft of this form.');
  const { process, state: { parties }, parameters } = record;
  return {
    draft: { ...presented(ask.form, row, openJson<JsonObject>(record.key, row.sealed, sealContext(ask))), ofAnother: row.updatedBy !== ask.userId }, process,
    overlay: overlayInForce(process.plugin, ask.form, { parameters, today: romeDate(record.now.toISOString()), parties }),
  };
}

/** Which drafts of the party there are, by form. */
export async function listDrafts(context: EngineContext, ask: Omit<DraftAsk, 'form' | 'owner'>): Promise<Map<string, DraftRow>> {
  const rows = await asReader<DraftRow>(context, ask.principals, client => run(client, LIST_DRAFTS, [ask.caseId, [ask.speaksFor, ask.userId]]));
  return new Map(rows.map(row => [row.form, row]));
}

async function asReader<R>(context: EngineContext, principals: string[], query: (client: Client) => Promise<{ rows: unknown[] }>): Promise<R[]> {
  return await withConnection(context.pools.read, async client => {
    const results = await pipeline(client, [...beginReading(client, principals), query(client) as never, client.query('commit')]);
    return results[2]!.rows as R[];
  });
}

function presented(form: string, row: DraftRow, data: JsonObject): Omit<Draft, 'ofAnother'> {
  return { form, revision: row.revision, tag: tagOf(row), updatedAt: row.updatedAt.toISOString(), updatedBy: row.updatedBy, data };
}

/** A patch that is no object would take the place of the whole draft. */
export function asPatch(patch: Json): JsonObject {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) throw new Problem('invalid', 'A draft is a JSON object.', { errors: [{ pointer: '', message: 'must be an object' }] });
  return patch;
}
