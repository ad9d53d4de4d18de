/** Released charts never change: the last release's are compared with those of today. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, rmSync } from 'node:fs';
import { copyTree, CORE, type Tree } from './tree.ts';

const HERE = 'plugins/richiesta-certificato';
let tree: Tree;
const check = () => tree.run('worker/commands/checkCharts.ts');

beforeAll(() => {
  tree = copyTree(CORE);
  tree.addExample();
  tree.run('worker/commands/generate.ts');
});
afterAll(() => tree.remove());

describe('released charts', () => {
  it('pass where there is nothing to compare with, and say so', () => {
    expect(check()).toMatchObject({ code: 0, text: expect.stringMatching(/no git clone, or it has no tag/) });
    tree.git('init', '--quiet');
    tree.write('.gitignore', 'node_modules\n');
    tree.git('add', '.');
    tree.git('commit', '--quiet', '-m', 'first');
    expect(check()).toMatchObject({ code: 0, text: expect.stringMatching(/no tag v\*/) });
  });

  it('pass as long as they are what was released', () => {
    tree.git('tag', 'v1.0.0');
    tree.edit(`${HERE}/labels/it.ts`, text => text.replace("presenta: 'Presenta'", "presenta: 'Invia alla scuola'"));
    expect(check()).toMatchObject({ code: 0, text: '1 charts of v1.0.0 compared.\n' });
  });

  it.each<[string, string, (text: string) => string, RegExp]>([
    ['the chart', 'process/machine.ts', text => text.replace("target: 'respinta'", "target: 'rilasciata'"), /version 1, released in v1.0.0, has changed: its chart. Copy plugins\/richiesta-certificato\/process\/ of the release to process-v1\/[\s\S]*raise the version in plugin.ts to 2/],
    ['a command', 'process/commands.ts', text => text.replace("form({ motivo: text('Motivo') })", 'form({})'), /the schema of respingi/],
    ['a rule', 'process/rules.ts', text => text.replace("=== 'privato'", "!== 'nessuna'"), /its sources rules.ts/],
    ['what is sealed', 'plugin.ts', text => text.replace("sealed: ['alunno']", 'sealed: []'), /its drafts or sealed fields/],
  ])('are found changed: %s', (_what, file, change, why) => {
    const before = tree.read(`${HERE}/${file}`);
    tree.edit(`${HERE}/${file}`, change);
    try {
      const { code, text } = check();
      expect(text).toMatch(why);
      expect(code).toBe(1);
    } finally {
      tree.write(`${HERE}/${file}`, before);
    }
  });

  it('pass when the change is a version of its own and the old one is kept, and not when the old one is gone', () => {
    cpSync(tree.path(HERE, 'process'), tree.path(HERE, 'process-v1'), { recursive: true });
    tree.write(`${HERE}/plugin-v1.ts`, tree.read(`${HERE}/plugin.ts`).replaceAll('./process/', './process-v1/').replace('const richiestaCertificato', 'const richiestaCertificatoV1'));
    tree.edit(`${HERE}/plugin.ts`, text => text.replace('version: 1', 'version: 2'));
    tree.edit(`${HERE}/process/rules.ts`, text => text.replace('addDays(today, 30)', 'addDays(today, 15)'));
    expect(check()).toMatchObject({ code: 0 });
    tree.edit(`${HERE}/process-v1/rules.ts`, text => text.replace('addDays(today, 30)', 'addDays(today, 15)'));
    expect(check()).toMatchObject({ code: 1, text: expect.stringMatching(/version 1, .* its sources rules.ts. Undo it/) });
    rmSync(tree.path(HERE, 'plugin-v1.ts'));
    expect(check()).toMatchObject({ code: 1, text: expect.stringMatching(/version 1, .* is gone: cases that began with it could not go on/) });
  });
});
