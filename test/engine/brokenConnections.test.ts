/**
 * PostgreSQL restarts, a network drops, a COMMIT's answer is lost: what was acknowledged is there exactly once, what was not is either there or
 * not, and the same key tells which. A broken connection must neither end the program nor leave a command half done.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { verifyHistory } from '../../engine/history/read.ts';
import { Problem } from '../../engine/problems.ts';
import { registro } from '../toys/registro.ts';
import { yardstick } from '../toys/yardstick.ts';
import { catena } from '../toys/catena.ts';
import { codeOf, entries, give, makeDue, newCase, openEngine, problemOf, sleep, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([yardstick, registro, catena], { read: 4, commit: 6, worker: 2 }); });
afterAll(async () => { await opened.close(); });

const killAll = () => opened.admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'iter_commit'`);
const inIstruttoria = async () => {
  const id = await newCase(opened, 'yardstick');
  await give(opened, id, 'presenta');
  return id;
};

/** From now on the next commit of `pool` breaks its connection at `where`. */
function breakNext(pool: pg.Pool, where: 'before commit' | 'after commit' | 'at begin', times = 1): void {
  const connect = pool.connect.bind(pool);
  let left = times;
  pool.connect = (async () => {
    const client = await connect() as any;
    if (left <= 0) return client;
    left -= 1;
    const { query } = client;
    client.query = function broken(...args: any[]) {
      const text = typeof args[0] === 'string' ? args[0] : args[0].text;
      if (where === 'at begin' && text === 'begin' || where === 'before commit' && text === 'commit') {
        client.query = query;
        client.connection.stream.destroy();
        return query.apply(client, args);
      }
      if (where === 'after commit' && text === 'commit') {
        client.query = query;
        return query.apply(client, args).then(() => { client.connection.stream.destroy(); throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' }); });
      }
      return query.apply(client, args);
    };
    return client;
  }) as never;
}

describe('a connection that breaks', () => {
  it.each(['at begin', 'before commit', 'after commit'] as const)('%s once: the command is done once, and answered', async where => {
    const id = await inIstruttoria();
    const other = opened.another();
    await other.engine.processOf(id);
    breakNext(other.pools.commit, where);
    const answer = await give({ ...opened, engine: other.engine }, id, 'integra');
    // Its own first attempt may have been committed: then the answer is that of a repeat.
    expect([answer.version, answer.record.state.context['conteggio'], answer.repeated]).toEqual([3, 2, where === 'after commit']);
    expect(await entries(opened, id)).toHaveLength(3);
  });
  it.each(['at begin', 'before commit', 'after commit'] as const)('%s twice: 503, and the same key tells what became of it', async where => {
    const id = await inIstruttoria();
    const other = opened.another();
    await other.engine.processOf(id);
    breakNext(other.pools.commit, where, 2);
    const attempt = await give({ ...opened, engine: other.engine }, id, 'integra', {}, opened.people.segreteria, { key: 'k' }).catch(error => error);
    // After a lost COMMIT the repeat only reads, and that commit may be lost as well.
    expect(attempt).toMatchObject({ code: 'unavailable', members: { retryAfter: 2 } });
    const again = await give(opened, id, 'integra', {}, opened.people.segreteria, { key: 'k' });
    expect([again.version, again.repeated]).toEqual([3, where === 'after commit']);
    expect(await entries(opened, id)).toHaveLength(3);
  });
  it('after a refusal was committed gives that refusal, and records it once', async () => {
    const id = await inIstruttoria();
    const other = opened.another();
    await other.engine.processOf(id);
    breakNext(other.pools.commit, 'after commit');
    expect(await codeOf(give({ ...opened, engine: other.engine }, id, 'presenta'))).toBe('command-not-allowed');
    expect((await entries(opened, id)).filter(({ kind }) => kind === 'refused')).toHaveLength(1);
  });
  it('after a case was made gives that case', async () => {
    const other = opened.another();
    breakNext(other.pools.commit, 'after commit');
    const { record, repeated } = await other.engine.createCase({ process: 'yardstick', data: {}, parties: { polo: 'P1' }, caller: opened.people.segreteria, key: randomUUID() });
    expect(repeated).toBe(true);
    expect(await entries(opened, record.state.id)).toHaveLength(1);
  });
  it('after an attachment was stored gives that attachment', async () => {
    // Yardstick takes none: the refusal (a role that may not) is what is repeated here.
    const id = await inIstruttoria();
    const other = opened.another();
    breakNext(other.pools.commit, 'after commit');
    expect(await codeOf(other.engine.attach({ caseId: id, kind: 'x', name: 'n', mediaType: 'm', content: Buffer.from('c'), caller: opened.people.segreteria, key: 'k' }))).toBe('invalid');
  });
  it('while deadlines are applied applies them once', async () => {
    const id = await inIstruttoria();
    await makeDue(opened, id, '2026-01-01T00:00:00Z');
    const other = opened.another();
    breakNext(other.pools.commit, 'after commit');
    await other.engine.applyDeadlines(id, null);
    expect((await entries(opened, id)).filter(({ kind }) => kind === 'deadline')).toHaveLength(1);
  });
  it('while it lies idle is noticed and replaced', async () => {
    const id = await inIstruttoria();
    await killAll();
    await sleep(50);
    for (let i = 0; i < 10; i += 1) expect(await codeOf(give(opened, id, 'integra'))).toBe('ok');
  });
});

describe('a database that is away', () => {
  it('gives 503 to every kind of request, within seconds', async () => {
    const id = await inIstruttoria();
    const away = opened.another({ port: 1 });
    const requests = [give({ ...opened, engine: away.engine }, id, 'integra'), away.engine.readCase(id, ['S1']), away.engine.readHistory(id, ['S1']), newCase({ ...opened, engine: away.engine }, 'yardstick')];
    for (const request of requests) expect((await problemOf(request)).code).toBe('unavailable');
  }, 30_000);
  it('too slow for a statement gives 503, not a broken plugin or a bare error', async () => {
    await opened.admin.query(`create function very_slow() returns trigger language plpgsql as $$ begin if new.name = 'concedi' then perform pg_sleep(8); end if; return new; end $$`);
    await opened.admin.query('create trigger very_slow before insert on history for each row execute function very_slow()');
    const id = await inIstruttoria();
    expect((await problemOf(give(opened, id, 'concedi', {}, opened.people.segreteria, { key: 'k' })))).toMatchObject({ code: 'unavailable' });
    await opened.admin.query('drop trigger very_slow on history');
    expect(await give(opened, id, 'concedi', {}, opened.people.segreteria, { key: 'k' })).toMatchObject({ repeated: false, version: 3 });
  }, 30_000);
  it('without a free connection gives 503 after the wait for one', async () => {
    const small = opened.another({ sizes: { read: 1, commit: 1, worker: 1 } });
    const id = await inIstruttoria();
    await small.engine.processOf(id);
    const held = await small.pools.commit.connect();
    expect((await problemOf(give({ ...opened, engine: small.engine }, id, 'integra'))).code).toBe('unavailable');
    held.release();
    expect(await codeOf(give({ ...opened, engine: small.engine }, id, 'integra'))).toBe('ok');
  }, 30_000);
});

it('under load, with connections killed at random moments: every acknowledged command is there exactly once, every key gives one answer', async () => {
  const ids = [...await Promise.all(Array.from({ length: 6 }, inIstruttoria)), ...await Promise.all(Array.from({ length: 4 }, () => newCase(opened, 'registro')))];
  const acknowledged: { id: string; key: string; version: number }[] = [];
  const unknown: { id: string; command: string; key: string }[] = [];
  const others: unknown[] = [];
  let killing = true;
  const killer = (async () => {
    while (killing) {
      await sleep(Math.random() * 150);
      await opened.admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'iter_commit' and random() < 0.5`);
    }
  })();
  await Promise.all(Array.from({ length: 24 }, async (_, worker) => {
    for (let i = 0; i < 30; i += 1) {
      const at = (worker + i) % ids.length, id = ids[at]!, command = at < 6 ? 'integra' : 'protocolla', key = `${worker}-${i}`;
      try {
        const { version } = await give(opened, id, command, {}, opened.people.segreteria, { key });
        acknowledged.push({ id, key, version });
      } catch (error) {
        if (error instanceof Problem && error.code === 'unavailable') unknown.push({ id, command, key });
        else others.push(error);
      }
    }
  }));
  killing = false;
  await killer;
  expect(others).toEqual([]);
  const inHistory = async (id: string, key: string) => (await opened.admin.query('select version from history where case_id = $1 and key = $2', [id, key])).rows;
  for (const { id, key, version } of acknowledged) expect([key, await inHistory(id, key)]).toEqual([key, [{ version }]]);
  // Repeated until it is answered: once committed, and the same answer ever after.
  for (const { id, command, key } of unknown) {
    const before = await inHistory(id, key);
    const answer = await give(opened, id, command, {}, opened.people.segreteria, { key });
    expect(answer.repeated).toBe(before.length === 1);
    expect(await inHistory(id, key)).toEqual([{ version: answer.version }]);
  }
  expect(acknowledged.length).toBeGreaterThan(100);
  for (const id of ids) {
    const page = (await opened.engine.readHistory(id, ['S1']))!;
    expect(verifyHistory(page)).toMatchObject({ valid: true });
    expect(page.entries).toHaveLength(page.version);
  }
  const { rows } = await opened.admin.query('select value from register_entries order by value');
  expect(rows.map(({ value }) => value)).toEqual(rows.map((_, i) => i + 1));
}, 120_000);
