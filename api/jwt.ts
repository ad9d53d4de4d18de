/** Sign-in tokens of the configured OIDC issuer: any SPID or CIE broker. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { Problem } from '../engine/problems.ts';

export interface OidcSettings {
  issuer: string;
  audience: string;
  /** Without: the one that the issuer's discovery document names. */
  jwksUri?: string | undefined;
}
export interface SignedIn { subject: string; expiresAt: Date }

/** Asymmetric only: a public key must never be taken for a shared secret. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const CLOCK_TOLERANCE_SECONDS = 30;
const FETCH_TIMEOUT_MS = 5_000;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** Answers the subject of a valid token. Throws Problem: unauthenticated (the token), unavailable (the issuer's keys cannot be had). */
export function createJwtVerifier(oidc: OidcSettings): (token: string) => Promise<SignedIn> {
  let keys: Promise<KeySet> | undefined;
  const keySet = () => (keys ??= openKeySet(oidc).catch((error: unknown) => {
    keys = undefined;
    throw error;
  }));
  return async token => {
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, await keySet(), {
        issuer: oidc.issuer, audience: oidc.audience, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE_SECONDS, requiredClaims: ['exp'],
      }));
    } catch (error) {
      throw refusalOf(error);
    }
    return { subject: subjectOf(payload), expiresAt: new Date(payload.exp! * 1000) };
  };
}

/** SPID and CIE give the fiscal number (`TINIT-` + codice fiscale); where it is there, nothing else counts: `sub` may be a name that people choose. */
function subjectOf(payload: JWTPayload): string {
  const { fiscalNumber } = payload;
  if (typeof fiscalNumber === 'string' && fiscalNumber !== '') return fiscalNumber.replace(/^TINIT-/i, '').toUpperCase();
  if (typeof payload.sub === 'string' && payload.sub !== '') return payload.sub;
  throw new Problem('unauthenticated', 'The token names nobody: it has neither fiscalNumber nor sub.');
}

function refusalOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof errors.JWTExpired) return new Problem('unauthenticated', 'The token has expired: sign in again.');
  if (error instanceof errors.JWTClaimValidationFailed) return new Problem('unauthenticated', `The token is not for this service: its claim "${error.claim}" is not right.`);
  if (error instanceof errors.JOSEAlgNotAllowed) return new Problem('unauthenticated', `The token is signed by an algorithm that is not accepted; accepted are ${ALGORITHMS.join(', ')}.`);
  // Told apart from a bad token: the person can do nothing about it but wait.
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || !(error instanceof errors.JOSEError) || /Expected 200 OK/.test(error.message)) {
    return new Problem('unavailable', 'The keys of the sign-in service cannot be reached now. Try again in a moment.', { retryAfter: 5 });
  }
  return new Problem('unauthenticated', 'The token is not valid.');
}

async function openKeySet({ issuer, jwksUri }: OidcSettings): Promise<KeySet> {
  return createRemoteJWKSet(new URL(jwksUri ?? await discover(issuer)), { timeoutDuration: FETCH_TIMEOUT_MS, cooldownDuration: 10_000 });
}

async function discover(issuer: string): Promise<string> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`the issuer's discovery document answers ${response.status}`);
  const document = await response.json() as { issuer?: string; jwks_uri?: string };
  if (document.issuer !== issuer || typeof document.jwks_uri !== 'string') throw new Error('the discovery document is not of this issuer');
  return document.jwks_uri;
}
