/** The API as a program of a school would use it: connections kept open, keys given, and the same request repeated when the answer was lost. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

export interface Answer { status: number; headers: Record<string, string | string[] | undefined>; body: any }
/** No answer came: the server died, or its connection. */
export class NoAnswerError extends Error { override name = 'NoAnswerError'; }

const TIMEOUT_MS = 30_000, FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 1_000;

export class ApiClient {
  private readonly agent: Agent;
  private readonly base: URL;

  constructor(base: string, sockets = 64) {
    this.base = new URL(base);
    this.agent = new Agent({ keepAlive: true, maxSockets: sockets });
  }

  send(token: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const lost = (error: Error) => reject(new NoAnswerError(error.message, { cause: error }));
      const outgoing = request({
        host: this.base.hostname, port: this.base.port, path: `/api/v1${path}`, method, agent: this.agent, timeout: TIMEOUT_MS,
        headers: { authorization: `Bearer ${token}`, ...(content ? { 'content-type': 'application/json', 'content-length': content.length } : {}), ...headers },
      }, response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', lost);
        response.on('end', () => {
          if (!response.complete) return lost(new Error('the answer was cut off'));
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = /json/.test(response.headers['content-type'] ?? '');
          resolve({ status: response.statusCode!, headers: response.headers, body: isJson && text ? JSON.parse(text) : text });
        });
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
      outgoing.on('error', lost);
      outgoing.end(content);
    });
  }

  async get(token: string, path: string): Promise<any> {
    const answer = await this.send(token, 'GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** With a key; again with the same key while no answer comes or the server is not there, for at most `patienceMs`. */
  async insist(token: string, path: string, body: unknown, key: string = randomUUID(), patienceMs = 120_000): Promise<Answer> {
    const end = performance.now() + patienceMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      let last: string;
      try {
        const answer = await this.send(token, 'POST', path, body, { 'idempotency-key': key });
        if (answer.status < 500 && answer.status !== 429) return answer;
        last = `${answer.status} ${JSON.stringify(answer.body)}`;
        if (answer.status === 500) throw new Error(`POST ${path} answered 500: ${last}`);
      } catch (error) {
        if (!(error instanceof NoAnswerError)) throw error;
        last = error.message;
      }
      if (performance.now() > end) throw new Error(`POST ${path} had no answer in ${patienceMs} ms; the last was: ${last}`);
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }

  close(): void {
    this.agent.destroy();
  }
}
