/** `npm run generate`: what follows from the folders of plugins/ is written, and `--check` shows what is out of date. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { copyTree, CORE, type Tree } from './tree.ts';

const HERE = 'plugins/richiesta-certificato';
let tree: Tree;

beforeAll(() => {
  tree = copyTree(CORE);
  tree.addExample();
});
afterAll(() => tree.remove());

const generate = (...args: string[]) => tree.run('worker/commands/generate.ts', ...args);
/** Changes one file for the time of a test. */
function having(path: string, change: (text: string) => string, work: () => void): void {
  const before = tree.read(path);
  tree.edit(path, change);
  try { work(); } finally { tree.write(path, before); }
}

describe('generate', () => {
  it('makes the registry, the chart and the diagram from a folder alone', () => {
    expect(generate()).toMatchObject({ code: 0, text: expect.stringMatching(/changed plugins\/registry.ts\nmade {4}plugins\/richiesta-certificato\/chart.v1.json\nchanged plugins\/richiesta-certificato\/README.md/) });
    expect(tree.read('plugins/registry.ts')).toContain("import { richiestaCertificato } from './richiesta-certificato/plugin.ts';\n\nexport const plugins: Plugin[] = [richiestaCertificato];");
    expect(tree.read(`${HERE}/README.md`)).toMatch(/<!-- diagram -->\n```mermaid\nstateDiagram-v2\n {2}\[\*\] --> bozza\n[\s\S]*presentata --> inRitardo : ⏱ Termine per il rilascio ✉ Promemoria del termine\n[\s\S]*```\n<!-- \/diagram -->\n$/);
    expect(JSON.parse(tree.read(`${HERE}/chart.v1.json`))).toMatchObject({
      process: 'richiesta-certificato', version: 1, machine: { initial: 'bozza' }, commands: { respingi: { required: ['motivo'] } }, sealed: ['alunno'],
      sources: { 'commands.ts': expect.stringMatching(/^[0-9a-f]{64}$/), 'machine.ts': expect.anything(), 'rules.ts': expect.anything(), 'types.ts': expect.anything() },
    });
    expect(generate()).toMatchObject({ code: 0, text: expect.stringMatching(/^All \d generated files are up to date/) });
    expect(generate('--check')).toMatchObject({ code: 0 });
  });

  it('--check writes nothing and shows where each file differs', () => {
    having(`${HERE}/labels/it.ts`, text => text.replace("presenta: 'Presenta'", "presenta: 'Invia alla scuola'"), () => {
      const { code, text } = generate('--check');
      expect(code).toBe(1);
      expect(text).toMatch(/README.md is out of date:\n {2}@@ line \d+\n[\s\S]* - .*: Presenta\n[\s\S]* \+ .*: Invia alla scuola\n[\s\S]*Run: npm run generate/);
      expect(text).not.toMatch(/chart.v1/);
    });
    expect(generate('--check')).toMatchObject({ code: 0 });
  });

  it.each<[string, string, (text: string) => string, RegExp]>([
    ['a second export', 'plugin.ts', text => `${text}export const again = 1;\n`, /plugin.ts: must export exactly `richiestaCertificato`, not again, richiestaCertificato/],
    ['an export of another name', 'plugin.ts', text => text.replace('const richiestaCertificato', 'const certificato'), /must export exactly `richiestaCertificato`, not certificato/],
    ['a plugin that nobody checked', 'plugin.ts', text => text.replace(' definePlugin<Contesto>(', ' (').replace(/^import \{ definePlugin.*\n/m, ''), /must be made by definePlugin/],
    ['a process of another name', 'plugin.ts', text => text.replace("process: 'richiesta-certificato'", "process: 'certificati'"), /is the process "certificati" in a folder of another name/],
    ['a missing label', 'labels/it.ts', text => text.replace("respinta: 'Respinta'", ''), /label it.states.respinta is missing/],
    ['a plugin that does not load', 'plugin.ts', text => text.replace('./projection.ts', './projections.ts'), /plugin.ts: cannot be loaded: .*projections.ts/],
    ['a README without a place for the diagram', 'README.md', text => text.replace('<!-- diagram -->', ''), /README.md: needs the lines "<!-- diagram -->"/],
  ])('tells its author about %s', (_what, file, change, why) => {
    having(`${HERE}/${file}`, change, () => expect(generate('--check')).toMatchObject({ code: 1, text: expect.stringMatching(why) }));
  });

  it('registers the versions that running cases keep, and wants the newest in plugin.ts', () => {
    cpSync(tree.path(HERE, 'process'), tree.path(HERE, 'process-v1'), { recursive: true });
    tree.write(`${HERE}/plugin-v1.ts`, tree.read(`${HERE}/plugin.ts`).replaceAll('./process/', './process-v1/').replace('const richiestaCertificato', 'const richiestaCertificatoV1'));
    try {
      having(`${HERE}/plugin.ts`, text => text.replace('version: 1', 'version: 2'), () => {
        expect(generate()).toMatchObject({ code: 0 });
        expect(tree.read('plugins/registry.ts')).toContain('[richiestaCertificatoV1, richiestaCertificato]');
        expect(JSON.parse(tree.read(`${HERE}/chart.v2.json`)).version).toBe(2);
      });
      expect(generate('--check').text).toMatch(/plugin-v1.ts and plugin.ts are both version 1: raise the one in plugin.ts/);
    } finally {
      for (const name of ['process-v1', 'plugin-v1.ts', 'chart.v2.json']) rmSync(tree.path(HERE, name), { recursive: true, force: true });
    }
    expect(generate()).toMatchObject({ code: 0 });
    expect(existsSync(tree.path(HERE, 'chart.v1.json'))).toBe(true);
  });
});
