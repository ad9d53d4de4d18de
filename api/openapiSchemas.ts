/** The shapes that answers have, for the OpenAPI document. */
type Schema = Record<string, unknown>;

const text = (description?: string): Schema => ({ type: 'string', ...(description ? { description } : {}) });
const nullable = (schema: Schema): Schema => ({ ...schema, type: [schema['type'], 'null'].flat() });
const object = (properties: Record<string, Schema>, optional: string[] = [], description?: string): Schema => ({
  type: 'object', ...(description ? { description } : {}), properties, required: Object.keys(properties).filter(name => !optional.includes(name)),
});
const list = (items: Schema): Schema => ({ type: 'array', items });
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const page = (items: Schema): Schema => object({ items: list(items), next: nullable(text('Cursor of the next page; null on the last.')) });

const uuid: Schema = { type: 'string', format: 'uuid' };
const instant: Schema = { type: 'string', format: 'date-time', description: 'UTC, with milliseconds.' };
const date: Schema = { type: 'string', format: 'date', description: 'A date of law, Europe/Rome.' };
const whole: Schema = { type: 'integer' };
const flag: Schema = { type: 'boolean' };
const anyObject: Schema = { type: 'object', additionalProperties: true };
const texts: Schema = { type: 'object', additionalProperties: { type: 'string' } };

const attachment = { id: uuid, kind: text(), name: text(), mediaType: text(), size: whole, sha256: text() };
const roleOfParty = object({ role: text(), label: text(), party: nullable(text()) });
const labelled = (more: Record<string, Schema> = {}) => object({ name: text(), label: text(), ...more });

