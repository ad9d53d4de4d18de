/** Every error becomes one application/problem+json document (RFC 9457), from the one table of engine/problems.ts. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { isConnectionError, isContention, isOverload } from '../database/pools.ts';
import { PROBLEMS, Problem, type ProblemCode } from '../engine/problems.ts';
import { UnknownVersionError } from '../engine/processes.ts';
import type { Person } from '../database/reads/people.ts';
import type { ApiContext } from './context.ts';
import { languageOf, type Language } from './language.ts';
import { problemText } from './problemText.ts';

export interface ProblemDocument {
  type: string; title: string; status: number; detail: string; instance: string; code: ProblemCode; [member: string]: unknown;
}
/** The client went away in the middle of its request: there is nobody to answer. */
export class ClientGoneError extends Error {
  override name = 'ClientGoneError';
}

/** `instance`: the path of the request, without its query (which may name people). */
export function problemDocument(problem: Problem, instance: string, language: Language = 'en'): ProblemDocument {
  const { status, title, titolo } = PROBLEMS[problem.code];
  const { retryAfter: _header, ...members } = problem.members;
  return { ...members, type: `/problems/${problem.code}`, title: language === 'it' ? titolo : title, status, detail: problemText(problem.message, language), instance, code: problem.code };
}

/** The problem that an error means to a caller; null for an error that is ours. */
export function toProblem(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof UnknownVersionError) return new Problem('unavailable', 'This case belongs to a version of its process that this server does not know yet.', { retryAfter: 10 });
  if (isConnectionError(error) || isContention(error) || isOverload(error)) {
    return new Problem('unavailable', 'The database cannot be reached or is too busy. Repeat with the same key: if the request was committed you get its answer.', { retryAfter: 2 });
  }
  // Express's own: a path that is not valid percent-encoding.
  if (error instanceof URIError || (error as { status?: number }).status === 400) return new Problem('malformed', 'The address cannot be read.');
  return null;
}

export const unknownRoute: RequestHandler = (req) => {
  throw new Problem('not-found', `There is no ${req.method} ${req.path}.`);
};

/** The last handler. Logs what is ours, with no word of what was sent. */
export function answerProblem(api: Pick<ApiContext, 'log'>): ErrorRequestHandler {
  return (error, req, res, _next) => {
    if (error instanceof ClientGoneError) { res.destroy(); return; }
    let problem = toProblem(error);
    if (!problem) {
      api.log.error({ err: error, method: req.method, route: req.route?.path ?? null, requestId: res.locals.requestId }, 'a request broke');
      problem = new Problem('internal', 'Something broke on our side. Repeat with the same key, or tell us the request id.', { requestId: res.locals.requestId });
    } else if (problem.status >= 500) {
      api.log.warn({ code: problem.code, reason: error instanceof Problem ? error.message : (error as { code?: string }).code ?? 'connection', requestId: res.locals.requestId }, 'a request could not be served');
    }
    res.locals.problemCode = problem.code;
    if (res.headersSent) { res.destroy(); return; }
    sendProblem(res, problem, req.originalUrl, languageOf(req, (res.locals.person as Person | undefined)?.locale ?? 'en'));
  };
}

export function sendProblem(res: import('express').Response, problem: Problem, url: string, language: Language): void {
  const { retryAfter } = problem.members;
  if (typeof retryAfter === 'number') res.setHeader('Retry-After', String(retryAfter));
  else if (problem.status === 503) res.setHeader('Retry-After', '2');
  if (problem.status === 401) res.setHeader('WWW-Authenticate', 'Bearer realm="iter"');
  const query = url.indexOf('?');
  const body = Buffer.from(JSON.stringify(problemDocument(problem, query < 0 ? url : url.slice(0, query), language)));
  res.statusCode = problem.status;
  res.setHeader('Content-Type', 'application/problem+json');
  res.setHeader('Content-Length', body.length);
  res.end(body);
}

/** What `type` points at: the meaning of a code. */
export const describeProblem: RequestHandler<{ code: string }> = (req, res) => {
  const { code } = req.params;
  if (!Object.hasOwn(PROBLEMS, code)) throw new Problem('not-found', `There is no problem "${code}".`);
  res.json({ code, ...PROBLEMS[code as ProblemCode] });
};
