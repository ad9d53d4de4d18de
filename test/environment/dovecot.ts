/** A real IMAP server for tests: Debian's dovecot, with a configuration, mailboxes and an unprivileged port of its own. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createConnection } from 'node:net';
import { freePorts } from '../../worker/embedded/ports.ts';

const PACKAGE = 'dovecot-imapd';
const PASSWORD = 'segreto-di-prova';
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin'];
const PATIENCE_MS = 20_000;

/** The program's path. Installs the package once where it is not there, which needs root. */
export function ensureDovecot(): string {
  const found = findDovecot();
  if (found) return found;
  const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    execFileSync('apt-get', ['update'], options);
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', PACKAGE], options);
  } catch {
    // Said below, with what to do.
  }
  const installed = findDovecot();
  if (!installed) throw new Error(`The tests of IMAP need dovecot, and it could not be installed here: apt-get install ${PACKAGE}`);
  return installed;
}

const findDovecot = () => [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS].map(folder => join(folder, 'dovecot')).find(program => existsSync(program));

export interface Dovecot {
  url(user: string, mailbox?: string): string;
  /** Puts a message into a user's mailbox, as a provider does. */
  deliver(user: string, content: Buffer | string): void;
  /** Takes it away, and brings it back on the same port with the same mailboxes. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startDovecot(): Promise<Dovecot> {
  const program = ensureDovecot(), folder = mkdtempSync(join(tmpdir(), 'iter-dovecot-')), [port] = (await freePorts(1)) as [number];
  // As root it serves as another user, which must be able to enter.
  const owner = process.getuid?.() === 0 ? { name: 'nobody', uid: idOf('-u', 'nobody'), gid: idOf('-g', 'nobody') } : { name: idOf('-un'), uid: process.getuid!(), gid: process.getgid!() };
  const group = process.getuid?.() === 0 ? idOf('-gn', 'nobody') : idOf('-gn');
  chmodSync(folder, 0o755);
  for (const name of ['run', 'state', 'mail']) mkdirSync(join(folder, name));
  chownSync(join(folder, 'mail'), Number(owner.uid), Number(owner.gid));
  const unprivileged = process.getuid?.() === 0 ? [] : [`default_internal_user = ${owner.name}`, `default_internal_group = ${group}`, `default_login_user = ${owner.name}`];
  const config = join(folder, 'dovecot.conf');
  writeFileSync(config, [
    'protocols = imap', 'listen = 127.0.0.1', `base_dir = ${folder}/run`, `state_dir = ${folder}/state`, `log_path = ${folder}/dovecot.log`, 'ssl = no', 'disable_plaintext_auth = no', ...unprivileged,
    `first_valid_uid = 1`, 'first_valid_gid = 1', 'mail_fsync = never', `mail_location = maildir:${folder}/mail/%u`,
    `passdb {\n  driver = static\n  args = password=${PASSWORD}\n}`, `userdb {\n  driver = static\n  args = uid=${owner.uid} gid=${owner.gid} home=${folder}/mail/%u\n}`,
    `service imap-login {\n  chroot =\n  inet_listener imap {\n    port = ${port}\n  }\n  inet_listener imaps {\n    port = 0\n  }\n}`, 'service anvil {\n  chroot =\n}', 'namespace inbox {\n  inbox = yes\n}', '',
  ].join('\n'));
  let ended: Promise<void> | null = null, stopServer: (() => void) | null = null;

  async function start(): Promise<void> {
    const child = spawn(program, ['-F', '-c', config], { stdio: 'ignore' });
    ended = new Promise(resolve => { child.once('exit', () => { resolve(); }); });
    stopServer = () => { child.kill('SIGTERM'); };
    const end = Date.now() + PATIENCE_MS;
    while (!await listens(port)) {
      if (Date.now() > end || child.exitCode !== null) throw new Error(`dovecot does not listen: ${spawnSync('tail', ['-5', join(folder, 'dovecot.log')]).stdout}`);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
  async function stop(): Promise<void> {
    stopServer?.();
    await ended;
    [ended, stopServer] = [null, null];
  }

  let delivered = 0;
  await start();
  return {
    url: (user, mailbox = '') => `imap://${encodeURIComponent(user)}:${PASSWORD}@127.0.0.1:${port}/${encodeURIComponent(mailbox)}`,
    deliver(user, content) {
      const box = join(folder, 'mail', user), file = join(box, 'new', `${Date.now()}.${process.pid}_${delivered += 1}.iter`);
      for (const name of ['', 'cur', 'new', 'tmp']) {
        mkdirSync(join(box, name), { recursive: true });
        chownSync(join(box, name), Number(owner.uid), Number(owner.gid));
      }
      writeFileSync(file, content);
      chownSync(file, Number(owner.uid), Number(owner.gid));
    },
    start, stop,
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const idOf = (...options: string[]): string => spawnSync('id', options).stdout.toString().trim();

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('error', () => { resolve(false); });
    socket.once('data', () => { socket.destroy(); resolve(true); });
  });
}
