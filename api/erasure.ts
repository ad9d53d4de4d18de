/** Erasure after the retention: for operators of the installation. And the page of a case that was erased. */
import type { Request, Response, Router } from 'express';
import { Type } from 'typebox';
import { UUID } from '../database/uuid.ts';
import type { ErasureOutline } from '../engine/erasure/eraseCase.ts';
import { Problem } from '../engine/problems.ts';
import { operatorOf, type ApiContext, type Asking } from './context.ts';
import type { Language } from './language.ts';
import { readJson } from './readBody.ts';
import { idempotencyKey } from './requestHeaders.ts';
import { explainErasure } from './refusalText.ts';
import { sendJson } from './sendJson.ts';
import { createValidator } from './validators.ts';
import { roleOn } from './visibility.ts';

/** What `POST /cases/{id}/erasure` takes. The reason is erased with the rest: who did it and when stays. */
export const ERASURE = Type.Object({ reason: Type.String({ minLength: 3, maxLength: 1_000, title: 'Why' }) }, { additionalProperties: false });
const validate = createValidator(ERASURE);

const WHAT = {
  it: {
    erases: ['i dati della pratica e il contenuto di ogni voce dello storico', 'allegati e documenti', 'i messaggi inviati, le loro ricevute e le risposte arrivate', 'le bozze dei moduli e le attività in attesa', 'le parole per la ricerca', 'i motivi scritti nel registro delle letture', "l'accesso delle persone"],
    keeps: ['la catena dello storico: chi, quando, quale azione, e le impronte', 'numero, stato e organizzazioni', 'il registro di protocollo, con le impronte dei documenti', 'chi ha letto i dati protetti e quando'],
  },
  en: {
    erases: ['the data of the case and the content of every entry of its history', 'attachments and documents', 'messages sent, their receipts and the answers that came', 'drafts of forms and waiting tasks', 'the words by which it is found', 'the reasons written in the log of readings', 'the access of persons'],
    keeps: ['the chain of the history: who, when, which action, and the digests', 'number, state and organisations', 'the register of protocol, with the digests of documents', 'who read protected data and when'],
  },
} as const;

export function erasureRoutes(api: ApiContext, router: Router): void {
  router.get('/cases/:id/erasure', async (req, res) => {
    const { language } = operatorOf(api, req, res);
    const outline = await api.engine.erasureOf(caseIdOf(req));
    if (!outline) throw new Problem('not-found', 'There is no such case.');
    sendJson(res, 200, presentErasure(outline, language));
  });

  router.post('/cases/:id/erasure', async (req, res) => {
    const { caller, language } = operatorOf(api, req, res);
    const key = idempotencyKey(req, res), body = await readJson(req), caseId = caseIdOf(req);
    const errors = validate(body, language);
    if (errors) throw new Problem('invalid', 'Say why the case is erased.', { errors });
    try {
      sendJson(res, 200, await api.engine.eraseCase({ caseId, caller, key, reason: (body as { reason: string }).reason }));
    } catch (error) {
      throw error instanceof Problem ? explainErasure(error, language) : error;
    }
  });
}

function caseIdOf({ params }: Request): string {
  const id = String(params['id']);
  if (!UUID.test(id)) throw new Problem('not-found', 'There is no such case.');
  return id;
}

function presentErasure({ id, process, number, state, retention }: ErasureOutline, language: Language) {
  return {
    case: id, process, number, state, retention: retention.state, years: 'years' in retention ? retention.years : null, from: 'from' in retention ? retention.from : null,
    owed: retention.state === 'open' ? retention.owed : 0, erasedAt: retention.state === 'erased' ? retention.at : null, ...WHAT[language],
  };
}

/** Of an erased case: that it was, and what stays. Throws Problem `not-found` for who sees no such case. */
export async function answerErased(api: ApiContext, caseId: string, res: Response, { caller, language }: Asking): Promise<void> {
  const outline = await api.engine.readOutline(caseId, caller.principals);
  if (!outline) throw new Problem('not-found', 'There is no such case.');
  const { process: { plugin }, number, state, value, version, draft, done, parties, createdAt, lastAt, erasedAt } = outline;
  const labels = plugin.labels[language];
  res.setHeader('ETag', `"${version}"`);
  sendJson(res, 200, {
    id: caseId, process: plugin.process, processVersion: plugin.version, processLabel: labels.process, number, state, stateLabel: labels.states[state] ?? state, stateValue: value, version, draft, done,
    suspended: null, createdAt, updatedAt: lastAt, erased: { at: erasedAt }, data: null, parties, role: roleOn(plugin, parties, caller), agenda: { deadlines: [], effects: [] }, documents: [], commands: [],
  });
}
