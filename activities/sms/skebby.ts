/**
 * SMS by the REST API that Skebby and Aruba share (API v1.0, smspanel.aruba.it/API/v1.0/REST/doc: `POST /sms` with an `order_id` of ours, `GET /sms/{order_id}`,
 * notifications with `order_id`, `recipient`, `status`). The order is the delivery's id without hyphens: 32 characters, as long as one may be. `encoding` is
 * `gsm` where nothing is said, so that UCS-2 is asked for. That an order is taken once is promised nowhere: whoever is in doubt asks after it before sending.
 */
import { smsSize } from '../../engine/broadcasts/smsSegments.ts';
import { orderOf, smsStateOf } from '../../engine/broadcasts/smsStatus.ts';
import { PermanentFailure, TemporaryFailure } from '../attemptEffect.ts';
import { Throttled, type SmsProvider, type SmsReceipt } from './smsProvider.ts';

export interface SkebbyOptions {
  /** `https://api.skebby.it/API/v1.0/REST`, or Aruba's `https://smspanel.aruba.it/API/v1.0/REST`. */
  url: string;
  userKey: string;
  accessToken: string;
  /** Registered with the provider (AGCOM): at most 11 letters, or a number. Null: the provider's. */
  sender: string | null;
  /** `GP` and `TI` (Skebby), `N` (Aruba): those with receipts. */
  messageType: string;
  timeoutMs?: number;
}

const TIMEOUT_MS = 20_000, DEFAULT_RETRY_AFTER_MS = 30_000, LONGEST_RETRY_AFTER_MS = 3_600_000, LONGEST_ANSWER = 256 * 1024, LONGEST_WORD = 100;
const NO_CREDIT = /credit/i;

export function createSkebby({ url, userKey, accessToken, sender, messageType, timeoutMs = TIMEOUT_MS }: SkebbyOptions): SmsProvider {
  const base = url.replace(/\/$/, '');

  async function ask(method: string, path: string, body?: object): Promise<{ status: number; answer: any }> {
    try {
      const response = await fetch(`${base}${path}`, {
        method, redirect: 'error', signal: AbortSignal.timeout(timeoutMs),
        headers: { user_key: userKey, Access_token: accessToken, Accept: 'application/json', ...(body ? { 'Content-Type': 'application/json' } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (response.status === 429) throw new Throttled(retryAfterMs(response.headers.get('retry-after')));
      return { status: response.status, answer: parse(await beginningOf(response)) };
    } catch (error) {
      if (error instanceof Throttled) throw error;
      throw new TemporaryFailure(`the SMS provider could not be asked: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  async function find(id: string, to: string): Promise<SmsReceipt | null> {
    const { status, answer } = await ask('GET', `/sms/${orderOf(id)}`);
    if (status === 404) return null;
    if (status !== 200 || !Array.isArray(answer?.recipients)) throw new TemporaryFailure(`the SMS provider answered ${status}${status === 200 ? ' and nothing that can be read' : ''}`);
    const own = (answer.recipients as { destination?: unknown; status?: unknown }[]).find(each => each?.destination === to), word = typeof own?.status === 'string' ? own.status.slice(0, LONGEST_WORD) : 'WAITING';
    return { id, state: smsStateOf(word), word };
  }

  return {
    async send({ id, to, text }) {
      const order = orderOf(id);
      const { status, answer } = await ask('POST', '/sms', { message_type: messageType, message: text, recipient: [to], order_id: order, encoding: smsSize(text).encoding === 'UCS-2' ? 'ucs2' : 'gsm', ...(sender === null ? {} : { sender }), returnCredits: false });
      if (status === 201 && answer?.result === 'OK') return { providerId: String(answer.order_id ?? order) };
      const word = String(answer?.result ?? answer?.error ?? status).slice(0, LONGEST_WORD);
      if (status === 400 || status === 422) {
        // Also what it says of an order that it has taken already.
        if (await find(id, to) !== null) return { providerId: order };
        // Our credit is used up: somebody buys more.
        if (NO_CREDIT.test(word)) throw new TemporaryFailure(`the SMS provider has no credit of ours left: ${word}`);
        throw new PermanentFailure(`the SMS provider refused: ${word}`, { code: 'refused', word });
      }
      // 401: our account; 5xx: theirs. An operator mends the one, time the other.
      throw new TemporaryFailure(`the SMS provider answered ${status} ${word}`);
    },
    find: ({ id, to }) => find(id, to),
  };
}

/** No answer of this API's is longer. Throws on what is: somebody else answers there. */
async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LONGEST_ANSWER) throw new Error(`its answer is longer than ${LONGEST_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null): number {
  const ms = header === null ? NaN : /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? DEFAULT_RETRY_AFTER_MS : Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
}

function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
