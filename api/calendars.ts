/** Calendars that other programs read: secret addresses of a person's appointments, made and revoked by that person, read without signing in. */
import { randomUUID } from 'node:crypto';
import type { Request, Router } from 'express';
import { Type } from 'typebox';
import { UUID } from '../database/uuid.ts';
import { Problem } from '../engine/problems.ts';
import { personOf, type ApiContext } from './context.ts';
import { languageOf, type Language } from './language.ts';
import { limitFeeds } from './rateLimit.ts';
import { readJson } from './readBody.ts';
import { sendJson } from './sendJson.ts';
import { createValidator } from './validators.ts';

/** What `POST /me/calendar` takes. */
export const NEW_FEED = Type.Object({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]+$', description: 'As the calendar is called in the reader’s program.' })),
  organisation: Type.Optional(Type.String({ minLength: 1, maxLength: 30, description: 'Only appointments with this organisation, to which you belong.' })),
}, { additionalProperties: false, examples: [{ name: 'Colloqui' }] });
const validate = createValidator(NEW_FEED);

const WORDS = {
  it: { mine: 'I miei appuntamenti', with: (name: string) => `Appuntamenti: ${name}`, stranger: 'Non appartieni a questa organizzazione.', tooMany: 'Hai troppi indirizzi: revocane uno.', unknown: 'Non c’è un calendario a questo indirizzo: non esiste o è stato revocato.' },
  en: { mine: 'My appointments', with: (name: string) => `Appointments: ${name}`, stranger: 'You do not belong to this organisation.', tooMany: 'You have too many addresses: revoke one.', unknown: 'There is no calendar at this address: it does not exist or was revoked.' },
} satisfies Record<Language, unknown>;

export function calendarRoutes(api: ApiContext, router: Router): void {
  router.get('/me/calendar', async (_req, res) => {
    sendJson(res, 200, { items: await api.engine.calendars.listFeeds(personOf(res).id) });
  });

  router.post('/me/calendar', async (req, res) => {
    const person = personOf(res), language = languageOf(req, person.locale), words = WORDS[language];
    const body = await readJson(req);
    const errors = validate(body, language);
    if (errors) throw new Problem('invalid', 'A name and an organisation, both if you like.', { errors });
    const { name, organisation } = body as { name?: string; organisation?: string };
    const membership = organisation === undefined ? null : person.memberships.find(held => held.organisation === organisation);
    if (membership === undefined) throw new Problem('invalid', words.stranger, { errors: [{ pointer: '/organisation', message: words.stranger }] });
    const made = await api.engine.calendars.openFeed({ id: randomUUID(), userId: person.id, organisation: organisation ?? null, name: name ?? (membership ? words.with(membership.organisationName) : words.mine) });
    if (!made) throw new Problem('conflict', words.tooMany);
    // Told this once: the database keeps its digest.
    sendJson(res, 201, { ...made.feed, url: `${req.protocol}://${req.get('host') ?? ''}/api/v1/calendar/${made.secret}.ics` });
  });

  router.delete('/me/calendar/:id', async (req: Request<{ id: string }>, res) => {
    if (!UUID.test(req.params.id) || !await api.engine.calendars.revokeFeed(req.params.id, personOf(res).id)) throw new Problem('not-found', 'You have no such calendar.');
    res.status(204).end();
  });
}

/** What the program has already. An ETag counts also for those who ask past their own cache (Cache-Control: no-cache). */
function isKnown(req: Request<{ secret: string }>, etag: string): boolean {
  const known = req.get('if-none-match');
  return known === undefined ? req.fresh : known.split(',').some(tag => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/** Before signing in: whoever has the address may read. */
export function feedRoutes(api: ApiContext, router: Router): void {
  router.get('/calendar/:secret.ics', ...limitFeeds(api), async (req: Request<{ secret: string }>, res) => {
    const feed = await api.engine.calendars.readFeed(req.params.secret);
    if (!feed) throw new Problem('not-found', WORDS[languageOf(req, 'it')].unknown);
    // The reader's program may keep it and asks whether it is still good; no proxy keeps it.
    res.setHeader('Cache-Control', 'private, no-cache');
    res.setHeader('ETag', `"${feed.etag}"`);
    res.setHeader('Last-Modified', feed.changedAt.toUTCString());
    // A secret address is in nobody's list of pages.
    res.setHeader('X-Robots-Tag', 'noindex');
    res.setHeader('Referrer-Policy', 'no-referrer');
    if (isKnown(req, res.getHeader('ETag') as string)) { res.status(304).end(); return; }
    res.setHeader('Content-Type', 'text/calendar; charset=utf-8');
    res.setHeader('Content-Disposition', 'inline; filename="calendario.ics"');
    res.send(feed.write());
  });
}
