/** The caller: who they are, for whom they may speak, and for whom they speak now. */
import type { Router } from 'express';
import { Type } from 'typebox';
import { readDeputyships, saveDigest, saveProfile, type Deputyship, type Person } from '../database/reads/people.ts';
import { Problem } from '../engine/problems.ts';
import { personOf, type ApiContext } from './context.ts';
import { languageOf } from './language.ts';
import { chooseProfile, defaultProfile, isOperator, profileName, profilesOf, type Profile } from './profile.ts';
import { readJson } from './readBody.ts';
import { sendJson } from './sendJson.ts';
import { createValidator } from './validators.ts';

/** What `PUT /me/profile` takes; null forgets the choice. */
export const PROFILE_CHOICE = Type.Object({ profile: Type.Union([Type.String({ minLength: 3, maxLength: 130 }), Type.Null()]) }, { additionalProperties: false });
const validate = createValidator(PROFILE_CHOICE);
/** What `PUT /me/digest` takes. */
export const DIGEST_CHOICE = Type.Object({ daily: Type.Boolean({ description: 'Whether open tasks come by e-mail on working days.' }) }, { additionalProperties: false });
const validateDigest = createValidator(DIGEST_CHOICE);

export function meRoutes(api: ApiContext, router: Router): void {
  router.get('/me', async (req, res) => {
    const person = personOf(res), header = req.get('iter-profile');
    const deputyships = await readDeputyships(api.pools.read, person);
    sendJson(res, 200, presentPerson(api, person, deputyships, header === undefined ? defaultProfile(person, api.ownRoles, deputyships) : chooseProfile(person, header, api.ownRoles, deputyships)));
  });

  router.put('/me/profile', async (req, res) => {
    const person = personOf(res);
    const body = await readJson(req);
    const errors = validate(body, languageOf(req, person.locale));
    if (errors) throw new Problem('invalid', 'Name one of your profiles.', { errors });
    const { profile: wanted } = body as { profile: string | null };
    const deputyships = await readDeputyships(api.pools.read, person);
    const profile = wanted === null ? null : chooseProfile(person, wanted, api.ownRoles, deputyships);
    const saved = profile === null ? null : profileName(profile);
    await saveProfile(api.pools.read, person.id, saved);
    // What this process remembers of the person must not lag behind their own choice.
    person.profile = saved;
    sendJson(res, 200, presentPerson(api, person, deputyships, defaultProfile(person, api.ownRoles, deputyships)));
  });

  router.put('/me/digest', async (req, res) => {
    const person = personOf(res);
    const body = await readJson(req);
    const errors = validateDigest(body, languageOf(req, person.locale));
    if (errors) throw new Problem('invalid', 'Say whether you want the daily mail.', { errors });
    const { daily } = body as { daily: boolean };
    await saveDigest(api.pools.read, person.id, daily);
    person.digest = daily;
    const deputyships = await readDeputyships(api.pools.read, person);
    sendJson(res, 200, presentPerson(api, person, deputyships, defaultProfile(person, api.ownRoles, deputyships)));
  });
}

function presentPerson(api: ApiContext, person: Person, deputyships: Deputyship[], profile: Profile | null) {
  return {
    user: { id: person.id, username: person.username, name: person.name, email: person.email, locale: person.locale },
    // One that is held for an absent person says so: `deputyFor`.
    memberships: [...person.memberships, ...deputyships].map(membership => ({ ...membership, profile: profileName(membership) })),
    // What may be sent as Iter-Profile.
    profiles: profilesOf(person, api.ownRoles, deputyships).map(profileName),
    /** Null: several are there and none is chosen. */
    profile: profile && { name: profileName(profile), organisation: profile.organisation, role: profile.role, operator: isOperator(person, profile), ...(profile.deputyship ? { deputyFor: profile.deputyship.deputyFor } : {}) },
    savedProfile: person.profile,
    digest: { daily: person.digest },
  };
}
