/** The caller: who they are, for whom they may speak, and for whom they speak now. */
import type { Router } from 'express';
import { Type } from 'typebox';
import { saveProfile, type Person } from '../database/reads/people.ts';
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

export function meRoutes(api: ApiContext, router: Router): void {
  router.get('/me', (req, res) => {
    const person = personOf(res), header = req.get('iter-profile');
    sendJson(res, 200, presentPerson(api, person, header === undefined ? defaultProfile(person, api.ownRoles) : chooseProfile(person, header, api.ownRoles)));
  });

  router.put('/me/profile', async (req, res) => {
    const person = personOf(res);
    const body = await readJson(req);
    const errors = validate(body, languageOf(req, person.locale));
    if (errors) throw new Problem('invalid', 'Name one of your profiles.', { errors });
    const { profile: wanted } = body as { profile: string | null };
    const profile = wanted === null ? null : chooseProfile(person, wanted, api.ownRoles);
    const saved = profile === null ? null : profileName(profile);
    await saveProfile(api.pools.read, person.id, saved);
    // What this process remembers of the person must not lag behind their own choice.
    person.profile = saved;
    sendJson(res, 200, presentPerson(api, person, defaultProfile(person, api.ownRoles)));
  });
}

function presentPerson(api: ApiContext, person: Person, profile: Profile | null) {
  return {
    user: { id: person.id, username: person.username, name: person.name, email: person.email, locale: person.locale },
    memberships: person.memberships.map(membership => ({ ...membership, profile: profileName(membership) })),
    // What may be sent as Iter-Profile.
    profiles: profilesOf(person, api.ownRoles).map(profileName),
    /** Null: several are there and none is chosen. */
    profile: profile && { name: profileName(profile), organisation: profile.organisation, role: profile.role, operator: isOperator(person, profile) },
    savedProfile: person.profile,
  };
}