export const SCHEMAS: Record<string, Schema> = {
  Problem: {
    ...object({
      type: text(), title: text(), status: whole, detail: text('In the language of the request.'), instance: text(), code: text(),
      errors: list(object({ pointer: text('JSON pointer into the request body.'), message: text() })),
      state: text('For command-not-allowed: the state of the case.'), allowed: list(text('For command-not-allowed: what the state takes.')),
      rule: text('For invalid: the rule that refuses.'), figures: anyObject,
      refusals: list(object({ rule: text(), text: text(), figures: anyObject })),
    }, ['errors', 'state', 'allowed', 'rule', 'figures', 'refusals'], 'RFC 9457'), additionalProperties: true,
  },
  Command: object({
    name: text(), label: text(), schema: { type: ['object', 'null'], description: 'JSON Schema of the payload; null when the role may never give it.' },
    allowed: { type: ['boolean', 'null'], description: 'null: only the commit can tell, since the decision needs facts of other rows.' },
    why: nullable(text('Why not, in the language of the request.')), code: text(), refusals: list(object({ rule: text(), figures: anyObject })),
  }, ['code', 'refusals']),
  Document: object({ ...attachment, label: text(), frozen: flag, entry: whole, href: text() }),
  Attachment: object(attachment),
  Case: object({
    id: uuid, process: text(), processVersion: whole, processLabel: text(), number: nullable(text()), state: text(), stateLabel: text(), stateValue: {},
    version: whole, draft: flag, done: flag, suspended: nullable({ ...uuid, description: 'The incident that suspends the case.' }), createdAt: instant, updatedAt: instant,
    committedVersion: { ...whole, description: 'After a POST: the version committed then; `version` is that of now.' }, repeated: { ...flag, description: 'After a POST: this Idempotency-Key had its answer before.' },
    data: { type: ['object', 'null'], additionalProperties: true, description: 'What the role may see of the case.' }, parties: texts, role: nullable(text('The role in which you see this case.')),
    agenda: object({
      deadlines: list(object({ id: uuid, name: text(), label: text(), dueAt: instant, lastDay: nullable(date), rule: nullable(text('The norm.')) })),
      effects: list(object({ id: uuid, name: text(), label: text(), does: text(), mode: text(), state: text(), attempts: whole, dueAt: instant })),
    }),
    documents: list(ref('Document')), commands: list(ref('Command')),
  }, ['committedVersion', 'repeated']),
  CaseListItem: object({
    id: uuid, process: text(), processVersion: whole, processLabel: text(), number: nullable(text()), state: text(), stateLabel: text(), version: whole, draft: flag, done: flag, suspended: flag,
    createdAt: instant, updatedAt: instant, nextDeadline: nullable(instant), row: anyObject, parties: texts,
  }),
  CaseList: page(ref('CaseListItem')),
  HistoryEntry: object({
    seq: whole, version: whole, at: instant, kind: { type: 'string', enum: ['created', 'command', 'deadline', 'effect', 'refused', 'attachment', 'operator', 'migration'] }, name: text(), label: text(),
    from: nullable(text()), to: nullable(text()),
    actor: object({ kind: { type: 'string', enum: ['user', 'case', 'system'] }, user: text(), name: nullable(text()), organisation: nullable(text()), role: text(), roleLabel: text() }),
    payload: { type: ['object', 'null'], additionalProperties: true }, payloadHidden: flag, hash: text(), previousHash: text(), payloadDigest: text(),
    execution: { type: ['object', 'null'], additionalProperties: true, description: 'Workflow id, run id, activity id and attempt of what the durable workflow did.' },
  }, ['payloadHidden']),
  Verification: object({ valid: flag, entries: whole, head: text(), firstBroken: nullable(whole), why: text() }, ['why']),
  AccessEntry: object({ at: instant, user: text(), name: nullable(text()), organisation: nullable(text()), role: text(), fields: list(text()), labels: list(text()), reason: nullable(text()) }),
  Incident: object({
    id: uuid, caseId: uuid, process: text(), state: text(), kind: { type: 'string', enum: ['command', 'deadline', 'effect'] }, name: text(), detail: text(), createdAt: instant,
    resolvedAt: nullable(instant), resolvedBy: nullable(text()), resolution: nullable(text()), attempts: nullable(whole),
  }),
  Resolved: object({ incident: uuid, caseId: uuid, kind: text(), how: { type: 'string', enum: ['retried', 'recorded', 'closed'] } }),
  ParameterVersion: object({ name: text(), organisation: nullable(text()), from: date, to: nullable(date), value: {}, version: whole, reason: text(), setBy: text(), setAt: instant }),
  Parameter: { allOf: [ref('ParameterVersion'), object({ at: date, versions: list(ref('ParameterVersion')) })] },
  ParameterListItem: object({ name: text(), value: {}, version: nullable(whole), processes: list(text()) }),
  School: object({
    code: text(), name: text(), level: text(), kind: nullable(text()), instituteCode: nullable(text()), instituteName: nullable(text()), region: text(), province: text(), provinceCode: text(),
    municipality: text(), municipalityCode: nullable(text()), cap: nullable(text()), address: nullable(text()), email: nullable(text()), pec: nullable(text()), website: nullable(text()),
    stateRun: flag, schoolYear: text(), pupils: { type: ['object', 'null'], properties: { count: whole, atMost: flag, schoolYear: text() } },
  }),
  Me: object({
    user: object({ id: uuid, username: text(), name: text(), email: nullable(text()), locale: text() }),
    memberships: list(object({ organisation: text(), organisationName: text(), organisationKind: text(), role: text(), profile: text() })), profiles: list(text()),
    profile: { type: ['object', 'null'], properties: { name: text(), organisation: nullable(text()), role: text(), operator: flag } }, savedProfile: nullable(text()),
  }),
  ProcessListItem: object({ process: text(), version: whole, label: text(), mayCreate: flag, href: text() }),
  Process: object({
    process: text(), version: whole, label: text(),
    parties: list({ ...labelled({ kind: text(), required: flag }), additionalProperties: true }), roles: list(labelled({ party: text() })), states: list(labelled({ draft: flag, final: flag })),
    create: object({ schema: anyObject, roles: list(roleOfParty) }),
    commands: list(labelled({ schema: anyObject, roles: list(roleOfParty), from: list(text()), attachments: list(list(text())) })),
    documents: list(object({ kind: text(), label: text(), roles: list(roleOfParty) })), deadlines: list(labelled()), effects: list(labelled({ does: text() })), parameters: list(text()),
    fields: object({ visibility: { type: 'object', additionalProperties: list(text()) }, protected: list(text()) }), labels: anyObject, diagram: text('Mermaid'),
  }),
  HistoryExport: object({ format: text(), exportedAt: instant, case: anyObject, entries: list(anyObject) }, [], 'What `npm run history:verify` checks offline.'),
};
