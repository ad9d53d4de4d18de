/**
 * The one way into Iter from a fresh clone: plain JavaScript that any Node from 20 can read.
 * It installs what package-lock.json asks for, then runs the command with the Node 24 that came with it.
 *
 *   node worker/bootstrap.mjs <entry.ts | tool> [arguments]
 *
 * Nothing is written to stdout, so that a command's output can be used by scripts.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.iter-installed');
const bin = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const LEAST_NODE = 20;
const PARENT_POLL_MS = 500;

/** Tools of node_modules that a script may name, with the flags that Node needs for them. */
const tools = {
  jest: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
  eslint: ['node_modules/eslint/bin/eslint.js'],
  tsc: ['node_modules/@typescript/compiler/bin/tsc'],
};

function fail(message) {
  process.stderr.write(`iter: ${message}\n`);
  process.exit(1);
}

/** Signals reach the child too (a terminal sends them to the whole group); the child decides when to end. */
function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, ...options });
    // npm killed without a signal that it could hand on: the command is over. Started by hand, a parent may leave.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      child.kill('SIGTERM');
    }, PARENT_POLL_MS).unref();
    if (!process.env.npm_lifecycle_event) clearInterval(watch);
    const forward = (signal) => child.kill(signal);
    // In a terminal the group has had Ctrl-C already: a second SIGINT would mean "force".
    process.on('SIGINT', () => process.stdin.isTTY || forward('SIGINT'));
    process.on('SIGTERM', () => forward('SIGTERM'));
    process.on('SIGHUP', () => forward('SIGHUP'));
    child.on('error', (error) => resolve({ code: 127, error }));
    child.on('exit', (code, signal) => resolve({ code: signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1) }));
  });
}

function lockDigest() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(`${process.platform} ${process.arch}`).digest('hex');
}

/** The stamp answers at once; without it npm's own record decides, so that a plain `npm install` is recognised too. */
function isInstalled(digest) {
  if (!existsSync(bin)) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return true;
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages);
  const matches = wanted.every(([path, { version, integrity, optional }]) => {
    const found = installed[path];
    // Optional packages are those of other platforms.
    if (path === '' || (!found && optional)) return true;
    return found?.version === version && found?.integrity === integrity;
  });
  if (matches) writeFileSync(stamp, digest);
  return matches;
}

/** Waits while another command of this folder installs: two `npm ci` at once would remove each other's files. */
async function withInstallLock(work) {
  const lock = join(root, '.installing');
  let told = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`this folder cannot be written: ${error.message}`);
      // Empty or gone: its holder is just writing or removing it.
      const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
      if (holder && !isRunning(holder)) {
        rmSync(lock, { force: true });
        continue;
      }
      if (!told) process.stderr.write('Another command is installing the packages: waiting for it …\n');
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  process.on('exit', () => rmSync(lock, { force: true }));
  await work();
  rmSync(lock, { force: true });
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function install(digest) {
  process.stderr.write('Installing packages (first time, or package-lock.json changed): about a minute …\n');
  const began = Date.now();
  const ticker = setInterval(() => {
    process.stderr.write(`  … still installing, ${Math.round((Date.now() - began) / 1000)} s\n`);
  }, 10_000);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // npm's own output goes to stderr: stdout belongs to the command.
  const { code, error } = await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  clearInterval(ticker);
  if (error) fail(`npm was not found (${error.message}). Install Node.js with npm, then try again.`);
  if (code !== 0) {
    fail('the packages could not be installed (npm says why above). Is the network, or the npm registry, reachable? Then try again.');
  }
  if (!existsSync(bin)) {
    fail('npm did not run the install script of the package "node". Allow install scripts (npm config delete ignore-scripts), then try again.');
  }
  writeFileSync(stamp, digest);
  process.stderr.write(`Packages installed in ${Math.round((Date.now() - began) / 1000)} s.\n`);
}

const [entry, ...args] = process.argv.slice(2);
const major = Number(process.versions.node.split('.')[0]);
if (major < LEAST_NODE) fail(`Node ${LEAST_NODE} or newer is needed to begin; this is ${process.version}.`);
if (!entry) fail('nothing to run: node worker/bootstrap.mjs <entry.ts | jest | eslint | tsc> [arguments]');

const digest = lockDigest();
if (!isInstalled(digest)) await withInstallLock(() => isInstalled(digest) || install(digest));

if (!(entry in tools) && !existsSync(join(root, entry))) fail(`there is no ${entry} in this version.`);
const { code, error } = await run(bin, [...(tools[entry] ?? [entry]), ...args], {
  stdio: 'inherit',
  env: { ...process.env, ITER_PARENT: String(process.pid), PATH: `${dirname(bin)}${delimiter}${process.env.PATH ?? ''}` },
});
if (error) fail(`Node 24 of node_modules does not start: ${error.message}. Delete node_modules and try again.`);
process.exit(code);
