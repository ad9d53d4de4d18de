/** The settings of an installation, read once from the environment. Their meaning: README.md, "Settings". */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MasterKeys } from '../database/masterKeys.ts';
import { imapProblems, isSender, readMailAccounts, type MailAccount } from './mailAccounts.ts';
import { readChannelConfig, type ChannelConfig } from './smsSettings.ts';
import { decodeMasterKey, MASTER_KEY_BYTES, masterKeyFile, readMasterKeyFiles } from './masterKeyFiles.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type Config = {
  port: number;
  host: string;
  /** Where people reach the installation, in links of messages; null: there are none. */
  publicUrl: string | null;
  /** Absolute folder of the embedded servers' data, keys, mail and logs. */
  home: string;
  /** `undefined`: the embedded PostgreSQL. The role must be able to create roles: migrations do. */
  databaseUrl: string | undefined;
  temporal: {
    /** `undefined`: the embedded Temporal. */
    address: string | undefined;
    namespace: string;
  };
  /** `undefined`: only API tokens sign in. */
  oidc: { issuer: string; audience: string; jwksUri: string | undefined } | undefined;
  mail: {
    /** `undefined`: the embedded mailbox, ITER_HOME/mail. */
    smtpUrl: string | undefined;
    from: string;
    /** Where receipts and answers to the installation's own account come in. */
    imapUrl: string | undefined;
    /** Of organisations with an account of their own, by code. */
    accounts: Record<string, MailAccount>;
  };
  channels: ChannelConfig;
  /** 32 bytes that wrap every case's data key. Losing them loses every payload. */
  masterKey: Buffer;
  /** The same with those that are needed beside it while it is being changed (npm run keys:rotate). */
  masterKeys: MasterKeys;
  /** The file that holds the key when ITER_MASTER_KEY does not: every machine on one database needs the same key. */
  masterKeyFile: string | undefined;
  /** Whether the demo people and schools are loaded: with the embedded database, unless ITER_DEMO says otherwise. */
  demo: boolean;
  logLevel: (typeof LOG_LEVELS)[number];
};

