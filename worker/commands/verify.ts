/** `npm run verify`: everything that can be said about the code without running it. Each check runs even if one fails. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { printLine } from '../progress.ts';

const root = join(import.meta.dirname, '..', '..');
const FOLDERS = ['activities', 'api', 'bench', 'database', 'engine', 'plugins', 'test', 'worker', 'workflows'];

const CHECKS: { name: string; script: string; args: string[] }[] = [
  { name: 'types', script: 'node_modules/@typescript/compiler/bin/tsc', args: [] },
  { name: 'lint', script: 'node_modules/eslint/bin/eslint.js', args: ['.', '--max-warnings=0'] },
  { name: 'imports', script: 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', args: ['--config', '.dependency-cruiser.js', '--output-type', 'err-long', ...FOLDERS] },
  { name: 'generated files', script: 'worker/commands/generate.ts', args: ['--check'] },
  { name: 'released charts', script: 'worker/commands/checkCharts.ts', args: [] },
  { name: 'unused code', script: 'node_modules/knip/bin/knip.js', args: [] },
];

const failed = CHECKS.filter(({ name, script, args }) => {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  printLine(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  if (status !== 0) printLine(`${stdout}${stderr}`.trimEnd());
  return status !== 0;
});

if (failed.length > 0) {
  printLine(`\nNot right: ${failed.map((check) => check.name).join(', ')}.`);
  process.exit(1);
}
