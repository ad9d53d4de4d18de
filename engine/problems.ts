/** Every error that a caller can meet: one row, one code. A code without a row does not compile. */
export const PROBLEMS = {
  'malformed': { status: 400, title: 'The request cannot be read', titolo: 'La richiesta non si può leggere' },
  'unauthenticated': { status: 401, title: 'A valid token is needed', titolo: 'Serve un token valido' },
  'forbidden': { status: 403, title: 'Your role may not do this', titolo: 'Il ruolo non lo consente' },
  'four-eyes': { status: 403, title: 'A second person must decide', titolo: 'Deve decidere una seconda persona' },
  'not-found': { status: 404, title: 'Not found', titolo: 'Non trovato' },
  'command-not-allowed': { status: 409, title: 'The procedure does not take this command now', titolo: 'La procedura non ammette ora questa azione' },
  'case-suspended': { status: 409, title: 'The case is suspended until an incident is resolved', titolo: 'La pratica è sospesa finché non si risolve un incidente' },
  'erasure-too-early': { status: 409, title: 'The retention of the case is not over', titolo: 'La conservazione della pratica non è terminata' },
  'case-erased': { status: 409, title: 'The content of the case was erased', titolo: 'Il contenuto della pratica è stato cancellato' },
  'conflict': { status: 409, title: 'Already taken', titolo: 'Già occupato' },
  'version-mismatch': { status: 412, title: 'It has changed since you read it', titolo: 'È cambiato da quando è stato letto' },
  'too-large': { status: 413, title: 'Too large', titolo: 'Troppo grande' },
  'unsupported-file': { status: 415, title: 'This kind of file is not accepted', titolo: 'Questo tipo di file non è ammesso' },
  'invalid': { status: 422, title: 'Refused by a rule', titolo: 'Rifiutato da una regola' },
  'idempotency-key-reused': { status: 422, title: 'This key was used with another request', titolo: "Questa chiave è già servita per un'altra richiesta" },
  'too-many-requests': { status: 429, title: 'Too many requests', titolo: 'Troppe richieste' },
  'internal': { status: 500, title: 'Something broke; an incident was opened', titolo: 'Qualcosa si è rotto; è stato aperto un incidente' },
  'unavailable': { status: 503, title: 'Not available now: repeat with the same key', titolo: 'Non disponibile ora: ripetere con la stessa chiave' },
} as const satisfies Record<string, { status: number; title: string; titolo: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An error with its answer: the code's row, a detail for people, and members of the problem document. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly members: Record<string, unknown>;
  constructor(code: ProblemCode, detail: string, members: Record<string, unknown> = {}) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.members = members;
  }
  get status(): number { return PROBLEMS[this.code].status; }
}
