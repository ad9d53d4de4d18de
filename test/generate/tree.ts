/** A copy of the program in a folder of its own, with the plugins that a test puts there. Packages are those of this installation. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** What a process needs to be loaded, decided and drawn. */
export const CORE = ['engine', 'plugins', 'database', 'worker', 'package.json', 'tsconfig.json'];
/** What it needs to be served. */
export const PROGRAM = [...CORE, 'api', 'activities', 'workflows'];

export interface Tree {
  folder: string;
  path(...parts: string[]): string;
  read(path: string): string;
  write(path: string, text: string): void;
  edit(path: string, change: (text: string) => string): void;
  /** Puts the worked example into plugins/: all but one import of its test is as it lies in test/toys/. */
  addExample(): void;
  run(...args: (string | { env: NodeJS.ProcessEnv })[]): { code: number | null; text: string };
  git(...args: string[]): void;
  /** Every file but the packages, with its content. */
  files(): Map<string, string>;
  remove(): void;
}

/** `plugins`: the folders of plugins/ that it keeps. */
export function copyTree(parts: string[], plugins: string[] = []): Tree {
  const folder = mkdtempSync(join(tmpdir(), 'iter-tree-'));
  for (const part of parts) {
    if (existsSync(join(ROOT, part))) cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: source => !source.endsWith('.test.ts') });
  }
  for (const entry of readdirSync(join(folder, 'plugins'), { withFileTypes: true })) {
    if (entry.isDirectory() && !plugins.includes(entry.name)) rmSync(join(folder, 'plugins', entry.name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir');
  const path = (...names: string[]) => join(folder, ...names);
  const tree: Tree = {
    folder, path,
    read: file => readFileSync(path(file), 'utf8'),
    write: (file, text) => writeFileSync(path(file), text),
    edit: (file, change) => writeFileSync(path(file), change(readFileSync(path(file), 'utf8'))),
    addExample() {
      cpSync(join(ROOT, 'test', 'toys', 'richiestaCertificato'), path('plugins', 'richiesta-certificato'), { recursive: true });
      tree.edit('plugins/richiesta-certificato/scenarios.test.ts', text => text.replace("'../../pureCase.ts'", "'../../test/pureCase.ts'"));
    },
    run(...args) {
      const words = args.filter(word => typeof word === 'string'), more = args.find(word => typeof word !== 'string');
      const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', ...more?.env } });
      return { code: status, text: `${stdout}${stderr}` };
    },
    git(...args) {
      const { status, stderr } = spawnSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false', ...args], { cwd: folder, encoding: 'utf8' });
      if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    },
    files() {
      const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile() && !relative(folder, entry.parentPath).startsWith('node_modules'));
      return new Map(found.map(entry => join(entry.parentPath, entry.name)).map(file => [relative(folder, file), readFileSync(file, 'utf8')]));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return tree;
}
