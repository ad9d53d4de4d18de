/** Cases: begun, listed, read. */
import type { Request, Router } from 'express';
import { Type } from 'typebox';
import { listCases, type CaseListItem } from '../database/reads/cases.ts';
import { Problem } from '../engine/problems.ts';
import type { Processes } from '../engine/processes.ts';
import type { Json } from '../plugins/contract.ts';
import { answerCase } from './answerCase.ts';
import { answerErased } from './erasure.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import { choiceParameter, limitParameter, textParameter } from './query.ts';
import { readJson } from './readBody.ts';
import { explainBeginning } from './refusalText.ts';
import { idempotencyKey } from './requestHeaders.ts';
import { sendJson } from './sendJson.ts';
import { createValidator, validatorsOf, type FieldError } from './validators.ts';
import { roleOn, visibleFields } from './visibility.ts';

/** What `POST /processes/{process}/cases` takes; `data` is the process's own. */
export const NEW_CASE = Type.Object({
  data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  parties: Type.Optional(Type.Record(Type.String({ minLength: 1, maxLength: 60 }), Type.String({ minLength: 1, maxLength: 200 }), { maxProperties: 20 })),
}, { additionalProperties: false });
const validateNewCase = createValidator(NEW_CASE);

const SORTS = ['-created', 'created'] as const;
const MOST_WORDS = 5;

export function caseRoutes(api: ApiContext, router: Router): void {
  router.post('/processes/:process/cases', async (req, res) => {
    const asking = askingOf(api, req, res);
    const key = idempotencyKey(req, res);
    const process = api.processes.current(req.params.process);
    const body = await readJson(req);
    const { data = {}, parties = {} } = (isObject(body) ? body : {}) as { data?: Json; parties?: Record<string, string> };
    const envelope = validateNewCase(body, asking.language);
    const invalid = envelope ?? within('/data', validatorsOf(process).create(data, asking.language));
    // A wrong envelope is told after the role is known to be right, like any other wrong field.
    const { record, version, repeated } = await api.engine.createCase({ process: req.params.process, data, parties: envelope ? {} : parties, caller: asking.caller, key, ...(invalid ? { invalid } : {}) })
      .catch((error: unknown) => { throw error instanceof Problem ? explainBeginning(error, process.plugin, asking.caller.role, asking.language) : error; });
    res.setHeader('Location', `/api/v1/cases/${record.state.id}`);
    await answerCase(api, req, res, asking, 201, record, { committedVersion: version, repeated });
  });

  router.get('/cases', async (req, res) => {
    const asking = askingOf(api, req, res);
    const filter = { process: textParameter(req, 'process'), state: textParameter(req, 'state'), party: textParameter(req, 'party'), words: searchWords(req) };
    const sort = choiceParameter(req, 'sort', SORTS, '-created');
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000);
    // The cursor goes on with this list of this reader, and no other.
    const query = JSON.stringify([filter, sort, asking.caller.principals]);
    const after = cursor === undefined ? null : (api.cursors.read(query, cursor) as { createdAt: string; id: string });
    const page = await listCases(api.reads, readerOf(asking), filter, { order: sort === 'created' ? 'asc' : 'desc', after, limit });
    const last = page.more ? page.items.at(-1)! : null;
    sendJson(res, 200, {
      items: page.items.map(item => presentItem(api.processes, item, asking)),
      next: last ? api.cursors.write(query, { createdAt: last.createdAt.toISOString(), id: last.id }) : null,
    });
  });

  router.get('/cases/:id', async (req, res) => {
    const asking = askingOf(api, req, res);
    const record = await api.engine.readCase(req.params.id, asking.caller.principals).catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'case-erased') return 'erased' as const;
      throw error;
    });
    if (record === 'erased') { await answerErased(api, req.params.id, res, asking); return; }
    if (!record) throw new Problem('not-found', 'There is no such case.');
    await answerCase(api, req, res, asking, 200, record);
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function within(prefix: string, errors: FieldError[] | null): FieldError[] | null {
  return errors?.map(({ pointer, message }) => ({ pointer: `${prefix}${pointer}`, message })) ?? null;
}

/** The words of `q`. Throws Problem `malformed`. */
export function searchWords(req: Request): string[] {
  const words = (textParameter(req, 'q') ?? '').split(/\s+/).filter(word => word !== '');
  if (words.some(word => word.length < 2)) throw new Problem('malformed', 'Every word of q must have at least two characters.');
  if (words.length > MOST_WORDS) throw new Problem('malformed', `q takes at most ${MOST_WORDS} words.`);
  return words;
}

function presentItem(processes: Processes, item: CaseListItem, { caller, language }: Asking) {
  const { id, process, processVersion, number, state, version, draft, done, suspended, parties, erasedAt } = item;
  const labels = labelsOf(processes, process, processVersion)?.plugin;
  const role = labels ? roleOn(labels, parties, caller) : null;
  return {
    id, process, processVersion, processLabel: labels?.labels[language].process ?? process, number, state, stateLabel: labels?.labels[language].states[state] ?? state,
    version, draft, done, suspended: suspended !== null, erasedAt: erasedAt?.toISOString() ?? null, createdAt: item.createdAt.toISOString(), updatedAt: item.lastAt.toISOString(), nextDeadline: item.nextDue?.toISOString() ?? null,
    row: labels ? visibleFields(labels, role, item.row as Record<string, Json>) : {}, parties,
  };
}

/** Null for a version that only a newer program knows: the list shows it by its names. */
function labelsOf(processes: Processes, process: string, version: number) {
  try {
    return processes.version(process, version);
  } catch {
    return null;
  }
}
