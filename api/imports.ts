/** Tables of other software that processes take in, and how each organisation's software names their columns. */
import type { Request, Response, Router } from 'express';
import { Type } from 'typebox';
import type { CompiledProcess } from '../engine/decide/compile.ts';
import type { ImportError, ImportMapping } from '../engine/imports/importRows.ts';
import { Problem } from '../engine/problems.ts';
import type { Processes } from '../engine/processes.ts';
import { romeDate } from '../plugins/calendar.ts';
import type { ImportDefinition } from '../plugins/contract.ts';
import { askingOf, type ApiContext, type Asking } from './context.ts';
import { asTableProblem, tableText, toldError, type ToldError } from './importText.ts';
import { readJson } from './readBody.ts';
import { explainRefusal } from './refusalText.ts';
import { sendJson } from './sendJson.ts';
import { firstErrors, readTableBytes, tableOptions } from './tableUpload.ts';
import { createValidator, validatorsOf } from './validators.ts';

const cell = Type.String({ minLength: 1, maxLength: 200 });
/** What `PUT /imports/{name}/mapping` takes. */
export const MAPPING = Type.Object({
  columns: Type.Record(Type.String({ maxLength: 60 }), cell, { maxProperties: 60, description: 'Field → heading in your files.' }),
  words: Type.Optional(Type.Record(Type.String({ maxLength: 60 }), Type.Record(Type.String({ maxLength: 60 }), Type.Union([cell, Type.Null()]), { maxProperties: 100 }), { maxProperties: 20, description: 'Field → what your files write → what it means; `null`: rows that are left out.' })),
}, { additionalProperties: false, examples: [{ columns: { codice: 'Matr.', giorno: 'Giorno di lezione', tipo: 'Ev.' }, words: { tipo: { 'RIT.': 'ritardo' } } }] });
const validate = createValidator(MAPPING);
/** What a mapping may name: fields, and those of a few words with what these mean. */
export type Mappable = Record<string, { words?: Record<string, readonly string[]> }>;

export function importRoutes(api: ApiContext, router: Router): void {
  router.post('/imports/:name', async (req: Request<{ name: string }>, res) => {
    const found = importOf(api, req, res), { asking, process, name, organisation } = found;
    const { preview, whole } = await tableOptions(req), content = await readTableBytes(req);
    const validators = validatorsOf(process), { language } = asking;
    const mapping = await api.engine.imports.readMapping(name, organisation);
    try {
      const { errors, ...summary } = await api.engine.imports.importRows(
        { process, name, caller: { ...asking.caller, organisation }, content, mapping, preview, whole, today: romeDate(new Date().toISOString()) },
        (command, data) => (command === null ? validators.create : validators.commands.get(command)!)(data, language),
      );
      sendJson(res, 200, { ...summary, ...firstErrors(errors, error => told(error, summary.mapping, found)) });
    } catch (error) {
      throw asTableProblem(error, language);
    }
  });

  router.get('/imports/:name/mapping', async (req: Request<{ name: string }>, res) => {
    const { name, organisation, definition, asking, process } = importOf(api, req, res);
    sendJson(res, 200, presentMapping(process, definition, await api.engine.imports.readMapping(name, organisation), asking));
  });

  router.put('/imports/:name/mapping', async (req: Request<{ name: string }>, res) => {
    const { name, organisation, definition, asking, process } = importOf(api, req, res);
    const mapping = await readMappingBody(req, asking, definition.columns);
    await api.engine.imports.saveMapping(name, organisation, mapping, asking.caller.userId);
    sendJson(res, 200, presentMapping(process, definition, mapping, asking));
  });
}

/** Throws Problem `malformed`, `invalid`. */
export async function readMappingBody(req: Request<any>, { language }: Asking, columns: Mappable): Promise<ImportMapping> {
  const body = await readJson(req);
  const errors = validate(body, language) ?? unknownNames(columns, body as unknown as ImportMapping);
  if (errors) throw new Problem('invalid', 'Name a heading for fields of this import.', { errors });
  return { words: {}, ...(body as unknown as Partial<ImportMapping> & { columns: Record<string, string> }) };
}

interface Found { asking: Asking; process: CompiledProcess; definition: ImportDefinition; name: string; organisation: string }

/** A case's refusal and a rule of the process are told in the process's own words. */
function told(error: ImportError, mapping: Record<string, string>, { process: { plugin }, asking: { language } }: Found): ToldError {
  const { code, figures, problem, key } = error;
  const rule = figures?.['rule'], own = code === 'rule' ? plugin.labels[language].refusals[String(rule)] : problem && whyRefused(explainRefusal(problem, plugin, language));
  return { ...toldError(error, mapping, language), ...(own === undefined ? {} : { message: tableText({ code: 'refused', figures: { why: key === undefined ? own : `${key}: ${own}` } }, language) }) };
}
/** What a schema says of the fields, where it is that. */
function whyRefused({ message, members }: Problem): string {
  const errors = (members['refusals'] ? [] : members['errors'] ?? []) as { pointer: string; message: string }[];
  return errors.length === 0 ? message : `${message} ${errors.map(each => `${each.pointer}: ${each.message}`).join('; ')}`;
}

/** Throws Problem `not-found`, `forbidden`. */
function importOf(api: ApiContext, req: Request<{ name: string }>, res: Response): Found {
  const asking = askingOf(api, req, res), { name } = req.params, process = processWith(api.processes, name);
  if (!process) throw new Problem('not-found', 'There is no such import.');
  const definition = process.plugin.imports![name]!, { organisation, role } = asking.caller;
  if (organisation === null || !definition.by.includes(role)) throw new Problem('forbidden', `The role "${role}" may not import "${name}".`);
  return { asking, process, definition, name, organisation };
}

function processWith(processes: Processes, name: string): CompiledProcess | undefined {
  return processes.all().find(({ plugin: { imports } }) => imports !== undefined && Object.hasOwn(imports, name));
}

function unknownNames(columns: Mappable, { columns: given, words = {} }: ImportMapping): { pointer: string; message: string }[] | null {
  const errors = Object.keys(given).filter(field => !Object.hasOwn(columns, field)).map(field => ({ pointer: `/columns/${field}`, message: 'no such field' }));
  for (const [field, meanings] of Object.entries(words)) {
    const known = Object.hasOwn(columns, field) ? columns[field]!.words : undefined;
    if (!known) errors.push({ pointer: `/words/${field}`, message: 'no field of a few words' });
    else for (const [word, value] of Object.entries(meanings)) if (value !== null && !Object.hasOwn(known, value)) errors.push({ pointer: `/words/${field}/${word}`, message: `must be one of ${Object.keys(known).join(', ')}` });
  }
  return errors.length > 0 ? errors : null;
}

function presentMapping({ plugin }: CompiledProcess, { columns }: ImportDefinition, mapping: ImportMapping, { language }: Asking) {
  const { fields } = plugin.labels[language];
  return { ...mapping, fields: Object.entries(columns).map(([field, { type, required = false, headings, words }]) => ({ field, label: fields[field] ?? field, type, required, headings, ...(words ? { words } : {}) })) };
}
