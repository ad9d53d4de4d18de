/** The registry of schools: public facts, for whoever is signed in. */
import type { Router } from 'express';
import { findSchool, SchoolCursorError, searchSchools } from '../database/schools/queries.ts';
import { Problem } from '../engine/problems.ts';
import type { ApiContext } from './context.ts';
import { limitParameter, textParameter } from './query.ts';
import { sendJson } from './sendJson.ts';

export function schoolRoutes(api: ApiContext, router: Router): void {
  router.get('/schools', async (req, res) => {
    const q = textParameter(req, 'q'), province = textParameter(req, 'province'), cursor = textParameter(req, 'cursor', 1_000);
    const search = { limit: limitParameter(req, 20, 100), ...(q === undefined ? {} : { q }), ...(province === undefined ? {} : { province }), ...(cursor === undefined ? {} : { cursor }) };
    try {
      sendJson(res, 200, await searchSchools(api.pools.read, search));
    } catch (error) {
      throw error instanceof SchoolCursorError ? new Problem('malformed', 'The cursor is not one that this list gave. Begin again without it.') : error;
    }
  });

  router.get('/schools/:code', async (req, res) => {
    const school = await findSchool(api.pools.read, req.params.code.slice(0, 20));
    if (!school) throw new Problem('not-found', 'The registry has no school of this code.');
    sendJson(res, 200, school);
  });
}
