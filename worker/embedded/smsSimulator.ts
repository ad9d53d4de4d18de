/**
 * A provider of SMS on this machine, with the API of a real one (activities/sms/skebby.ts) and its awkward habits: by the last digits of a number
 * it is slow, overloaded, broken, loses its answer, delivers late or twice, or takes over what it then cannot deliver. Nothing leaves the machine.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';

/** By the last three digits of a number. Any other is delivered at once, with its receipt. */
export const SMS_HABITS = {
  '001': 'slow', '429': 'throttled', '500': 'broken', '444': 'answerLost', '550': 'unknownNumber', '551': 'unreachable', '222': 'twice', '333': 'late', '000': 'noReceipt', '400': 'refused',
} as const;
export type SmsHabit = (typeof SMS_HABITS)[keyof typeof SMS_HABITS];
export const habitOf = (number: string): SmsHabit | null => (SMS_HABITS as Record<string, SmsHabit>)[number.slice(-3)] ?? null;

export interface SimulatedSms { order: string; to: string; text: string; status: string; at: string; /** How often it was asked to send it. */ asked: number }
export interface SmsSimulator {
  /** As SMS_URL. */
  readonly url: string;
  /** Taken over: one for each order, however often it was asked. */
  sent(): SimulatedSms[];
  /** Says the receipts that are still owed now. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}
export interface SmsSimulatorOptions { port?: number; userKey: string; accessToken: string; /** Where receipts go; null: nowhere. */ receiptsUrl: string | null; slowMs?: number; lateMs?: number; retryAfterSeconds?: number }

const LOOPBACK = '127.0.0.1';
const SLOW_MS = 1_500, LATE_MS = 20_000;

export async function startSmsSimulator({ port = 0, userKey, accessToken, receiptsUrl, slowMs = SLOW_MS, lateMs = LATE_MS, retryAfterSeconds = 1 }: SmsSimulatorOptions): Promise<SmsSimulator> {
  const orders = new Map<string, SimulatedSms>(), seen = new Set<string>();
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
    const { message, recipient, order_id: order } = JSON.parse(await textOf(req)) as { message?: string; recipient?: string[]; order_id?: string };
    const [to] = recipient ?? [];
    if (!message || !to || !order || order.length > 32) return answer(res, 400, { result: 'INVALID_PARAMETERS' });
    const habit = habitOf(to), known = orders.get(order);
    if (known) {
      known.asked += 1;
      return answer(res, 400, { result: 'DUPLICATE_ORDER_ID' });
    }
    const first = !seen.has(order);
    seen.add(order);
    if (habit === 'refused') return answer(res, 400, { result: 'INVALID_RECIPIENT' });
    if (habit === 'throttled' && first) return answer(res, 429, { result: 'TOO_MANY_REQUESTS' }, { 'Retry-After': String(retryAfterSeconds) });
    if (habit === 'broken' && first) return answer(res, 503, { result: 'UNAVAILABLE' });
    if (habit === 'slow') await new Promise(resolve => setTimeout(resolve, slowMs));
    const sms: SimulatedSms = { order, to, text: message, status: 'WAIT4DLVR', at: new Date().toISOString(), asked: 1 };
    orders.set(order, sms);
    if (habit === 'unknownNumber') give(sms, 'UNKNRCPT', 20);
    else if (habit === 'unreachable') give(sms, 'TIMEOUT', 20);
    else if (habit === 'late') give(sms, 'DLVRD', lateMs);
    else if (habit !== 'noReceipt') give(sms, 'DLVRD', 0, habit === 'twice' ? 2 : 1);
    if (habit === 'answerLost') return void req.socket.destroy();
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
    sent: () => [...orders.values()],
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
