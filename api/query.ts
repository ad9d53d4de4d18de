/** Query parameters, each given once and within bounds. */
import type { Request } from 'express';
import { Problem } from '../engine/problems.ts';

/** Undefined when absent or empty. Throws Problem `malformed` when it is repeated, too long or holds control characters. */
export function textParameter(req: Request<any>, name: string, most = 200): string | undefined {
  const value = req.query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw new Problem('malformed', `The query parameter "${name}" must be given once.`);
  // eslint-disable-next-line no-control-regex -- they are what is refused
  if (value.length > most || /[\u0000-\u001f]/.test(value) || !value.isWellFormed()) throw new Problem('malformed', `The query parameter "${name}" must be at most ${most} plain characters.`);
  return value;
}

export function limitParameter(req: Request, normal = 50, most = 200): number {
  const text = textParameter(req, 'limit');
  if (text === undefined) return normal;
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1) throw new Problem('malformed', 'limit must be a whole number from 1.');
  return Math.min(Number(text), most);
}

export function choiceParameter<T extends string>(req: Request<any>, name: string, choices: readonly T[], normal: T): T {
  const text = textParameter(req, name);
  if (text === undefined) return normal;
  if (!choices.includes(text as T)) throw new Problem('malformed', `${name} must be one of: ${choices.join(', ')}.`);
  return text as T;
}

/** `?preview` and `?preview=true` alike. */
export const flagParameter = (req: Request<any>, name: string): boolean => req.query[name] === '' || choiceParameter(req, name, ['false', 'true'] as const, 'false') === 'true';

export function dateParameter(req: Request, name: string): string | undefined {
  const text = textParameter(req, name);
  if (text !== undefined && !isLocalDate(text)) throw new Problem('malformed', `${name} must be a date: YYYY-MM-DD.`);
  return text;
}

export function isLocalDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
}
