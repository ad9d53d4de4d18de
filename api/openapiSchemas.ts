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
const deputyFor = object({ user: uuid, name: text(), until: date }, [], 'Whose role this is: the caller is their deputy until that day, included.');
const counts = { total: whole, overdue: whole, dueThisWeek: { ...whole, description: 'Not overdue, due today or in the seven days after.' } };
const personName = object({ id: uuid, username: text(), name: text() });
const absence = {
  id: uuid, user: personName, deputy: personName, organisation: text(), from: date, to: date, reason: nullable(text('For the person, who recorded it and the managers of the organisation.')), setBy: text(), setAt: instant,
  withdrawnAt: nullable(instant), withdrawnBy: nullable(text()), current: flag, over: flag,
};
const form = {
  process: text(), form: text(), label: text(), version: text('Its own version and that of what was added: `3+2`.'), by: list(text()), editableBy: nullable(text('The party whose organisation may add fields.')),
  schema: anyObject, hints: { type: 'object', additionalProperties: anyObject, description: 'By field; added ones as `campiAggiuntivi.<name>`.' } as Schema, labels: texts, fields: list(anyObject),
};
const draftHead = { revision: whole, updatedAt: instant, updatedBy: object({ user: uuid, name: nullable(text()) }) };
const labelled = (more: Record<string, Schema> = {}) => object({ name: text(), label: text(), ...more });

const incoming = { id: uuid, kind: text('`accettazione`, `avvenuta-consegna`, `errore-consegna` …; of bounces `dsn-failed` …'), label: text(), at: nullable(instant), receivedAt: instant, size: whole, href: nullable(text('Null for those who may not open it.')) };
const account = text('Of whose mailbox: a code of an organisation, or `installation`.');

const calendarFeed = { id: uuid, organisation: nullable(text('Only appointments with it; null: all.')), name: text(), createdAt: instant };

