/**
 * `npm run generate [-- --check]`: writes what follows from the plugins: their registry, the diagrams of their READMEs,
 * their charts, docs/openapi.json. With `--check` nothing is written: the command fails and shows what is out of date.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from '../generate/generatedFiles.ts';

/** Answers the exit code. */
export async function generate(root: string, { check }: { check: boolean }, print: (line: string) => void): Promise<number> {
  const { files, problems } = await generatedFiles(root);
  let changed = 0;
  for (const [path, content] of files) {
    const file = join(root, path), now = existsSync(file) ? readFileSync(file, 'utf8') : null;
    if (now === content) continue;
    changed += 1;
    if (check) print(`${path} is out of date:\n${difference(now ?? '', content)}`);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.tmp`, content);
      renameSync(`${file}.tmp`, file);
      print(`${now === null ? 'made   ' : 'changed'} ${path}`);
    }
  }
  for (const problem of problems) print(problem);
  if (check && changed > 0) print('\nRun: npm run generate');
  else if (changed === 0 && problems.length === 0) print(`All ${files.size} generated files are up to date.`);
  return problems.length > 0 || check && changed > 0 ? 1 : 0;
}

const SHOWN = 3;

/** The first lines that differ, with the line before them. */
function difference(now: string, wanted: string): string {
  const has = now.split('\n'), needs = wanted.split('\n');
  const first = needs.findIndex((line, i) => line !== has[i]), at = first < 0 ? needs.length : first;
  const short = (sign: string, lines: string[]) => lines.slice(at, at + SHOWN).map(line => `  ${sign} ${line.length > 160 ? `${line.slice(0, 160)}…` : line}`);
  return [`  @@ line ${at + 1}`, ...(at > 0 ? [`    ${needs[at - 1]!.slice(0, 160)}`] : []), ...short('-', has), ...short('+', needs)].join('\n');
}

if (import.meta.main) process.exitCode = await generate(join(import.meta.dirname, '..', '..'), { check: process.argv.includes('--check') }, line => console.log(line));
