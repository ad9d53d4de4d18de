/**
 * docs/add-a-process.md, proven: a folder that was never here is put into plugins/ of a copy of the program, and is served by the real
 * API, engine, worker and mail, with nothing changed outside it but what `npm run generate` writes.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree, PROGRAM, type Tree } from './generate/tree.ts';
import { createTestDatabase, testServers, type TestDatabase } from './environment/servers.ts';
import { readMailIndex } from '../worker/embedded/mail.ts';

const HERE = 'plugins/richiesta-certificato/';
const SCHOOL = 'BAIC818001';
const REQUEST = { alunno: { nome: 'Anna', cognome: 'Rossi', classe: '2B' }, tipo: 'frequenza', destinazione: 'pubblicaAmministrazione' };

let tree: Tree, database: TestDatabase, installation: Installation;

beforeAll(async () => {
  database = await createTestDatabase();
  tree = copyTree([...PROGRAM, 'docs'], ['fondo-istruzione-domiciliare', 'istruzione-domiciliare']);
});
afterAll(async () => {
  await installation?.stop();
  await database.drop();
  tree.remove();
}, 60_000);

describe('a process is one folder', () => {
  it('which the generator finds: nothing else is changed but what is generated', () => {
    tree.run('worker/commands/generate.ts');
    const before = tree.files();
    tree.addExample();
    expect(tree.run('worker/commands/generate.ts')).toMatchObject({ code: 0 });
    const changed = [...tree.files()].filter(([file, text]) => !file.startsWith(HERE) && before.get(file) !== text).map(([file]) => file);
    expect(changed.sort()).toEqual(['docs/openapi.json', 'plugins/registry.ts']);
    expect(tree.read('docs/openapi.json')).toContain('richiesta-certificato');
  });

  it('which the conformance tests find, and whose own scenarios run', () => {
    const bare = copyTree([...PROGRAM, 'test', 'bench', 'jest.config.js']);
    try {
      bare.addExample();
      bare.run('worker/commands/generate.ts');
      copyFileSync(join(import.meta.dirname, 'conformance.test.ts'), bare.path('test', 'conformance.test.ts'));
      const { code, text } = bare.run('--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'test/conformance.test.ts', `${HERE}scenarios`, { env: { ITER_TEST_PURE: '1' } });
      expect(text).toMatch(/PASS plugins\/richiesta-certificato\/scenarios.test.ts/);
      expect(text).toMatch(/PASS test\/conformance.test.ts/);
      expect(code).toBe(0);
    } finally {
      bare.remove();
    }
  }, 120_000);

  it('which an installation serves: seen only by its author until it is presented, refused by its rule, issued, and told by mail', async () => {
    installation = await Installation.start(tree, database.url);
    const family = installation.as('famiglia.rossi'), school = installation.as('segreteria.bari'), other = installation.as('segreteria.milano');

    const process = await family('GET', '/processes/richiesta-certificato');
    expect(process).toMatchObject({ status: 200, body: { process: 'richiesta-certificato', label: 'Richiesta di certificato', diagram: expect.stringMatching(/presentata --> inRitardo : ⏱ Termine per il rilascio/) } });

    const made = await family('POST', '/processes/richiesta-certificato/cases', { data: REQUEST, parties: { scuola: SCHOOL } });
    expect(made).toMatchObject({ status: 201, body: { state: 'bozza', stateLabel: 'Bozza', data: { alunno: REQUEST.alunno } } });
    const id = made.body.id as string, commands = `/cases/${id}/commands`;
    expect(await school('GET', `/cases/${id}`)).toMatchObject({ status: 404 });

    expect(await family('POST', `${commands}/correggi`, { alunno: { ...REQUEST.alunno, classe: '9Z' } })).toMatchObject({ status: 422, body: { code: 'invalid', errors: [{ pointer: '/alunno/classe' }] } });
    expect(await family('POST', `${commands}/presenta`, {})).toMatchObject({ status: 422, body: { detail: expect.stringMatching(/solo tra privati: per pubblicaAmministrazione/) } });
    expect(await family('POST', `${commands}/correggi`, { destinazione: 'privato' })).toMatchObject({ status: 200 });
    expect(await family('POST', `${commands}/presenta`, {})).toMatchObject({ status: 200, body: { state: 'presentata', agenda: { deadlines: [{ name: 'termineRilascio', rule: expect.stringMatching(/241\/1990/) }] } } });

    expect(await other('GET', `/cases/${id}`)).toMatchObject({ status: 404 });
    expect(await family('POST', `${commands}/rilascia`, {})).toMatchObject({ status: 403 });
    const issued = await school('POST', `${commands}/rilascia`, {});
    expect(issued).toMatchObject({ status: 200, body: { state: 'rilasciata', done: true, number: expect.stringMatching(/^\d{4}\/0001$/) } });
    expect(await school('POST', `${commands}/respingi`, { motivo: 'tardi' })).toMatchObject({ status: 409 });
    expect(await school('GET', `/cases?q=${encodeURIComponent(issued.body.number)}`)).toMatchObject({ status: 200, body: { items: [{ id }] } });

    const subject = 'Certificato di frequenza - rilasciato';
    await until(() => readMailIndex(testServers().mail).filter(mail => mail.subject === subject).flatMap(({ to }) => to).sort(), [`${SCHOOL.toLowerCase()}@pec.example.org`, 'famiglia.rossi@example.org']);
  }, 180_000);

  it('whose history is exported and folds again offline', async () => {
    const school = installation.as('segreteria.bari');
    const { body: { items: [{ id }] } } = await school('GET', '/cases?process=richiesta-certificato');
    const exported = await school('GET', `/cases/${id}/history/export`);
    writeFileSync(tree.path('export.json'), JSON.stringify(exported.body));
    const { code, text } = tree.run('worker/commands/verifyHistory.ts', 'export.json', ...(exported.body.withheld.length === 0 ? ['--refold'] : []));
    expect(text).toMatch(/✓ chain/);
    expect(code).toBe(0);
  });
});

type Answer = { status: number; body: any };

/** `npm start` in the copy, on the database and the servers of the test run. */
class Installation {
  private readonly tree: Tree;
  private readonly child: ChildProcess;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly tokens = new Map<string, string>();
  private base = '';
  private output = '';

