/** A person of the school or of the polo at their screen: everything goes through the HTTP API, with a token of their own. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { simplePdf } from './pdf.ts';
import { tell } from './narrator.ts';

/** A step of the story went otherwise than it must. */
export class StepError extends Error { override name = 'StepError'; }

export interface Answer { status: number; body: any }

const WAIT_MS = 60_000, POLL_MS = 250;

export class Person {
  readonly label: string;
  readonly username: string;
  private readonly api: string;
  private readonly token: string;
  private readonly profile: string | null;

  /** `profile`: `<organisation>/<role>`, for who has several. */
  constructor(api: string, username: string, label: string, token: string, profile: string | null = null) {
    this.api = api;
    this.username = username;
    this.label = label;
    this.token = token;
    this.profile = profile;
  }

  /** `body`: JSON, a form with files, or the text of a CSV table. */
  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const isForm = body instanceof FormData, isTable = typeof body === 'string';
    const response = await fetch(`${this.api}/api/v1${path}`, {
      method, signal: AbortSignal.timeout(30_000),
      headers: {
        authorization: `Bearer ${this.token}`, 'accept-language': 'it',
        ...(this.profile ? { 'iter-profile': this.profile } : {}),
        ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
        ...(body === undefined || isForm ? {} : { 'content-type': isTable ? 'text/csv; charset=utf-8' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm || isTable ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: /json/.test(response.headers.get('content-type') ?? '') && text ? JSON.parse(text) : text };
  }

  async get(path: string): Promise<any> {
    const answer = await this.call('GET', path);
    if (answer.status !== 200) throw new StepError(`${this.label}: GET ${path} doveva dare 200, ha dato ${describe(answer)}`);
    return answer.body;
  }

  /** Creates a case; answers it. */
  async begin(process: string, data: unknown, parties: Record<string, string>, told: string): Promise<any> {
    const answer = await this.call('POST', `/processes/${process}/cases`, { data, parties });
    if (answer.status !== 201) throw new StepError(`${this.label}: ${told}: doveva riuscire, ha dato ${describe(answer)}`);
    tell('✓', this.label, `${told} → ${answer.body.stateLabel}`);
    return answer.body;
  }

  /** Asks for a case that must not begin, with this status; answers the problem. */
  async isNotBegun(process: string, data: unknown, parties: Record<string, string>, told: string, status: number): Promise<any> {
    const answer = await this.call('POST', `/processes/${process}/cases`, { data, parties });
    if (answer.status !== status) throw new StepError(`${this.label}: ${told}: doveva essere rifiutato (${status}), ha dato ${describe(answer)}`);
    tell('✗', this.label, `${told}: rifiutato (${status}). ${answer.body.detail}`);
    return answer.body;
  }

  /** Anything else of the API that must succeed; answers its body. */
  async does(method: string, path: string, body: unknown, told: string): Promise<any> {
    const answer = await this.call(method, path, body);
    if (answer.status < 200 || answer.status > 299) throw new StepError(`${this.label}: ${told}: doveva riuscire, ha dato ${describe(answer)}`);
    tell('✓', this.label, told);
    return answer.body;
  }

  /** Saves part of a form's draft, as it is typed; answers the draft. */
  async write(caseId: string, form: string, data: unknown, told: string): Promise<any> {
    const answer = await this.call('PATCH', `/cases/${caseId}/forms/${form}/draft`, data);
    if (answer.status !== 200) throw new StepError(`${this.label}: ${told}: doveva riuscire, ha dato ${describe(answer)}`);
    tell('✓', this.label, told);
    return answer.body;
  }

  /** A file, as it is. */
  async download(path: string): Promise<Buffer> {
    const response = await fetch(`${this.api}/api/v1${path}`, { signal: AbortSignal.timeout(60_000), headers: { authorization: `Bearer ${this.token}`, 'accept-language': 'it', ...(this.profile ? { 'iter-profile': this.profile } : {}) } });
    if (response.status !== 200) throw new StepError(`${this.label}: GET ${path} doveva dare 200, ha dato ${response.status} ${(await response.text()).slice(0, 300)}`);
    return Buffer.from(await response.arrayBuffer());
  }

  /** Gives a command that must be accepted; answers the case after it. */
  async give(caseId: string, command: string, data: unknown, told: string, state?: string): Promise<any> {
    const answer = await this.call('POST', `/cases/${caseId}/commands/${command}`, data);
    if (answer.status !== 200) throw new StepError(`${this.label}: ${told}: doveva riuscire, ha dato ${describe(answer)}`);
    if (state && answer.body.state !== state) throw new StepError(`${this.label}: ${told}: la pratica doveva essere "${state}", è "${answer.body.state}"`);
    tell('✓', this.label, `${told}${state ? ` → ${answer.body.stateLabel}` : ''}`);
    return answer.body;
  }

  /** Gives a command that must be refused with this status and, where named, by one of these rules; answers the problem. */
  async isRefused(caseId: string, command: string, data: unknown, told: string, status: number, rules: string[] = []): Promise<any> {
    const answer = await this.call('POST', `/cases/${caseId}/commands/${command}`, data);
    if (answer.status !== status || (rules.length > 0 && !rules.includes(answer.body.rule))) {
      throw new StepError(`${this.label}: ${told}: doveva essere rifiutato (${[status, ...rules].join(' ')}), ha dato ${describe(answer)}`);
    }
    tell('✗', this.label, `${told}: rifiutato (${status}). ${answer.body.detail}`);
    return answer.body;
  }

  /** Attaches a paper, made on the spot. */
  async attach(caseId: string, kind: string, title: string, lines: string[]): Promise<any> {
    const form = new FormData();
    form.set('kind', kind);
    form.set('file', new Blob([new Uint8Array(simplePdf(title, lines))], { type: 'application/pdf' }), `${kind}.pdf`);
    const answer = await this.call('POST', `/cases/${caseId}/attachments`, form);
    if (answer.status !== 201) throw new StepError(`${this.label}: allegato ${kind}: doveva riuscire, ha dato ${describe(answer)}`);
    tell('✓', this.label, `allega ${title} (${answer.body.size} byte, sha256 ${answer.body.sha256.slice(0, 12)}…)`);
    return answer.body;
  }

  /** Reads again until it is so: what leaves a case as an effect takes a moment. */
  async waitFor<T>(told: string, look: () => Promise<T | null>): Promise<T> {
    for (const end = performance.now() + WAIT_MS; ;) {
      const seen = await look();
      if (seen !== null) {
        tell('·', this.label, told);
        return seen;
      }
      if (performance.now() > end) throw new StepError(`${this.label}: ${told}: atteso per ${WAIT_MS / 1000} secondi, non è avvenuto`);
      await pause(POLL_MS);
    }
  }
}

export function describe({ status, body }: Answer): string {
  if (typeof body === 'string') return `${status} ${body.slice(0, 300)}`;
  return `${status} ${body?.code ?? ''} ${body?.detail ?? ''} ${body?.errors ? JSON.stringify(body.errors) : ''}`.trim();
}
