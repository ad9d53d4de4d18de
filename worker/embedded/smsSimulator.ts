/**
 * A provider of SMS on this machine, with the API of a real one (activities/sms/skebby.ts) and its awkward habits: by the last digits of a number
 * it is slow, overloaded, broken, loses its answer or garbles it, delivers late or twice, or takes over what it then cannot deliver. An order that it has
 * taken already it takes again, as nobody promises that it would not. Nothing leaves the machine.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { SegmentedMessage } from 'sms-segments-calculator';

/** By the last three digits of a number. Any other is delivered at once, with its receipt. */
export const SMS_HABITS = {
  '001': 'slow', '429': 'throttled', '500': 'broken', '444': 'answerLost', '550': 'unknownNumber', '551': 'unreachable', '222': 'twice', '333': 'late', '000': 'noReceipt', '400': 'refused',
  '201': 'garbled', '302': 'redirected', '413': 'endless', '402': 'noCredit',
} as const;
export type SmsHabit = (typeof SMS_HABITS)[keyof typeof SMS_HABITS];
export const habitOf = (number: string): SmsHabit | null => (SMS_HABITS as Record<string, SmsHabit>)[number.slice(-3)] ?? null;

export interface SimulatedSms { order: string; to: string; /** As the network carries it: what GSM-7 has not is a question mark, unless UCS-2 was asked for. */ text: string; encoding: 'gsm' | 'ucs2'; status: string; at: string }
export interface SmsSimulator {
  /** As SMS_URL. */
  readonly url: string;
  /** Taken over: one each time that it was asked to. */
  sent(): SimulatedSms[];
  /** Says the receipts that are still owed now. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}
export interface SmsSimulatorOptions { port?: number; userKey: string; accessToken: string; /** Where receipts go; null: nowhere. */ receiptsUrl: string | null; /** An order that it has taken is refused. */ refusesRepeats?: boolean; slowMs?: number; lateMs?: number; retryAfterSeconds?: number }

const LOOPBACK = '127.0.0.1';
const SLOW_MS = 1_500, LATE_MS = 20_000, LONGEST = { gsm: 1_000, ucs2: 450 };
/** What a telephone shows of it. */
const carried = (message: string): string => new SegmentedMessage(message, 'UCS-2').encodedChars.map(({ raw, isGSM7 }) => (isGSM7 ? raw : '?')).join('');

export async function startSmsSimulator({ port = 0, userKey, accessToken, receiptsUrl, refusesRepeats = false, slowMs = SLOW_MS, lateMs = LATE_MS, retryAfterSeconds = 1 }: SmsSimulatorOptions): Promise<SmsSimulator> {
  const orders = new Map<string, SimulatedSms>(), taken: SimulatedSms[] = [], seen = new Set<string>();
  const owed = new Map<NodeJS.Timeout, () => Promise<void>>();
  let giving: Promise<void> = Promise.resolve();

  function answer(res: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
    res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  }

  /** As the provider's notifications are: a form, repeated by nobody when it is not taken. */
  async function notify({ order, to, status, at }: SimulatedSms): Promise<void> {
    if (receiptsUrl === null) return;
    const body = new URLSearchParams({ order_id: order, recipient: to, status, delivery_date: at.replace(/[-:T]|\.\d+Z$/g, '') });
    await fetch(receiptsUrl, { method: 'POST', body, signal: AbortSignal.timeout(10_000) }).then(response => response.arrayBuffer(), () => undefined);
  }
  function give(sms: SimulatedSms, status: string, afterMs: number, times = 1): void {
    const say = async () => {
      sms.status = status;
      for (let time = 0; time < times; time += 1) await notify(sms);
    };
    const timer = setTimeout(() => { owed.delete(timer); giving = giving.then(say); }, afterMs);
    owed.set(timer, say);
  }

  async function take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { message, recipient, order_id: order, encoding = 'gsm' } = JSON.parse(await textOf(req)) as { message?: string; recipient?: string[]; order_id?: string; encoding?: 'gsm' | 'ucs2' };
    const [to] = recipient ?? [];
    if (!message || !to || !/^[\w.-]{1,32}$/.test(order ?? '') || message.length > LONGEST[encoding]) return answer(res, 400, { result: 'INVALID_PARAMETERS' });
    const habit = habitOf(to);
    if (refusesRepeats && orders.has(order!)) return answer(res, 400, { result: 'DUPLICATE_ORDER_ID' });
    const first = !seen.has(order!);
    seen.add(order!);
    if (habit === 'refused') return answer(res, 400, { result: 'INVALID_RECIPIENT' });
    if (habit === 'throttled' && first) return answer(res, 429, { result: 'TOO_MANY_REQUESTS' }, { 'Retry-After': String(retryAfterSeconds) });
    if (habit === 'broken' && first) return answer(res, 503, { result: 'UNAVAILABLE' });
    if (habit === 'noCredit' && first) return answer(res, 400, { result: 'NOT_ENOUGH_CREDITS' });
    if (habit === 'redirected') return void res.writeHead(302, { Location: `http://${LOOPBACK}:9/elsewhere` }).end();
    if (habit === 'slow') await new Promise(resolve => setTimeout(resolve, slowMs));
    const sms: SimulatedSms = { order: order!, to, text: encoding === 'ucs2' ? message : carried(message), encoding, status: 'WAIT4DLVR', at: new Date().toISOString() };
    orders.set(order!, sms);
    taken.push(sms);
    if (habit === 'unknownNumber') give(sms, 'UNKNRCPT', 20);
    else if (habit === 'unreachable') give(sms, 'TIMEOUT', 20);
    else if (habit === 'late') give(sms, 'DLVRD', lateMs);
    else if (habit !== 'noReceipt') give(sms, 'DLVRD', 0, habit === 'twice' ? 2 : 1);
    if (habit === 'answerLost') return void req.socket.destroy();
    if (habit === 'garbled') return void res.writeHead(201, { 'Content-Type': 'application/json' }).end('{"result":"OK","order_id":');
    if (habit === 'endless') return void res.writeHead(201, { 'Content-Type': 'application/json' }).end(Buffer.alloc(1024 * 1024, ' '));
    return answer(res, 201, { result: 'OK', order_id: order, total_sent: 1 });
  }

  const server = createServer((req, res) => {
    if (req.headers['user_key'] !== userKey || req.headers['access_token'] !== accessToken) return answer(res, 401, { result: 'UNAUTHORIZED' });
    if (req.method === 'POST' && req.url === '/sms') return void take(req, res).catch(() => answer(res, 400, { result: 'MALFORMED' }));
    const asked = req.method === 'GET' ? /^\/sms\/([\w.-]+)$/.exec(req.url ?? '')?.[1] : undefined, sms = asked === undefined ? undefined : orders.get(asked);
    if (!sms) return answer(res, 404, { result: 'NOT_FOUND' });
    return answer(res, 200, { result: 'OK', recipient_number: 1, recipients: [{ destination: sms.to, status: sms.status }] });
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject); server.listen(port, LOOPBACK, resolve); });
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    sent: () => [...taken],
    async settle() {
      for (const [timer, say] of owed) {
        clearTimeout(timer);
        owed.delete(timer);
        giving = giving.then(say);
      }
      await giving;
    },
    async stop() {
      for (const timer of owed.keys()) clearTimeout(timer);
      owed.clear();
      await giving;
      await new Promise<void>(resolve => { server.close(() => resolve()); server.closeAllConnections(); });
    },
  };
}
