/** Who may call: API tokens, tokens of an OIDC issuer whose keys are served here, and the profile of each request. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { BARI, MILANO, startTestApi, type TestApi } from './harness.ts';

const AUDIENCE = 'iter-test';
type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

let api: TestApi, issuer: Server, issuerUrl: string, keysServed = true;
const keys: Record<string, Keys> = {};

beforeAll(async () => {
  for (const alg of ['RS256', 'ES256', 'EdDSA', 'PS256']) keys[alg] = await generateKeyPair(alg, { extractable: true });
  keys['stranger'] = await generateKeyPair('ES256');
  const jwks = { keys: await Promise.all(['RS256', 'ES256', 'EdDSA', 'PS256'].map(async alg => ({ ...await exportJWK(keys[alg]!.publicKey), kid: alg, alg, use: 'sig' }))) };
  issuer = createServer((req, res) => {
    if (!keysServed) { res.statusCode = 500; res.end(); return; }
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(req.url === '/.well-known/openid-configuration' ? { issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` } : jwks));
  });
  await new Promise<void>(resolve => issuer.listen(0, '127.0.0.1', resolve));
  issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  api = await startTestApi({ oidc: { issuer: issuerUrl, audience: AUDIENCE } });
  await api.db.query(`update users set subject = 'VRDLCU80A01A662X' where username = 'segreteria.bari'`);
  await api.db.query(`update users set subject = 'conto-17' where username = 'famiglia.rossi'`);
});
afterAll(async () => {
  await api.stop();
  issuer.close();
});

const meWith = (authorization: string, headers = {}) => api.call(null, '/me', { headers: { authorization, ...headers } });

describe('API tokens', () => {
  it('are asked for', async () => {
    const answer = await api.get(null, '/me');
    expect([answer.status, answer.body.code, answer.headers.get('www-authenticate')]).toEqual([401, 'unauthenticated', 'Bearer realm="iter"']);
  });

  it.each(['', 'Basic dXNlcjpwdw==', 'Bearer', 'Bearer  ', 'Bearer x', 'Bearer iter_short', `Bearer iter_${'A'.repeat(43)}`, 'Bearer a b', `Bearer iter_${'A'.repeat(42)}'`])('refuses %j', async authorization => {
    expect((await meWith(authorization)).status).toBe(401);
  });

  it('that are endless are refused unread', async () => {
    expect((await meWith(`Bearer ${'x'.repeat(9_000)}`)).status).toBe(401);
  });

  it('are kept as digests only', async () => {
    const token = await api.newToken('segreteria.bari');
    const { rows } = await api.db.query('select * from tokens where hash = $1', [hash('sha256', token, 'buffer')]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('expire', async () => {
    expect((await meWith(`Bearer ${await api.newToken('segreteria.bari', '-1 second')}`)).body.detail).toBe('This token has expired.');
    const token = await api.newToken('segreteria.bari', '700 milliseconds');
    expect((await meWith(`Bearer ${token}`)).status).toBe(200);
    await new Promise(resolve => setTimeout(resolve, 900));
    expect((await meWith(`Bearer ${token}`)).status).toBe(401);
  });

  it('are revoked within seconds, also when they were just used', async () => {
    const token = await api.newToken('segreteria.bari');
    expect((await meWith(`Bearer ${token}`)).status).toBe(200);
    await api.db.query('update tokens set revoked_at = now() where hash = $1', [hash('sha256', token, 'buffer')]);
    await new Promise(resolve => setTimeout(resolve, 3_200));
    expect((await meWith(`Bearer ${token}`)).body.detail).toBe('This token was revoked.');
  });

  it('are of no use to a disabled account', async () => {
    const token = await api.newToken('famiglia.bianchi');
    await api.db.query(`update users set disabled = true where username = 'famiglia.bianchi'`);
    expect((await meWith(`Bearer ${token}`)).status).toBe(403);
    await api.db.query(`update users set disabled = false where username = 'famiglia.bianchi'`);
  });
});

describe('tokens of the issuer', () => {
  interface Claims { alg?: string; key?: Keys; claims?: Record<string, unknown>; issuer?: string; audience?: string; expires?: string | null; kid?: string }
  async function jwt({ alg = 'RS256', key = keys[alg]!, claims = {}, issuer: iss = issuerUrl, audience = AUDIENCE, expires = '5 minutes', kid = alg }: Claims = {}): Promise<string> {
    const made = new SignJWT({ sub: 'conto-17', ...claims }).setProtectedHeader({ alg, kid }).setIssuer(iss).setAudience(audience).setIssuedAt();
    if (expires !== null) made.setExpirationTime(expires);
    return await made.sign(key.privateKey);
  }
  const signIn = async (wanted?: Claims) => await meWith(`Bearer ${await jwt(wanted)}`);

  it.each(['RS256', 'ES256', 'EdDSA'])('signed by %s name a person by sub', async alg => {
    const answer = await signIn({ alg });
    expect([answer.status, answer.body?.user?.username]).toEqual([200, 'famiglia.rossi']);
  });

  it('name a person by the fiscal number, as SPID and CIE write it, before sub', async () => {
    expect((await signIn({ claims: { fiscalNumber: 'TINIT-VRDLCU80A01A662X' } })).body.user.username).toBe('segreteria.bari');
    expect((await signIn({ claims: { fiscalNumber: 'vrdlcu80a01a662x' } })).body.user.username).toBe('segreteria.bari');
    // A fiscal number that nobody has is nobody, whatever sub says.
    expect((await signIn({ claims: { fiscalNumber: 'TINIT-RSSMRA85T10A562S' } })).status).toBe(403);
  });

  it('of an unknown person are told so', async () => {
    const answer = await signIn({ claims: { sub: 'nessuno' } });
    expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    expect(answer.body.detail).toContain('nobody with this identity is registered');
  });

  it.each<[string, Claims]>([
    ['expired', { expires: '-2 minutes' }], ['without an end', { expires: null }], ['of another issuer', { issuer: 'https://altrove.example' }], ['for another audience', { audience: 'altro' }],
    ['signed by an algorithm that is not allowed', { alg: 'PS256' }], ['signed by a stranger', { alg: 'ES256', key: undefined as never }], ['of an unknown key', { kid: 'x' }], ['of nobody', { claims: { sub: '' } }],
  ])('that are %s are refused', async (_what, wanted) => {
    const answer = await signIn(wanted.key === undefined && 'key' in wanted ? { ...wanted, key: keys['stranger']! } : wanted);
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
  });

  it('that are not signed, or signed by the public key as a secret, are refused', async () => {
    expect((await meWith(`Bearer ${new UnsecuredJWT({ sub: 'conto-17' }).setIssuer(issuerUrl).setAudience(AUDIENCE).setExpirationTime('5m').encode()}`)).status).toBe(401);
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys['RS256']!.publicKey)));
    const forged = await new SignJWT({ sub: 'conto-17' }).setProtectedHeader({ alg: 'HS256', kid: 'RS256' }).setIssuer(issuerUrl).setAudience(AUDIENCE).setExpirationTime('5m').sign(secret);
    expect((await meWith(`Bearer ${forged}`)).status).toBe(401);
  });

  it('cannot be judged while the issuer is away: 503, not 401', async () => {
    keysServed = false;
    const other = await startTestApi({ oidc: { issuer: issuerUrl, audience: AUDIENCE } });
    try {
      const answer = await other.call(null, '/me', { headers: { authorization: `Bearer ${await jwt()}` } });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      keysServed = true;
      expect((await other.call(null, '/me', { headers: { authorization: `Bearer ${await jwt({ claims: { jti: randomUUID() } })}` } })).body.code).toBe('forbidden');
    } finally {
      keysServed = true;
      await other.stop();
    }
  });
});

describe('profiles', () => {
  it('are the only one by default, with the organisation’s code', async () => {
    expect((await api.get('segreteria.bari', '/me')).body).toMatchObject({ profile: { name: `${BARI}/segreteria`, organisation: BARI, role: 'segreteria', operator: false } });
    expect((await api.get('famiglia.rossi', '/me')).body).toMatchObject({ memberships: [], profile: { name: 'persona/genitore', organisation: null, role: 'genitore' } });
    expect((await api.get('admin', '/me')).body.profile.operator).toBe(true);
  });

  it('of a header are the caller’s own or refused', async () => {
    expect((await api.get('segreteria.bari', '/me', { 'iter-profile': 'persona/genitore' })).body.profile.role).toBe('genitore');
    for (const profile of [`${MILANO}/segreteria`, `${BARI}/dirigente`, 'persona/dirigente', 'persona', '/', `${BARI}/`, '/segreteria', 'x'.repeat(500)]) {
      const answer = await api.get('segreteria.bari', '/cases', { 'iter-profile': profile });
      expect([profile, answer.status]).toEqual([profile, 403]);
      expect(answer.body.profiles).toEqual([`${BARI}/segreteria`, 'persona/genitore']);
    }
  });

  it('must be chosen by who has several, in the header or once for all', async () => {
    const id = await api.userId('docente.bari');
    await api.db.query(`insert into memberships (user_id, organisation, role) values ($1, $2, 'segreteria')`, [id, MILANO]);
    expect((await api.get('docente.bari', '/me')).body.profile).toBeNull();
    const refused = await api.get('docente.bari', '/cases');
    expect([refused.status, refused.body.profiles]).toEqual([403, [`${BARI}/docente`, `${MILANO}/segreteria`, 'persona/genitore']]);
    expect((await api.get('docente.bari', '/cases', { 'iter-profile': `${MILANO}/segreteria` })).status).toBe(200);

    expect((await api.call('docente.bari', '/me/profile', { method: 'PUT', body: { profile: `${BARI}/preside` } })).status).toBe(403);
    expect((await api.call('docente.bari', '/me/profile', { method: 'PUT', body: { profile: 3 } })).status).toBe(422);
    expect((await api.call('docente.bari', '/me/profile', { method: 'PUT', body: { profile: `${MILANO}/segreteria` } })).body).toMatchObject({ savedProfile: `${MILANO}/segreteria`, profile: { organisation: MILANO } });
    expect((await api.get('docente.bari', '/me')).body.profile.name).toBe(`${MILANO}/segreteria`);
    expect((await api.get('docente.bari', '/cases')).status).toBe(200);
    // A choice that is not held any more does not count.
    await api.db.query('delete from memberships where user_id = $1 and organisation = $2', [id, MILANO]);
    await new Promise(resolve => setTimeout(resolve, 3_200));
    expect((await api.get('docente.bari', '/me')).body.profile.name).toBe(`${BARI}/docente`);
    expect((await api.call('docente.bari', '/me/profile', { method: 'PUT', body: { profile: null } })).body.savedProfile).toBeNull();
  });
});

describe('the number of requests', () => {
  it('is limited by person, and by address for strangers', async () => {
    const limited = await startTestApi({ settings: { rateLimitPerMinute: 20 } });
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 23; i += 1) statuses.push((await limited.get('segreteria.bari', '/me')).status);
      expect(statuses.slice(0, 20)).toEqual(Array(20).fill(200));
      expect(statuses.at(-1)).toBe(429);
      const refused = await limited.get('segreteria.bari', '/me');
      expect([refused.body.code, Number(refused.headers.get('retry-after')) > 0]).toEqual(['too-many-requests', true]);
      // One person's hurry is not another's.
      expect((await limited.get('polo.puglia', '/me')).status).toBe(200);
      const guesses: number[] = [];
      for (let i = 0; i < 6; i += 1) guesses.push((await limited.call(null, '/me', { headers: { authorization: `Bearer iter_${'A'.repeat(42)}${i}` } })).status);
      expect(guesses.at(-1)).toBe(429);
      expect((await limited.get(null, '//healthz')).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });
});
