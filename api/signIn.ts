/** From an Authorization header to a person. Verified tokens are remembered for seconds: revocation must be felt, a command must not wait for it. */
import { hash } from 'node:crypto';
import type pg from 'pg';
import { findBySubject, findByToken, type Person } from '../database/reads/people.ts';
import { Problem } from '../engine/problems.ts';
import { BoundedCache } from './boundedCache.ts';
import { createJwtVerifier, type OidcSettings } from './jwt.ts';

/** A revoked token, a disabled account or a changed membership is felt after this long at most. */
const TRUST_MS = 3_000;
const MOST_REMEMBERED = 10_000;
const TOKEN = /^iter_[A-Za-z0-9_-]{43}$/;
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MOST_CHARACTERS = 8_192;

interface Verified { person: Person; expiresAt: number }
interface Remembered { verified: Promise<Verified>; until: number }

export interface SignIn {
  /** Throws Problem: unauthenticated, forbidden (the account), unavailable. */
  person(authorization: string | undefined): Promise<Person>;
  /** Whose token this was when it was last seen good; for counting requests only. */
  lastKnown(authorization: string | undefined): string | undefined;
}

export function createSignIn(pool: pg.Pool, oidc: OidcSettings | undefined): SignIn {
  const remembered = new BoundedCache<string, Remembered>(MOST_REMEMBERED);
  const known = new BoundedCache<string, string>(MOST_REMEMBERED);
  const verifyJwt = oidc ? createJwtVerifier(oidc) : null;

  async function verify(token: string): Promise<Verified> {
    if (TOKEN.test(token)) return await verifyToken(pool, token);
    if (!JWT.test(token)) throw new Problem('unauthenticated', 'The token is neither an API token (iter_…) nor a JWT.');
    if (!verifyJwt) throw new Problem('unauthenticated', 'This installation accepts API tokens only: no sign-in service is configured.');
    const { subject, expiresAt } = await verifyJwt(token);
    const person = await findBySubject(pool, subject);
    if (!person) throw new Problem('forbidden', 'You are signed in, but nobody with this identity is registered here. Ask your school or the administrator.');
    return { person, expiresAt: expiresAt.getTime() };
  }

  return {
    lastKnown: authorization => (authorization === undefined ? undefined : known.get(hash('sha256', authorization, 'base64'))),

    async person(authorization) {
      const token = bearer(authorization);
      // What is remembered is the digest: a dump of this process's memory must not hand out tokens.
      const key = hash('sha256', authorization!, 'base64'), now = Date.now();
      let entry = remembered.get(key);
      if (!entry || entry.until <= now) {
        entry = { verified: verify(token), until: now + TRUST_MS };
        remembered.set(key, entry);
        // A failure is not remembered, so that nobody can fill the memory with guesses.
        entry.verified.then(({ person }) => known.set(key, person.id), () => remembered.delete(key));
      }
      const { person, expiresAt } = await entry.verified;
      if (expiresAt <= Date.now()) throw new Problem('unauthenticated', 'The token has expired.');
      if (person.disabled) throw new Problem('forbidden', 'This account is disabled.');
      return person;
    },
  };
}

function bearer(authorization: string | undefined): string {
  if (authorization === undefined) throw new Problem('unauthenticated', 'Send a token: Authorization: Bearer <token>.');
  const match = authorization.length <= MOST_CHARACTERS ? /^Bearer +([^\s]+) *$/i.exec(authorization) : null;
  if (!match) throw new Problem('unauthenticated', 'The Authorization header must be: Bearer <token>.');
  return match[1]!;
}

async function verifyToken(pool: pg.Pool, token: string): Promise<Verified> {
  const found = await findByToken(pool, hash('sha256', token, 'buffer'));
  if (!found) throw new Problem('unauthenticated', 'This token is not known.');
  if (found.revokedAt) throw new Problem('unauthenticated', 'This token was revoked.');
  const left = found.expiresAt.getTime() - found.now.getTime();
  if (left <= 0) throw new Problem('unauthenticated', 'This token has expired.');
  // By the database's clock, told in ours.
  return { person: found.person, expiresAt: Date.now() + left };
}
