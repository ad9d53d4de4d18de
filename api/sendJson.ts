/** Answers as bytes: no entity tags computed over the body, no second serialisation. */
import type { Response } from 'express';

export function sendJsonText(res: Response, status: number, json: string): void {
  const body = Buffer.from(json);
  res.statusCode = status;
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', body.length);
  res.end(body);
}

export function sendJson(res: Response, status: number, value: unknown): void {
  sendJsonText(res, status, JSON.stringify(value));
}