export const SCHEMAS: Record<string, Schema> = {
  Mail: object({
    id: uuid, messageId: text(), effect: nullable(labelled()), party: nullable(labelled()), sender: nullable(text('Code of the organisation; null: the installation.')), recipient: text(), certified: flag,
    state: { type: 'string', enum: ['sent', 'accepted', 'delivered', 'failed'] }, stateLabel: text(), sentAt: instant, acceptedAt: nullable(instant), deliveredAt: nullable(instant), failedAt: nullable(instant),
    failure: nullable(text()), overdueAt: nullable(instant), handled: nullable(object({ at: instant, by: uuid, note: text() })), size: whole, sha256: text(), href: nullable(text()), receipts: list(object(incoming)),
  }),
  MailList: object({ items: list(ref('Mail')), received: list(object({ ...incoming, account, sender: nullable(text()), subject: nullable(text()), note: nullable(text()) })), next: { type: 'null' } }),
  TrayItem: object({
    ...incoming, account, sender: nullable(text()), subject: text(), reference: nullable(text('Message-ID of the mail that a receipt is about.')), failure: nullable(text()), suggestedCase: nullable(uuid),
    doubt: nullable(object({ name: text(), label: text() }, [], 'Why a receipt was not believed.')),
  }),
  TrayAnswer: object({ id: uuid, mail: nullable(uuid), case: nullable(uuid) }),
  Problem: {
    ...object({
      type: text(), title: text(), status: whole, detail: text('In the language of the request.'), instance: text(), code: text(),
      errors: list(object({ pointer: text('JSON pointer into the request body.'), message: text() })),
      state: text('For command-not-allowed: the state of the case.'), allowed: list(text('For command-not-allowed: what the state takes.')),
      rule: text('For invalid: the rule that refuses.'), figures: anyObject,
      refusals: list(object({ rule: text(), text: text(), figures: anyObject })),
      resource: text('For conflict: what is taken.'), from: instant, to: instant,
      alternatives: { ...list(object({ case: uuid, from: instant, to: instant, detail: anyObject })), description: 'For conflict, and for invalid where another time would do: the nearest free slots that the caller would be given. Empty where there are none.' },
    }, ['errors', 'state', 'allowed', 'rule', 'figures', 'refusals', 'resource', 'from', 'to', 'alternatives'], 'RFC 9457'), additionalProperties: true,
  },
  Command: object({
    name: text(), label: text(), schema: { type: ['object', 'null'], description: 'JSON Schema of the payload; null when the role may never give it.' },
    allowed: { type: ['boolean', 'null'], description: 'null: only the commit can tell, since the decision needs facts of other rows.' },
    why: nullable(text('Why not, in the language of the request.')), code: text(), refusals: list(object({ rule: text(), figures: anyObject })),
  }, ['code', 'refusals']),
  Document: {
    anyOf: [
      { ...object({ ...attachment, label: text(), frozen: flag, entry: whole, href: text() }), description: 'A file that was attached.' },
      {
        ...object({
          id: uuid, name: text(), label: text(), organisation: text('Whose document it is.'), mediaType: text(), protocol: { type: ['object', 'null'], properties: { number: text('Seven digits or more.'), year: whole, day: date } },
          sha256: nullable(text()), size: nullable(whole), madeAt: nullable(instant), state: { type: 'string', enum: ['made', 'beingMade'] }, href: text(),
        }), description: 'A document that the engine makes and registers.',
      },
    ],
  },
  ProtocolEntry: object({
    year: whole, number: text('Seven digits or more.'), direction: { type: 'string', enum: ['entrata', 'uscita', 'interno'] }, at: instant, day: date, caseId: nullable(uuid), subject: text(), sender: text(), recipients: list(text()), document: text(),
    sha256: text('Of the document.'), attachments: list(object({ name: text(), sha256: text() })),
    senderProtocol: { type: ['object', 'null'], properties: { organisation: text(), number: text(), year: whole, day: date }, description: 'Of an incoming document: how its sender registered it.' }, messageId: nullable(text()), href: text(),
  }),
  ProtocolDay: object({
    day: date, year: whole, first: nullable(text()), last: nullable(text()), entries: whole, digest: text('SHA-256 of the entries.'), sha256: text('Of the PDF.'), previous: nullable(text('Of the PDF of the day before.')),
    signature: text('Ed25519, base64.'), signingKey: text('Public key, SPKI in base64.'), sealedAt: instant, href: text(),
  }),
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
    erased: { ...object({ at: instant }), description: 'The content was erased after its retention.' },
    documents: list(ref('Document')), commands: list(ref('Command')),
  }, ['committedVersion', 'repeated', 'erased']),
  CaseListItem: object({
    id: uuid, process: text(), processVersion: whole, processLabel: text(), number: nullable(text()), state: text(), stateLabel: text(), version: whole, draft: flag, done: flag, suspended: flag, erasedAt: nullable(instant),
    createdAt: instant, updatedAt: instant, nextDeadline: nullable(instant), row: anyObject, parties: texts,
  }),
  CaseList: page(ref('CaseListItem')),
  Offers: object({
    at: instant, more: { ...flag, description: 'There are other offers beyond the limit.' },
    items: list(object({
      case: uuid, process: text(), processLabel: text(), parties: { type: 'object', additionalProperties: object({ id: text(), name: nullable(text()) }) }, terms: anyObject, labels: { ...texts, description: 'Names of the fields of `terms` and `detail`, and words among their values, in the language of the request.' },
      slots: list(object({ from: instant, to: instant, free: flag, bookable: { ...flag, description: 'As far as the offer says: open, in time, not kept for a waiting list.' }, detail: anyObject })),
    })),
  }),
  Task: object({
    case: object({ id: uuid, process: text(), processLabel: text(), number: nullable(text()), state: text(), stateLabel: text(), row: anyObject }),
    name: text(), label: text(), roles: list(text()), command: nullable(text('The command that does it, when it is one.')), commandLabel: nullable(text()), since: instant,
    due: nullable(date), dueAt: nullable({ ...instant, description: 'When it is overdue: the end of the local date `due`, or the deadline’s own instant.' }), overdue: flag, deputyFor,
  }, ['deputyFor']),
  TaskCounts: object({ ...counts, byProcess: list(object({ process: text(), label: text(), ...counts })), byName: list(object({ process: text(), name: text(), label: text(), ...counts })) }),
  Absence: object(absence),
  ImportSummary: object({
    preview: flag, rows: whole, ignored: whole, created: whole, changed: whole, unchanged: whole, withdrawn: whole, refused: whole, cases: whole, mapping: { type: 'object', additionalProperties: text(), description: 'Field → heading that was taken for it.' }, unused: list(text('A heading of the file that was taken for nothing.')),
    sample: list(object({ line: whole, change: { type: 'string', enum: ['created', 'changed', 'unchanged'] }, data: anyObject })), errors: list(object({ line: whole, field: nullable(text()), column: nullable(text('As the file calls it.')), message: text() })), moreErrors: whole,
  }),
  ImportMapping: object({ columns: anyObject, words: anyObject, fields: list(object({ field: text(), label: text(), type: text(), required: flag, headings: list(text()), words: anyObject }, ['words'])) }),
  CalendarFeed: object(calendarFeed),
  OpenedCalendarFeed: object({ ...calendarFeed, url: text('Secret: told this once.') }),
  RecordedAbsence: object({ ...absence, warnings: list(object({ code: { type: 'string', enum: ['deputyAbsent', 'isDeputy'] }, text: text(), absence: uuid, from: date, to: date })) }),
  Form: object(form),
  FormWithVersions: object({
    ...form, organisation: nullable(text('Whose fields were asked for.')), at: date,
    versions: list(object({ version: whole, organisation: nullable(text()), from: date, to: nullable(date), reason: text(), setBy: text(), setAt: instant })),
  }),
  FormListItem: object({ form: text(), label: text(), version: whole, by: list(text()), editableBy: nullable(text()), href: text() }),
  CaseForm: object({ form: text(), label: text(), version: text(), commands: list(text('Commands of yours that carry it.')), draft: nullable(object(draftHead)), href: text() }),
  Draft: object({ form: text(), ...draftHead, data: anyObject, errors: list(object({ pointer: text(), message: text() })), complete: { ...flag, description: 'The form has nothing against it now.' } }),
  HistoryEntry: object({
    seq: whole, version: whole, at: instant, kind: { type: 'string', enum: ['created', 'command', 'deadline', 'effect', 'refused', 'attachment', 'operator', 'migration'] }, name: text(), label: text(),
    from: nullable(text()), to: nullable(text()),
    actor: object({ kind: { type: 'string', enum: ['user', 'case', 'system'] }, user: text(), name: nullable(text()), organisation: nullable(text()), role: text(), roleLabel: text(), deputyFor: object({ user: text(), name: nullable(text()) }, [], 'The absent person for whom a deputy acted.') }, ['deputyFor']),
    payload: { type: ['object', 'null'], additionalProperties: true }, payloadHidden: flag, hash: text(), previousHash: text(), payloadDigest: text(),
    execution: { type: ['object', 'null'], additionalProperties: true, description: 'Workflow id, run id, activity id and attempt of what the durable workflow did.' },
  }, ['payloadHidden']),
  Verification: object({ valid: flag, entries: whole, head: text(), firstBroken: nullable(whole), why: text() }, ['why']),
  AccessEntry: object({ at: instant, user: text(), name: nullable(text()), organisation: nullable(text()), role: text(), fields: list(text()), labels: list(text()), reason: nullable(text()) }),
  Export: object({ name: text(), label: text(), format: { type: 'string', enum: ['csv', 'pain.001'] }, href: text() }),
  Incident: object({
    id: uuid, caseId: uuid, process: text(), state: text(), kind: { type: 'string', enum: ['command', 'deadline', 'effect'] }, name: text(), detail: text(), createdAt: instant,
    resolvedAt: nullable(instant), resolvedBy: nullable(text()), resolution: nullable(text()), attempts: nullable(whole),
  }),
  Erasure: object({
    case: uuid, process: text(), number: nullable(text()), state: text(), retention: { type: 'string', enum: ['kept', 'open', 'waiting', 'due', 'erased'] }, years: nullable(whole),
    from: nullable({ ...date, description: 'The first day on which it may be erased.' }), owed: { ...whole, description: 'Effects still to be done.' }, erasedAt: nullable(instant), erases: list(text()), keeps: list(text()),
  }),
  Erased: object({ caseId: uuid, erasedAt: instant }),
  Resolved: object({ incident: uuid, caseId: uuid, kind: text(), how: { type: 'string', enum: ['retried', 'recorded', 'closed'] } }),
  ParameterVersion: object({ name: text(), organisation: nullable(text()), from: date, to: nullable(date), value: {}, version: whole, reason: text(), setBy: text(), setAt: instant }),
  ParameterProposal: object({
    id: uuid, name: text(), organisation: nullable(text('Null: the general value.')), from: date, to: nullable(date), value: {}, reason: text(), state: { type: 'string', enum: ['proposed', 'approved', 'rejected'] }, proposedBy: personName, proposedAt: instant,
    decidedBy: nullable(personName), decidedAt: nullable(instant), note: nullable(text()), parameterVersion: nullable({ ...whole, description: 'The version that the approval put in force.' }),
    inForceNow: nullable(object({ organisation: nullable(text()), from: date, to: nullable(date), value: {}, version: whole, reason: text(), setBy: text(), setAt: instant }, [], 'What an open proposal would replace: the value that holds on its first day.')),
    warnings: list(object({ code: { type: 'string', enum: ['retroactive', 'noSecondPerson'] }, text: text() })),
  }),
  Parameter: { allOf: [ref('ParameterVersion'), object({ at: date, versions: list(ref('ParameterVersion')) })] },
  ParameterListItem: object({ name: text(), value: {}, version: nullable(whole), processes: list(text()) }),
  School: object({
    code: text(), name: text(), level: text(), kind: nullable(text()), instituteCode: nullable(text()), instituteName: nullable(text()), region: text(), province: text(), provinceCode: text(),
    municipality: text(), municipalityCode: nullable(text()), cap: nullable(text()), address: nullable(text()), email: nullable(text()), pec: nullable(text()), website: nullable(text()),
    stateRun: flag, schoolYear: text(), pupils: { type: ['object', 'null'], properties: { count: whole, atMost: flag, schoolYear: text() } },
  }),
  Me: object({
    user: object({ id: uuid, username: text(), name: text(), email: nullable(text()), locale: text() }),
    memberships: list(object({ organisation: text(), organisationName: text(), organisationKind: text(), role: text(), profile: text(), deputyFor }, ['deputyFor'])), profiles: list(text()),
    profile: { type: ['object', 'null'], properties: { name: text(), organisation: nullable(text()), role: text(), operator: flag, deputyFor } }, savedProfile: nullable(text()), digest: object({ daily: flag }),
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
