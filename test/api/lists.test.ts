/** Lists of cases: pages that miss nothing and repeat nothing while others write, and only what the caller may see. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newRichiesta, startTestApi, submitted, type TestApi } from './harness.ts';

let api: TestApi;
beforeAll(async () => { api = await startTestApi(); });
afterAll(async () => { await api.stop(); });

async function allPages(username: string, query: string, each?: (page: any[]) => Promise<void>): Promise<any[]> {
  const items: any[] = [];
  let cursor = '';
  for (;;) {
    const { status, body } = await api.get(username, `/cases?${query}${cursor && `&cursor=${cursor}`}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    items.push(...body.items);
    await each?.(body.items);
    if (!body.next) return items;
    cursor = body.next;
  }
}

describe('the list of cases', () => {
  const made: string[] = [];
  beforeAll(async () => {
    for (let i = 0; i < 11; i += 1) made.push((await (i % 3 === 0 ? newRichiesta : submitted)(api, { oggetto: `Pratica ${i} ${i % 2 ? 'Già' : 'nuova'} 100%_ok` })).id);
  });

  it('is the newest first, in pages, or the oldest', async () => {
    expect((await allPages('segreteria.bari', 'limit=3')).map(({ id }) => id)).toEqual([...made].reverse());
    expect((await allPages('segreteria.bari', 'limit=4&sort=created')).map(({ id }) => id)).toEqual(made);
    expect((await api.get('segreteria.bari', '/cases?limit=11')).body.next).toBeNull();
    const { body } = await api.get('segreteria.bari', '/cases?limit=1');
    expect(body.items[0]).toMatchObject({ process: 'richiesta', processLabel: 'Richiesta', stateLabel: 'In esame', row: { oggetto: expect.stringMatching(/^Pratica 10/), ore: 10 }, version: 2 });
  });

  it('holds only what the caller may see', async () => {
    const [drafts, open] = [made.filter((_, i) => i % 3 === 0), made.filter((_, i) => i % 3 !== 0)];
    expect((await allPages('polo.puglia', '')).map(({ id }) => id)).toEqual([...open].reverse());
    expect((await allPages('famiglia.rossi', '')).map(({ id }) => id)).toEqual([...open].reverse());
    expect(await allPages('famiglia.bianchi', '')).toEqual([]);
    expect(await allPages('segreteria.milano', '')).toEqual([]);
    expect((await allPages('segreteria.bari', 'state=bozza')).map(({ id }) => id)).toEqual(drafts.reverse());
    // What the projection hides from a role is not in the list either.
    expect((await api.get('famiglia.rossi', '/cases?limit=1')).body.items[0].row).toEqual({ oggetto: expect.any(String) });
  });

  it('is narrowed by process, state, party and words', async () => {
    const count = async (query: string, username = 'segreteria.bari') => (await allPages(username, query)).length;
    expect(await count('process=richiesta')).toBe(11);
    expect(await count('process=altro')).toBe(0);
    expect(await count('process=richiesta&state=inEsame')).toBe(7);
    // A draft is its author's alone: the polo that it names takes no part yet.
    expect(await count('party=POLOPUGLIA&limit=2')).toBe(7);
    expect(await count('party=BAIC818001&limit=2')).toBe(11);
    expect(await count('party=MIIC8B9003')).toBe(0);
    expect(await count('party=BAIC818001', 'polo.puglia')).toBe(7);
    expect(await count('q=gia')).toBe(5);
    expect(await count(`q=${encodeURIComponent('GIÀ pratica')}`)).toBe(5);
    expect(await count(`q=${encodeURIComponent('nuova già')}`)).toBe(0);
    expect(await count(`q=${encodeURIComponent('100%_ok')}`)).toBe(11);
    expect(await count(`q=${encodeURIComponent('1%0')}`)).toBe(0);
    expect(await count(`q=${encodeURIComponent('pratica_')}`)).toBe(0);
    expect(await count(`q=pratica`, 'segreteria.milano')).toBe(0);
  });

  it('misses and repeats nothing while cases are added and moved', async () => {
    let drafts = made.filter((_, i) => i % 3 === 0);
    const seen = await allPages('segreteria.bari', 'limit=2', async () => {
      await newRichiesta(api);
      const moved = drafts.pop();
      if (moved) await api.post('segreteria.bari', `/cases/${moved}/commands/presenta`);
    });
    expect(seen.map(({ id }) => id)).toEqual([...made].reverse());
    drafts = [];
  });

  it('sees a case at once in both of the caller’s capacities, and once', async () => {
    const { id } = await submitted(api, {}, { famiglia: 'dirigente.bari' });
    const mine = (await allPages('dirigente.bari', 'limit=3')).map(item => item.id);
    expect(mine.filter(found => found === id)).toHaveLength(1);
    expect(new Set(mine).size).toBe(mine.length);
    expect((await api.get('dirigente.bari', '/cases', { 'iter-profile': 'persona/genitore' })).body.items.map((item: any) => item.id)).toEqual([id]);
  });
});

describe('cursors', () => {
  it('are of one list, one reader, and unchanged', async () => {
    const { body: { next } } = await api.get('segreteria.bari', '/cases?limit=2');
    expect((await api.get('segreteria.bari', `/cases?limit=5&cursor=${next}`)).status).toBe(200);
    const changed = Buffer.from(next, 'base64url');
    changed[changed.length - 5]! ^= 1;
    for (const [who, query] of [
      ['polo.puglia', `cursor=${next}`], ['segreteria.bari', `cursor=${next}&sort=created`], ['segreteria.bari', `cursor=${next}&state=bozza`], ['segreteria.bari', `cursor=${changed.toString('base64url')}`],
      ['segreteria.bari', 'cursor=x'], ['segreteria.bari', `cursor=${Buffer.from('{"createdAt":"x","id":"y"}').toString('base64url')}`],
    ] as const) expect([query, (await api.get(who, `/cases?${query}`)).body.code]).toEqual([query, 'malformed']);
  });

  it.each(['limit=0', 'limit=-1', 'limit=x', 'limit=1.5', 'sort=name', 'state=a&state=b', 'q=a', 'q=aa+bb+cc+dd+ee+ff', 'state=%00', `q=${'x'.repeat(201)}`])('%s is malformed', async query => {
    expect((await api.get('segreteria.bari', `/cases?${query}`)).body.code).toBe('malformed');
  });

  it('a limit that is too large is brought down', async () => {
    expect((await api.get('segreteria.bari', '/cases?limit=999999')).status).toBe(200);
  });
});

describe('among many', () => {
  it('a page does not take longer the more cases there are', async () => {
    // 30,000 more, by their rows alone: access, search and the case itself.
    await api.db.query(`with c as (insert into cases (id, process, process_version, state, value, context, sealed, "row", parties, version, seq, head, draft, created_at, created_by, last_at)
      select gen_random_uuid(), 'richiesta', 1, case when n % 10 = 0 then 'chiusa' else 'inEsame' end, '"inEsame"', '{}', '', '{"oggetto":"massa","ore":1}', '{"scuola":"BAIC818001","polo":"POLOPUGLIA"}', 1, 1, '', false,
      '2020-01-01'::timestamptz + n * interval '1 minute', 'x', now() from generate_series(1, 30000) n returning *)
      insert into case_access (principal, case_id, process, state, created_at) select p, id, process, state, created_at from c, unnest(array['BAIC818001','POLOPUGLIA']) p`);
    await api.db.query('analyze cases, case_access');
    const time = async (query: string) => {
      const times: number[] = [];
      for (let i = 0; i < 7; i += 1) {
        const began = performance.now();
        const { body } = await api.get('polo.puglia', `/cases?${query}`);
        times.push(performance.now() - began);
        expect(body.items.length).toBe(50);
      }
      return times.sort((a, b) => a - b)[3]!;
    };
    const { body: { next } } = await api.get('polo.puglia', '/cases?limit=200&state=chiusa');
    const deep = await api.get('polo.puglia', `/cases?limit=200&state=chiusa&cursor=${next}`);
    const median = { first: await time('limit=50'), byState: await time('limit=50&state=inEsame&process=richiesta'), later: await time(`limit=50&state=chiusa&cursor=${deep.body.next}`) };
    // 20 ms on a quiet machine; the bound here only tells a walk of an index from a sort of everything.
    for (const [name, milliseconds] of Object.entries(median)) expect([name, milliseconds < 150]).toEqual([name, true]);
  });
});
