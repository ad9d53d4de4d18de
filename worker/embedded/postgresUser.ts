/**
 * PostgreSQL refuses to run as root. Where Iter itself does (a container), its PostgreSQL runs as an ordinary user of
 * the system: `postgres` if there is one, else `nobody`. No user is created.
 */
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';

/** How to start a program of PostgreSQL, and who must own its files. */
export type PostgresUser = {
  /** `undefined`: the user that runs Iter. */
  uid: number | undefined;
  gid: number | undefined;
  /** What goes before the command. */
  wrap: (command: string, args: string[]) => { command: string; args: string[] };
};

const asIs: PostgresUser['wrap'] = (command, args) => ({ command, args });

/**
 * The user for a data folder and a program. Root's own folders are often closed to everyone else (/root is): then the
 * user is given the right to pass through them (CAP_DAC_OVERRIDE, by setpriv), if the system allows it.
 */
export function postgresUser(folder: string, program: string): PostgresUser {
  if (process.getuid?.() !== 0) return { uid: undefined, gid: undefined, wrap: asIs };
  const ids = findIds('postgres') ?? findIds('nobody');
  if (!ids) throw new Error('PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody". Run Iter as an ordinary user, or create one: useradd --system postgres');
  const canReach = spawnSync('/bin/sh', ['-c', 'cd "$1" && test -x "$2"', 'sh', folder, program], { ...ids, stdio: 'ignore' });
  if (canReach.status === 0) return { ...ids, wrap: asIs };

  const wrap: PostgresUser['wrap'] = (command, args) => ({
    command: 'setpriv',
    args: [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups', '--inh-caps=+dac_override', '--ambient-caps=+dac_override', command, ...args],
  });
  const { command, args } = wrap(program, ['--version']);
  if (spawnSync(command, args, { stdio: 'ignore' }).status !== 0) {
    throw new Error(
      `PostgreSQL does not run as root, and the user it runs as instead cannot reach ${folder} or ${program}.\n` +
        'Run Iter as an ordinary user, or keep it in a folder that others may enter (/srv/iter rather than /root/iter).',
    );
  }
  // setpriv changes the user itself: it must still be root when it is started.
  return { ...ids, wrap };
}

/** Gives a file or folder to the user of PostgreSQL. */
export function giveTo(user: PostgresUser, path: string): void {
  if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
}

/** The ids to spawn with: none when a wrapper changes the user. */
export function spawnIds(user: PostgresUser): { uid?: number; gid?: number } {
  return user.uid === undefined || user.gid === undefined || user.wrap !== asIs ? {} : { uid: user.uid, gid: user.gid };
}

function findIds(name: string): { uid: number; gid: number } | undefined {
  const read = (flag: string) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : undefined;
  };
  const uid = read('-u');
  const gid = read('-g');
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}
