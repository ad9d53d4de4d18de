/** A table that an office sends: what every import asks of the request, and how many of its mistakes are told. */
import type { Request } from 'express';
import { Problem } from '../engine/problems.ts';
import { flagParameter } from './query.ts';
import { drain, readBytes } from './readBody.ts';

const MOST_BYTES = 8 * 1024 * 1024, MOST_ERRORS = 200;

/** `preview`: nothing is written. `whole`: what the table does not name is gone. Throws Problem `malformed`. */
export async function tableOptions(req: Request<any>): Promise<{ preview: boolean; whole: boolean }> {
  if (!/^text\/csv\b/i.test(req.headers['content-type'] ?? '')) {
    await drain(req);
    throw new Problem('malformed', 'Send the table as Content-Type: text/csv.');
  }
  return { preview: flagParameter(req, 'preview'), whole: flagParameter(req, 'whole') };
}

/** Throws Problem `too-large`. */
export const readTableBytes = async (req: Request<any>): Promise<Buffer> => await readBytes(req, MOST_BYTES);

/** The first of them, and how many more there are. */
export const firstErrors = <E, T>(errors: E[], tell: (error: E) => T): { errors: T[]; moreErrors: number } => ({ errors: errors.slice(0, MOST_ERRORS).map(tell), moreErrors: Math.max(0, errors.length - MOST_ERRORS) });