/** One or more settings are wrong; the message names each, what it holds and what is expected. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The settings are not right:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

type Environment = Record<string, string | undefined>;

/** Throws ConfigError with every problem at once. Creates the master key of an embedded installation. */
export function loadConfig(environment: Environment = process.env): Config {
  const problems: string[] = [];
  // An empty value is an unset one: `PORT= npm start`.
  const read = (name: string) => environment[name]?.trim() || undefined;

  const url = (name: string, protocols: string[]) => {
    const value = read(name);
    if (value === undefined) return undefined;
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    // The value itself is not repeated: it may hold a password.
    problems.push(`${name} must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
    return undefined;
  };

  const port = Number(read('PORT') ?? '3000');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push(`PORT must be a number from 0 to 65535, not "${read('PORT')}"`);

  const publicUrl = url('PUBLIC_URL', ['https:', 'http:']);

  const logLevel = (read('LOG_LEVEL') ?? 'info') as Config['logLevel'];
  if (!LOG_LEVELS.includes(logLevel)) problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}"`);

  const address = read('TEMPORAL_ADDRESS');
  if (address && !/^[^\s/:]+:\d+$|^\[[0-9a-f:]+\]:\d+$/i.test(address)) problems.push(`TEMPORAL_ADDRESS must be host:port, not "${address}"`);
  const namespace = read('TEMPORAL_NAMESPACE') ?? 'iter';
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]+$/.test(namespace)) problems.push(`TEMPORAL_NAMESPACE must be letters, digits, ".", "_" or "-", not "${namespace}"`);

  const issuer = url('OIDC_ISSUER', ['https:', 'http:']);
  const jwksUri = url('OIDC_JWKS_URI', ['https:', 'http:']);
  const audience = read('OIDC_AUDIENCE');
  if (read('OIDC_ISSUER') && !audience) problems.push('OIDC_AUDIENCE is needed with OIDC_ISSUER: without it a token meant for another service would be accepted');
  if ((audience || jwksUri) && !read('OIDC_ISSUER')) problems.push('OIDC_ISSUER is needed with OIDC_AUDIENCE or OIDC_JWKS_URI');

  const demo = read('ITER_DEMO');
  if (demo && demo !== '0' && demo !== '1') problems.push(`ITER_DEMO must be 0 or 1, not "${demo}"`);

  const databaseUrl = url('DATABASE_URL', ['postgres:', 'postgresql:']);
  const smtpUrl = url('SMTP_URL', ['smtp:', 'smtps:']);
  const imapUrl = url('IMAP_URL', ['imap:', 'imaps:']);
  if (imapUrl) problems.push(...imapProblems('IMAP_URL', imapUrl));
  if (imapUrl && !read('SMTP_URL')) problems.push('IMAP_URL needs SMTP_URL: the embedded mailbox brings its own receipts');
  const from = read('MAIL_FROM') ?? 'Iter <iter@localhost>';
  if (!isSender(from)) problems.push('MAIL_FROM must be an address, or a name and an address: Iter <iter@pec.example.it>');
  const accounts = readMailAccounts(read('MAIL_ACCOUNTS'), problems);
  const channels = readChannelConfig(read, problems);
  const home = resolve(read('ITER_HOME') ?? '.iter');

  const givenKey = read('ITER_MASTER_KEY');
  let masterKey = givenKey ? decodeMasterKey(givenKey) : undefined;
  if (givenKey && !masterKey) problems.push(`ITER_MASTER_KEY must be ${MASTER_KEY_BYTES} bytes in base64 (openssl rand -base64 ${MASTER_KEY_BYTES})`);

  const previousText = read('ITER_MASTER_KEY_PREVIOUS');
  const previousKey = previousText ? decodeMasterKey(previousText) : undefined;
  if (previousText && !previousKey) problems.push(`ITER_MASTER_KEY_PREVIOUS must be ${MASTER_KEY_BYTES} bytes in base64`);
  if (previousText && !givenKey) problems.push('ITER_MASTER_KEY_PREVIOUS needs ITER_MASTER_KEY: without it the keys are those of the files');

  if (problems.length === 0) masterKey ??= readOrCreateMasterKey(home, problems);
  if (problems.length > 0 || !masterKey) throw new ConfigError(problems);

  return {
    port,
    host: read('HOST') ?? '127.0.0.1',
    // An installation that is tried out is reached on its own machine, where its mail stays too.
    publicUrl: publicUrl?.replace(/\/+$/, '') ?? (databaseUrl || smtpUrl || port === 0 ? null : `http://localhost:${port}`),
    home,
    databaseUrl,
    temporal: { address, namespace },
    oidc: issuer && audience ? { issuer, audience, jwksUri } : undefined,
    mail: { smtpUrl, from, imapUrl, accounts },
    channels,
    masterKey,
    masterKeys: givenKey ? new MasterKeys([masterKey, ...(previousKey ? [previousKey] : [])]) : keysOfFiles(home, masterKey),
    masterKeyFile: givenKey ? undefined : masterKeyFile(home),
    demo: demo ? demo === '1' : !databaseUrl,
    logLevel,
  };
}

/** Read again when they do not open something: another program may be changing the key. */
function keysOfFiles(home: string, masterKey: Buffer): MasterKeys {
  const keys = new MasterKeys([masterKey], () => readMasterKeyFiles(home));
  keys.reload();
  return keys;
}

function readOrCreateMasterKey(home: string, problems: string[]): Buffer | undefined {
  const file = masterKeyFile(home);
  const key = decodeMasterKey(readOrCreateSecret(file, () => randomBytes(MASTER_KEY_BYTES).toString('base64')));
  // Never replaced by a new one: the payloads of every case hang on it.
  if (!key) problems.push(`${file} does not hold ${MASTER_KEY_BYTES} bytes in base64: restore it from a copy`);
  return key;
}

/** The content of a secret file, made at the first need: a file that only this user may read, in a folder of their own. */
export function readOrCreateSecret(file: string, create: () => string): string {
  if (!existsSync(file)) {
    const folder = dirname(file);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
    try {
      // `wx`: of two processes that start at once, one makes the secret and both use it.
      writeFileSync(file, `${create()}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(file, 'utf8').trim();
}
