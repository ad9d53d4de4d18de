/** Every error that a caller can meet: one row, one code. A code without a row does not compile. */
export const PROBLEMS = {
  'malformed': { status: 400, title: 'The request cannot be read' },
  'unauthenticated': { status: 401, title: 'A valid token is needed' },
  'forbidden': { status: 403, title: 'Your role may not do this' },
  'four-eyes': { status: 403, title: 'A second person must decide' },
  'not-found': { status: 404, title: 'Not found' },
  'command-not-allowed': { status: 409, title: 'The procedure does not take this command now' },
  'case-suspended': { status: 409, title: 'The case is suspended until an incident is resolved' },
  'erasure-too-early': { status: 409, title: 'The retention of the case is not over' },
  'case-erased': { status: 409, title: 'The content of the case was erased' },
  'conflict': { status: 409, title: 'Already taken' },
  'version-mismatch': { status: 412, title: 'The case has changed since you read it' },
  'too-large': { status: 413, title: 'Too large' },
  'unsupported-file': { status: 415, title: 'This kind of file is not accepted' },
  'invalid': { status: 422, title: 'Refused by a rule' },
  'idempotency-key-reused': { status: 422, title: 'This key was used with another request' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'internal': { status: 500, title: 'Something broke; an incident was opened' },
  'unavailable': { status: 503, title: 'Not available now: repeat with the same key' },
} as const satisfies Record<string, { status: number; title: string }>;

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
