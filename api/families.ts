/** The families of a school: taken from a table of the secretariat's software, and listed for those who write to them. */
import type { Request, Response, Router } from 'express';
import { Problem } from '../engine/problems.ts';
import { FAMILY_WORDS, familyColumns } from '../engine/families/familyColumns.ts';
import type { ImportMapping } from '../engine/imports/importRows.ts';
import { romeDate, schoolYearOf } from '../plugins/calendar.ts';
import { askingOf, type ApiContext, type Asking } from './context.ts';
import { asTableProblem, toldError } from './importText.ts';
import { limitParameter, textParameter } from './query.ts';
import { readMappingBody, type Mappable } from './imports.ts';
import { parseJson } from './readBody.ts';
import { sendJson } from './sendJson.ts';
import { firstErrors, readTableBytes, tableOptions } from './tableUpload.ts';

/** Who keeps the families of their own organisation. */
const KEEPERS = ['segreteria', 'dirigente', 'admin'];
/** No process's import is called so. */
const MAPPING_NAME = 'engine/families';
const COLUMNS = familyColumns(), MAPPABLE: Mappable = Object.fromEntries(Object.keys(COLUMNS).map(field => [field, field in FAMILY_WORDS ? { words: FAMILY_WORDS[field as keyof typeof FAMILY_WORDS] } : {}]));
const presentMapping = (mapping: ImportMapping) => ({ ...mapping, fields: Object.entries(COLUMNS).map(([field, { required, headers }]) => ({ field, required, headings: headers, ...MAPPABLE[field] })) });
const SCHOOL_YEAR = /^20\d{2}\/\d{2}$/;

export function familyRoutes(api: ApiContext, router: Router): void {
  router.post('/families/imports', async (req, res) => {
    const { asking, school, year } = keeperOf(api, req, res);
    const { preview, whole } = await tableOptions(req);
    const asked = mappingOf(textParameter(req, 'columns', 4_000)), saved = await api.engine.imports.readMapping(MAPPING_NAME, school), content = await readTableBytes(req);
    try {
      const { errors, ...summary } = await api.engine.families.importFamilies({ school, year, content, mapping: { ...saved.columns, ...asked }, words: saved.words, preview, leftOn: whole ? romeDate(new Date().toISOString()) : null, by: asking.caller.userId });
      // Those who are none of a pupil's any more must see no case of that pupil any more.
      const cases = preview ? null : await api.engine.imports.followFamilies({ caller: { ...asking.caller, organisation: school }, year });
      sendJson(res, 200, { schoolYear: year, ...summary, cases, ...firstErrors(errors, error => toldError(error, summary.mapping, asking.language)) });
    } catch (error) {
      throw asTableProblem(error, asking.language);
    }
  });

  router.get('/families/mapping', async (req, res) => {
    const { school } = keeperOf(api, req, res);
    sendJson(res, 200, presentMapping(await api.engine.imports.readMapping(MAPPING_NAME, school)));
  });

  router.put('/families/mapping', async (req, res) => {
    const { asking, school } = keeperOf(api, req, res), mapping = await readMappingBody(req, asking, MAPPABLE);
    await api.engine.imports.saveMapping(MAPPING_NAME, school, mapping, asking.caller.userId);
    sendJson(res, 200, presentMapping(mapping));
  });

  router.get('/families', async (req, res) => {
    const { school, year } = keeperOf(api, req, res), of = textParameter(req, 'class') ?? null;
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000), query = JSON.stringify(['families', school, year, of]);
    const after = cursor === undefined ? null : (api.cursors.read(query, cursor) as unknown as { code: string }).code;
    const rows = await api.engine.families.listPupils(school, year, of, { after, limit: limit + 1 });
    const items = rows.slice(0, limit), last = rows.length > limit ? items.at(-1)! : null;
    sendJson(res, 200, { items, next: last ? api.cursors.write(query, { code: last.code }) : null });
  });

  router.get('/families/classes', async (req, res) => {
    const { school, year } = keeperOf(api, req, res);
    sendJson(res, 200, { schoolYear: year, items: await api.engine.families.listClasses(school, year) });
  });
}

/** Throws Problem `forbidden`, `malformed`. */
function keeperOf(api: ApiContext, req: Request, res: Response): { asking: Asking; school: string; year: string } {
  const asking = askingOf(api, req, res), { organisation, role } = asking.caller;
  if (organisation === null || !KEEPERS.includes(role)) throw new Problem('forbidden', 'Only those who keep the families of a school may do this.');
  const year = textParameter(req, 'schoolYear') ?? schoolYearOf(romeDate(new Date().toISOString()));
  if (!SCHOOL_YEAR.test(year)) throw new Problem('malformed', 'A school year is written 2026/27.');
  return { asking, school: organisation, year };
}

function mappingOf(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  const value = parseJson(Buffer.from(text));
  if (value === null || typeof value !== 'object' || Array.isArray(value) || !Object.values(value).every(header => typeof header === 'string')) throw new Problem('malformed', '"columns" names the header of each field: {"classe":"Sezione"}.');
  return value as Record<string, string>;
}
