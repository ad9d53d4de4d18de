/** (e) A page of 50 among 100,000 cases, as the polo sees them all, with and without filters. */
import type { Measurement, Rig } from './rig.ts';
import { PARTIES } from './rig.ts';
import { scale } from './processes.ts';
import type { Row } from './table.ts';

const CASES = 100_000, P95_MS = 20;

/** Rows as the engine would have written them, without their history. */
async function insertCases(rig: Rig, count: number): Promise<void> {
  const { installation } = rig;
  await installation.query(
    `with n as (select i, gen_random_uuid() as id, now() - i * interval '1 minute' as at, (array['inIstruttoria','inIstruttoria','concessa','scaduta'])[1 + i % 4] as state,
   case when i % 5 < 3 then 'yardstick' else 'corriere' end as process from generate_series(1, $1::int) i),
 k as (insert into case_keys (case_id, wrapped) select id, ''::bytea from n),
 c as (insert into cases (id, process, process_version, number, state, value, context, sealed, "row", parties, version, seq, head, draft, done, created_at, created_by, last_at)
   select id, process, 1, 'L-' || i, state, to_jsonb(state), '{"conteggio":1}', '', jsonb_build_object('conteggio', i), $2, 1, 1, '', false, true, at, 'bench', at from n),
 s as (insert into case_search (case_id, words) select id, 'l-' || i || ' protocollo ' || (i * 7919 % 100000) from n)
 insert into case_access (principal, case_id, process, state, created_at) select p, id, process, state, at from n, unnest($3::text[]) p`,
    [count, JSON.stringify(PARTIES), Object.values(PARTIES)],
  );
  await installation.query('analyze cases');
  await installation.query('analyze case_access');
  await installation.query('analyze case_search');
}

export const list: Measurement = async rig => {
  const count = rig.quick ? CASES / 10 : CASES;
  await insertCases(rig, count);
  const { apiUrl: api } = rig.installation, token = rig.poloToken;
  const page = async (path: string) => JSON.parse(await (await fetch(`${api}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })).text());
  const { next } = await page('/cases?limit=50');
  const oldest = (await page('/cases?limit=50&sort=created')).next;
  const reads: [string, string[]][] = [
    ['first page', ['/cases?limit=50']],
    ['next page', [`/cases?limit=50&cursor=${encodeURIComponent(next)}`, `/cases?limit=50&sort=created&cursor=${encodeURIComponent(oldest)}`]],
    ['by process and state', ['inIstruttoria', 'concessa', 'scaduta'].map(state => `/cases?limit=50&process=corriere&state=${state}`)],
    ['by state', ['/cases?limit=50&state=concessa']],
    ['by party', [`/cases?limit=50&party=${PARTIES.scuola}`]],
    ['by a rare word', [`l-${Math.round(count / 2)}`, `l-${Math.round(count / 3)}`, `l-${count}`].map(words => `/cases?limit=50&q=${encodeURIComponent(words)}`)],
    ['by a common word', ['/cases?limit=50&q=protocollo']],
  ];
  const rows: Row[] = [];
  for (const [name, paths] of reads) {
    const { result: { measured }, cpu } = await rig.counted(() => rig.load({ kind: 'reads', api, token, paths, callers: 1, count: rig.amount(200) }));
    const { perSecond, p50, p95, p99 } = measured;
    rows.push({ what: `50 of ${count.toLocaleString('en')} cases, ${name}`, callers: 1, perSecond, p50, p95, p99, cpu: scale(cpu, 1 / measured.count), aim: { text: `p95 < ${P95_MS} ms`, holds: p95 < P95_MS } });
  }
  return rows;
};
