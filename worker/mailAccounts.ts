/** Accounts of organisations that send from, and read, their own certified mail: a JSON file, since they hold passwords and may be many. */
import { readFileSync } from 'node:fs';

export type MailAccount = { smtpUrl: string; imapUrl: string; from: string };

const FIELDS = { smtpUrl: ['smtp:', 'smtps:'], imapUrl: ['imap:', 'imaps:'], from: null } as const;
const CODE = /^[A-Za-z0-9._-]{1,64}$/;

/** `{ "<organisation code>": { "smtpUrl", "imapUrl", "from" } }`. Adds every problem to `problems`, without a word of what may be a password. */
export function readMailAccounts(file: string | undefined, problems: string[]): Record<string, MailAccount> {
  if (file === undefined) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // A parser quotes what it cannot read.
    problems.push(`MAIL_ACCOUNTS: ${file} ${error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${(error as NodeJS.ErrnoException).code})`}`);
    return {};
  }
  if (!isObject(content)) {
    problems.push(`MAIL_ACCOUNTS: ${file} must hold an object: { "<organisation code>": { "smtpUrl", "imapUrl", "from" } }`);
    return {};
  }
  for (const [code, account] of Object.entries(content)) problems.push(...accountProblems(code, account).map(problem => `MAIL_ACCOUNTS: "${code}" ${problem}`));
  return content as Record<string, MailAccount>;
}

function accountProblems(code: string, account: unknown): string[] {
  if (!CODE.test(code)) return ['is not a code of an organisation'];
  if (!isObject(account)) return ['must be an object with smtpUrl, imapUrl and from'];
  const unknown = Object.keys(account).filter(name => !Object.hasOwn(FIELDS, name));
  return [
    ...unknown.map(name => `has an unknown setting "${name}"`),
    ...(['smtpUrl', 'imapUrl'] as const).flatMap(name => addressProblems(name, account[name])),
    ...(typeof account['from'] === 'string' && isSender(account['from']) ? [] : ['needs from: an address, or a name and an address']),
  ];
}

function addressProblems(name: 'smtpUrl' | 'imapUrl', value: unknown): string[] {
  const protocols: readonly string[] = FIELDS[name];
  if (typeof value !== 'string' || !URL.canParse(value) || !protocols.includes(new URL(value).protocol)) return [`needs ${name}: an address that begins with ${protocols.map(protocol => `${protocol}//`).join(' or ')}`];
  return name === 'imapUrl' ? imapProblems(name, value) : [];
}

/** A mailbox is always somebody's. */
export function imapProblems(name: string, address: string): string[] {
  const { username, password, hostname, pathname } = new URL(address);
  const isPath = () => { try { decodeURIComponent(pathname); return true; } catch { return false; } };
  return [...(username && password && hostname ? [] : [`${name} needs a server, a user and a password: imaps://user:password@imap.example.it`]), ...(isPath() ? [] : [`${name} names a mailbox that cannot be read`])];
}

export const isSender = (from: string): boolean => /^[^<>@\s]+@[^<>@\s]+$|^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$/.test(from);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
