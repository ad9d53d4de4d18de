/**
 * Where the SMS provider says what became of each SMS. It signs nothing: the address itself holds the secret, and only what it says of orders of
 * ours counts. Answered quickly and always the same, so that nobody learns which orders there are.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, Router } from 'express';
import { deliveryOf, smsStateOf } from '../engine/broadcasts/smsStatus.ts';
import { Problem } from '../engine/problems.ts';
import type { ApiContext } from './context.ts';
import { readBytes } from './readBody.ts';

const MOST_BYTES = 8 * 1024, LONGEST_WORD = 40;
const digest = (text: string) => createHash('sha256').update(text).digest();

export function smsReceiptRoutes(api: ApiContext, router: Router): void {
  const receipt = async (req: Request<{ secret: string }>, fields: URLSearchParams) => {
    const { receiptsSecret = null } = api.settings.sms ?? {};
    if (receiptsSecret === null || !timingSafeEqual(digest(req.params.secret), digest(receiptsSecret))) throw new Problem('not-found', 'There is nothing here.');
    const word = (fields.get('status') ?? '').slice(0, LONGEST_WORD), delivery = deliveryOf(fields.get('order_id') ?? '');
    if (delivery === null || word === '') throw new Problem('malformed', 'A receipt names an order_id and a status.');
    const state = smsStateOf(word);
    if (!(await api.engine.broadcasts.smsReceipt(delivery, state, state === 'permanentFailure' || state === 'technicalFailure' ? word : null))) api.log.warn({ word }, 'a receipt of an SMS that nobody sent');
  };
  // Which of the two it uses is a setting at the provider's.
  router.get('/sms/receipts/:secret', async (req: Request<{ secret: string }>, res) => {
    await receipt(req, new URL(req.url, 'http://localhost').searchParams);
    res.status(204).end();
  });
  router.post('/sms/receipts/:secret', async (req: Request<{ secret: string }>, res) => {
    const body = (await readBytes(req, MOST_BYTES)).toString('utf8');
    await receipt(req, /json/i.test(req.get('content-type') ?? '') ? fieldsOf(body) : new URLSearchParams(body));
    res.status(204).end();
  });
}

function fieldsOf(body: string): URLSearchParams {
  try {
    return new URLSearchParams(Object.entries(JSON.parse(body) as object).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as [string, string]] : [])));
  } catch {
    throw new Problem('malformed', 'The body is not JSON.');
  }
}
