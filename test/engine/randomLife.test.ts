/**
 * Random lives of a case whose chart does everything at once: whatever people, deadlines, answers and operators do, in whatever order, the rows
 * agree with the chart, readers foresee what the next commit finds, and the history folds again to the row. Finds what no table of cases thinks of.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { activeInvokes } from '../../engine/decide/compile.ts';
import { restore } from '../../engine/decide/decide.ts';
import { refold } from '../../engine/history/refold.ts';
import { verifyExport } from '../../engine/history/verifyExport.ts';
import { labirinto } from '../toys/labirinto.ts';
import { codeOf, give, newCase, openEngine, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([labirinto], { read: 2, commit: 4, worker: 2 }); });
afterAll(async () => { await opened.close(); });

const COMMANDS = Object.keys(labirinto.commands);
const operator = { kind: 'user' as const, id: 'admin', role: 'admin' };

type Act = { does: 'command'; command: string; text: string } | { does: 'together'; commands: string[] } | { does: 'deadline'; which: number; apply: boolean } | { does: 'outcome'; which: number; ok: boolean; value: number } | { does: 'begin'; which: number } | { does: 'park'; which: number } | { does: 'resolve'; which: number; recorded: boolean };
const which = fc.nat({ max: 20 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant('command' as const), command: fc.constantFrom(...COMMANDS.filter(name => name !== 'archivia')), text: fc.string({ maxLength: 8 }).filter(text => text.isWellFormed() && !text.includes('\u0000')) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('together' as const), commands: fc.array(fc.constantFrom(...COMMANDS.filter(name => name !== 'archivia')), { minLength: 2, maxLength: 5 }) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('deadline' as const), which, apply: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('outcome' as const), which, ok: fc.boolean(), value: fc.nat({ max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('begin' as const), which }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('park' as const), which }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('resolve' as const), which, recorded: fc.boolean() }) },
);

const rowsOf = async (id: string, where: string) => (await opened.admin.query(`select id, kind, node, mode, state, due_at from agenda where case_id = $1 and ${where} order by id`, [id])).rows;
const pick = <T>(list: T[], which: number): T | undefined => list[which % Math.max(1, list.length)];

async function perform(id: string, doing: Act): Promise<void> {
  switch (doing.does) {
    case 'command': return void expect(['ok', 'command-not-allowed', 'invalid', 'too-many-requests']).toContain(await codeOf(give(opened, id, doing.command, { testo: doing.text })));
    case 'together': return void await Promise.all(doing.commands.map(command => codeOf(give(opened, id, command))));
    case 'deadline': {
      const row = pick(await rowsOf(id, `kind = 'deadline' and state = 'due'`), doing.which);
      if (!row) return;
      // As if that many days had passed for this one.
      await opened.admin.query(`update agenda set due_at = date_trunc('milliseconds', clock_timestamp()) - interval '1 hour' where id = $1`, [row.id]);
      await opened.admin.query(`update cases set next_due = (select min(due_at) from agenda where case_id = $1 and kind = 'deadline' and state = 'due') where id = $1`, [id]);
      if (!doing.apply) return;
      const foreseen = (await opened.engine.readCase(id, ['S1']))!;
      await opened.engine.applyDeadlines(id, null);
      const found = (await opened.engine.readCase(id, ['S1']))!;
      for (const field of ['version', 'state', 'stateName', 'row', 'draft'] as const) expect([field, foreseen[field]]).toEqual([field, found[field]]);
      const summary = ({ agenda }: typeof found) => agenda.map(({ kind, name, node, state, due_at }) => [kind, name, node, state, kind === 'deadline' ? due_at.toISOString() : ''].join(' ')).sort();
      expect(summary(foreseen)).toEqual(summary(found));
      return;
    }
    case 'outcome': {
      const row = pick(await rowsOf(id, `kind = 'effect'`), doing.which);
      if (row) await opened.engine.recordOutcomes(id, [{ effectId: row.id, ok: doing.ok, result: { n: doing.value }, execution: null }]);
      return;
    }
    case 'begin': {
      const row = pick(await rowsOf(id, `kind = 'effect' and state = 'due'`), doing.which);
      if (row) await opened.admin.query(`update agenda set state = 'begun', attempts = attempts + 1 where id = $1`, [row.id]);
      return;
    }
    case 'park': {
      const row = pick(await rowsOf(id, `kind = 'effect' and state in ('due','begun')`), doing.which);
      if (row) await opened.engine.parkEffect(id, row.id, 'prova');
      return;
    }
    case 'resolve': {
      const { rows } = await opened.admin.query('select id from incidents where case_id = $1 and resolved_at is null order by id', [id]);
      const incident = pick(rows, doing.which);
      if (incident) await opened.engine.resolveIncident({ incidentId: incident.id, actor: operator, key: randomUUID(), reason: 'prova', ...(doing.recorded ? { outcome: { ok: true, result: { mano: 1 } } } : {}) });
      return;
    }
  }
}

async function assertRowsAgree(id: string): Promise<void> {
  const { rows: [row] } = await opened.admin.query('select c.*, (select array_agg(distinct a.state) from case_access a where a.case_id = c.id) as listed, (select count(*)::int from history where case_id = c.id) as entries, (select max(version) from history where case_id = c.id) as last from cases c where id = $1', [id]);
  const record = (await opened.engine.readCaseAsSystem(id))!;
  const snapshot = restore(record.process, record.state);
  const deadlines = await rowsOf(id, `kind = 'deadline' and state = 'due'`);
  const bound = await rowsOf(id, `mode = 'bound' and state in ('due','begun','performed','parked')`);
  const armable = row.done ? [] : snapshot._nodes.flatMap(node => Object.keys((node.config as any).after ?? {}).map(name => `xstate.after.${name}.${node.id}`));
  const alive = row.done ? [] : activeInvokes(snapshot._nodes).map(invoke => invoke.id);
  expect({ seq: row.seq, version: row.version, listed: row.listed, nextDue: row.next_due }).toEqual({ seq: row.entries, version: row.last, listed: [row.state], nextDue: deadlines.map(({ due_at }) => due_at).sort((a, b) => a - b)[0] ?? null });
  for (const [rows, allowed] of [[deadlines, armable], [bound, alive]] as const) {
    const nodes = rows.map(({ node }) => node);
    expect(nodes.filter(node => !allowed.includes(node))).toEqual([]);
    expect(new Set(nodes).size).toBe(nodes.length);
  }
}

it('whatever happens, the rows agree with the chart, and the history proves and folds again to them', async () => {
  const parameters = { numRuns: Number(process.env['ITER_RUNS'] ?? 25), endOnFailure: true };
  await fc.assert(fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), fc.boolean(), async (acts, archive) => {
    const id = await newCase(opened, 'labirinto');
    for (const doing of [{ does: 'command', command: 'entra', text: '' } satisfies Act, ...acts]) {
      await perform(id, doing);
      await assertRowsAgree(id);
    }
    if (archive) {
      await opened.engine.applyDeadlines(id, null);
      for (const command of ['esci', 'archivia']) await codeOf(give(opened, id, command));
      await assertRowsAgree(id);
    }
    const { document } = (await opened.engine.exportHistory(id, ['S1']))!;
    expect(verifyExport(document).filter(({ result }) => result === 'broken')).toEqual([]);
    const { result, said } = refold(document, opened.engine.processes);
    if (result !== 'ok') throw new Error(said);
  }), parameters);
}, 180_000);
