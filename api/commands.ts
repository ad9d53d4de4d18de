/** Commands: what the engine decides, with the schema's errors handed to it so that it keeps the order 404 → 403 → 409 → 422. */
import type { Router } from 'express';
import { Problem } from '../engine/problems.ts';
import { answerCase } from './answerCase.ts';
import { askingOf, type ApiContext } from './context.ts';
import { readJson } from './readBody.ts';
import { explainRefusal } from './refusalText.ts';
import { idempotencyKey, ifMatchVersion } from './requestHeaders.ts';
import { validatorsOf } from './validators.ts';

export function commandRoutes(api: ApiContext, router: Router): void {
  router.post('/cases/:id/commands/:command', async (req, res) => {
    const asking = askingOf(api, req, res);
    const key = idempotencyKey(req, res), ifMatch = ifMatchVersion(req);
    const data = await readJson(req);
    const { id: caseId, command } = req.params;
    const process = await api.engine.processOf(caseId);
    if (!process) throw new Problem('not-found', 'There is no such case.');
    const invalid = validatorsOf(process).commands.get(command)?.(data, asking.language) ?? undefined;
    try {
      const { record, version, repeated } = await api.engine.giveCommand({ caseId, command, data, caller: asking.caller, key, ...(ifMatch === undefined ? {} : { ifMatch }), ...(invalid ? { invalid } : {}) });
      await answerCase(api, req, res, asking, 200, record, { committedVersion: version, repeated });
    } catch (error) {
      throw error instanceof Problem ? explainRefusal(error, process.plugin, asking.language) : error;
    }
  });
}
