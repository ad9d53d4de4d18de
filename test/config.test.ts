/** A wrong setting must be told in words before anything is started, and a secret must never be told at all. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, ConfigError, loadConfig } from '../worker/config.ts';
import { processIdentity } from '../worker/embedded/serverProcess.ts';
import { tryLock } from '../worker/fileLock.ts';

const homes: string[] = [];

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'iter-config-'));
  homes.push(home);
  return home;
}

afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

describe('the settings', () => {
  const load = (settings: Record<string, string>): Config => loadConfig({ ITER_HOME: newHome(), ...settings });

  it('have a default each', () => {
    const { masterKey, masterKeys, home, ...config } = load({});
    expect(masterKey).toHaveLength(32);
    expect(masterKeys.all).toEqual([masterKey]);
    expect(config).toEqual({
      port: 3000,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:3000',
      databaseUrl: undefined,
      temporal: { address: undefined, namespace: 'iter' },
      oidc: undefined,
      mail: { smtpUrl: undefined, from: 'Iter <iter@localhost>', imapUrl: undefined, accounts: {} },
      channels: { account: undefined, receiptsSecret: undefined, price: 0, rates: { email: 10, sms: 5 } },
      masterKeyFile: join(home, 'keys', 'master.key'),
      demo: true,
      logLevel: 'info',
    });
  });

  it('name no address of this machine in mail that leaves it', () => {
    expect([load({ SMTP_URL: 'smtp://x' }).publicUrl, load({ SMTP_URL: 'smtp://x', PUBLIC_URL: 'https://iter.scuola.it/' }).publicUrl]).toEqual([null, 'https://iter.scuola.it']);
  });

  it.each([
    [{ PORT: 'tremila' }, /PORT must be a number/],
    [{ DATABASE_URL: 'mysql://segreto@x/y' }, /^(?!.*segreto).*DATABASE_URL must be an address that begins with postgres:\/\//s],
    [{ PUBLIC_URL: 'iter.scuola.it' }, /PUBLIC_URL must be an address that begins with https:\/\/ or http:\/\//],
    [{ TEMPORAL_ADDRESS: 'http://temporal' }, /TEMPORAL_ADDRESS must be host:port/],
    [{ OIDC_ISSUER: 'https://spid.example' }, /OIDC_AUDIENCE is needed/],
    [{ OIDC_AUDIENCE: 'iter' }, /OIDC_ISSUER is needed/],
    [{ SMTP_URL: 'mail.example:25' }, /SMTP_URL must be an address that begins with smtp:\/\//],
    [{ IMAP_URL: 'pop://x' }, /IMAP_URL must be an address that begins with imap:\/\/ or imaps:\/\//],
    [{ IMAP_URL: 'imaps://imap.example.it', SMTP_URL: 'smtp://x' }, /IMAP_URL needs a server, a user and a password/],
    [{ IMAP_URL: 'imaps://u:segreto@imap.example.it' }, /^(?!.*segreto).*IMAP_URL needs SMTP_URL/s],
    [{ MAIL_FROM: 'Iter' }, /MAIL_FROM must be an address/],
    [{ MAIL_ACCOUNTS: '/da/nessuna/parte.json' }, /MAIL_ACCOUNTS: \/da\/nessuna\/parte.json cannot be read \(ENOENT\)/],
    [{ ITER_MASTER_KEY: 'corta' }, /ITER_MASTER_KEY must be 32 bytes in base64/],
    [{ ITER_MASTER_KEY_PREVIOUS: Buffer.alloc(32).toString('base64') }, /ITER_MASTER_KEY_PREVIOUS needs ITER_MASTER_KEY/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of fatal, error/],
  ])('refuse %j', (settings: Record<string, string>, message) => {
    expect(() => load(settings)).toThrow(ConfigError);
    expect(() => load(settings)).toThrow(message);
  });

  it('tell every mistake at once', () => {
    expect(() => load({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT.*LOG_LEVEL|LOG_LEVEL.*PORT/s);
  });

  it('read the accounts of organisations from a file, and tell all that is wrong with them without their passwords', () => {
    const file = join(newHome(), 'accounts.json'), account = { smtpUrl: 'smtps://scuola:segreto@smtp.pec.example.it', imapUrl: 'imaps://scuola:segreto@imap.pec.example.it/Ricevute%20PEC', from: 'Scuola <scuola@pec.example.it>' };
    writeFileSync(file, JSON.stringify({ BAIC818001: account }));
    expect(load({ MAIL_ACCOUNTS: file }).mail.accounts).toEqual({ BAIC818001: account });
    writeFileSync(file, JSON.stringify({ 'due parole': account, A: null, B: { ...account, smtpUrl: 'segreto', pop: 1 }, C: { ...account, imapUrl: 'imaps://imap.example.it', from: 'nessuno' } }));
    expect(() => load({ MAIL_ACCOUNTS: file })).toThrow(/^(?!.*segreto).*"due parole" is not a code.*"A" must be an object.*"B" has an unknown setting "pop".*"B" needs smtpUrl.*"C" imapUrl needs a server, a user and a password.*"C" needs from/s);
    writeFileSync(file, '{ "A": "segreto');
    expect(() => load({ MAIL_ACCOUNTS: file })).toThrow(/^(?!.*segreto).*MAIL_ACCOUNTS: .* is not JSON/s);
    writeFileSync(file, '[]');
    expect(() => load({ MAIL_ACCOUNTS: file })).toThrow(/must hold an object/);
  });

  it('make the master key once, for this user alone, and never replace a damaged one', () => {
    const settings = { ITER_HOME: newHome() };
    const { masterKey, masterKeyFile } = loadConfig(settings);
    expect(loadConfig(settings).masterKey).toEqual(masterKey);
    expect(statSync(masterKeyFile as string).mode & 0o777).toBe(0o600);
    writeFileSync(masterKeyFile as string, 'rotta');
    expect(() => loadConfig(settings)).toThrow(/does not hold 32 bytes/);
  });
});

describe('the settings of SMS', () => {
  const load = (settings: Record<string, string>): Config => loadConfig({ ITER_HOME: newHome(), ...settings });
  const SMS = { SMS_URL: 'https://api.skebby.it/API/v1.0/REST', SMS_USER_KEY: 'k', SMS_ACCESS_TOKEN: 'geheim' };

  it('name an account, where its receipts come in, what it costs and how fast it goes', () => {
    expect(load({ ...SMS, SMS_SENDER: 'IC Bari', SMS_MESSAGE_TYPE: 'N', SMS_RECEIPTS_SECRET: 'abcdefghijklmnop', SMS_PRICE: '0.065', SMS_RATE: '20', MAIL_RATE: '0' }).channels).toEqual({
      account: { url: SMS.SMS_URL, userKey: 'k', accessToken: 'geheim', sender: 'IC Bari', messageType: 'N' }, receiptsSecret: 'abcdefghijklmnop', price: 65, rates: { email: 0, sms: 20 },
    });
  });
  it.each([
    [{ SMS_URL: 'ftp://x' }, /SMS_URL must/], [{ SMS_URL: SMS.SMS_URL }, /SMS_USER_KEY and SMS_ACCESS_TOKEN/], [{ SMS_USER_KEY: 'k' }, /SMS_URL is needed/], [{ ...SMS, SMS_SENDER: 'Istituto comprensivo' }, /SMS_SENDER/],
    [{ SMS_RECEIPTS_SECRET: 'kurz' }, /SMS_RECEIPTS_SECRET/], [{ SMS_PRICE: '6 cent' }, /SMS_PRICE/], [{ MAIL_RATE: '-1' }, /MAIL_RATE/],
  ])('refuse %j', (settings, message) => {
    expect(() => load(settings)).toThrow(message);
    expect(() => load({ ...settings, PORT: 'x' })).not.toThrow(/geheim/);
  });
});

describe('a lock between processes', () => {
  it('is held by one, freed by its release, and worth nothing when its holder is gone', () => {
    const file = join(newHome(), 'lock');
    const lock = tryLock(file);
    expect(tryLock(file)).toEqual({ heldBy: process.pid });
    if ('release' in lock) lock.release();
    // The same process id, but of a process that was born at another time.
    writeFileSync(file, `${process.pid}\n${processIdentity(process.pid)} before\n`);
    expect(tryLock(file)).toHaveProperty('release');
  });
});