  private constructor(where: Tree, databaseUrl: string) {
    this.tree = where;
    this.environment = {
      ...process.env, NODE_OPTIONS: '', DATABASE_URL: databaseUrl, ITER_HOME: where.path('.iter'), ITER_DEMO: '1', PORT: '0', LOG_LEVEL: 'error',
      // A namespace of its own: no other test's worker takes its tasks.
      TEMPORAL_NAMESPACE: `nuovo-${randomUUID()}`,
    };
    this.child = spawn(process.execPath, ['worker/main.ts'], { cwd: where.folder, env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout!, this.child.stderr!]) stream.on('data', chunk => { this.output += String(chunk); });
  }

  static async start(where: Tree, databaseUrl: string): Promise<Installation> {
    const made = new Installation(where, databaseUrl);
    await until(() => {
      if (made.child.exitCode !== null) throw new Error(made.output);
      made.base = /Iter is ready: (http:\S+)/.exec(made.output)?.[1] ?? '';
      return made.base !== '';
    }, true);
    return made;
  }

  as(username: string): (method: string, path: string, body?: unknown) => Promise<Answer> {
    return async (method, path, body) => {
      if (!this.tokens.has(username)) this.tokens.set(username, this.tokenOf(username));
      const response = await fetch(`${this.base}/api/v1${path}`, {
        method, headers: { authorization: `Bearer ${this.tokens.get(username)}`, 'idempotency-key': randomUUID(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    };
  }

  private tokenOf(username: string): string {
    const { code, text } = this.tree.run('worker/commands/token.ts', username, { env: this.environment });
    if (code !== 0) throw new Error(text);
    return text.trim();
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = new Promise(resolve => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await gone;
  }
}

/** Waits until `look` answers what is expected; the test's own time limit ends it. */
async function until<T>(look: () => T, expected: T): Promise<void> {
  for (let seen = look(), tries = 0; JSON.stringify(seen) !== JSON.stringify(expected); seen = look(), tries += 1) {
    if (tries > 600) expect(seen).toEqual(expected);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}
