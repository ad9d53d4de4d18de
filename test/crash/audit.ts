/** After the crash: what must hold of every case, whatever was killed. Answers the complaints; none is what a test wants. */
import { createPools } from '../../database/pools.ts';
import { createEngine } from '../../engine/engine.ts';
import { verifyHistory } from '../../engine/history/read.ts';
import { createProcesses } from '../../engine/processes.ts';
import { readMailIndex } from '../../worker/embedded/mail.ts';
import { waitFor } from '../../worker/embedded/serverProcess.ts';
import { plugins } from '../toys/registry.ts';
import type { ApiClient } from './client.ts';
import type { Installation } from './installation.ts';
import type { Acknowledged } from './load.ts';

/** Open effects, and deadlines whose instant has passed. */
const UNSERVED = `select count(*)::int as open from agenda where state in ('due','begun','performed') and (kind = 'effect' or due_at <= clock_timestamp())`;

/** Until nothing is left to be done now. Throws with what is left. */
export async function settled(installation: Installation, withinMs: number): Promise<void> {
  let open = -1;
  const done = await waitFor(async () => {
    await new Promise(resolve => setTimeout(resolve, 200));
    open = await installation.query(UNSERVED).then(([row]) => row.open, () => -1);
    return open === 0;
  }, withinMs);
  if (done) return;
  const left = await installation.query(`select kind, name, does, state, attempts, error, due_at, lease_until, count(*)::int from agenda where state in ('due','begun','performed') and (kind = 'effect' or due_at <= clock_timestamp()) group by 1,2,3,4,5,6,7,8 order by count(*) desc limit 5`);
  throw new Error(`${open} rows of the agenda are still open after ${withinMs} ms, such as ${JSON.stringify(left)}`);
}

/** Every case: the chain verifies, the row is its head, every effect and deadline has exactly one entry. */
export async function auditCases(installation: Installation): Promise<string[]> {
  const complaints: string[] = [];
  const complain = async (what: string, sql: string) => {
    const rows = await installation.query(sql);
    if (rows.length > 0) complaints.push(`${what}: ${rows.length}, such as ${JSON.stringify(rows[0])}`);
  };
  await complain('open incidents', 'select kind, name, detail from incidents where resolved_at is null');
  await complain('effects that are not done', `select * from agenda where kind = 'effect' and state not in ('done','withdrawn')`);
  await complain('effects without exactly one entry', `select a.id, a.name, count(h.seq) from agenda a left join history h on h.case_id = a.case_id and h.kind = 'effect' and h.key = a.id::text where a.kind = 'effect' and a.state = 'done' group by a.id, a.name having count(h.seq) <> 1`);
  await complain('fired deadlines without exactly one entry', `select a.id, count(h.seq) from agenda a left join history h on h.case_id = a.case_id and h.kind = 'deadline' and h.key = a.id::text where a.kind = 'deadline' and a.state = 'fired' group by a.id having count(h.seq) <> 1`);
  await complain('deadlines that should have fired', `select * from agenda where kind = 'deadline' and state = 'due' and due_at <= clock_timestamp()`);
  await complain('deadlines fired before their instant', `select h.at, a.due_at from agenda a join history h on h.case_id = a.case_id and h.key = a.id::text and h.kind = 'deadline' where h.at < a.due_at`);
  await complain('cases whose row is not the head of their history', `select c.id, c.version, c.seq, h.seq, h.version from cases c left join lateral (select * from history where case_id = c.id order by seq desc limit 1) h on true where (c.seq, c.version, c.head) is distinct from (h.seq, h.version, h.hash)`);
  complaints.push(...await auditChains(installation));
  return complaints;
}

async function auditChains(installation: Installation): Promise<string[]> {
  const pools = createPools(installation.databaseUrl, installation.masterKey, { read: 4, commit: 1, worker: 1 });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const engine = createEngine({ pools, processes: createProcesses(plugins), masterKey: installation.masterKey, log });
  const complaints: string[] = [];
  try {
    const cases = await installation.query(`select c.id, c.seq, array(select value from jsonb_each_text(c.parties)) as parties, (select principal from case_access a where a.case_id = c.id limit 1) as principal from cases c where c.erased_at is null`);
    await Promise.all(Array.from({ length: 4 }, async () => {
      for (let row = cases.shift(); row; row = cases.shift()) {
        const page = await engine.readHistory(row.id, [row.principal]);
        const verified = page && verifyHistory(page);
        if (!page || !verified?.valid || page.entries.length !== row.seq) complaints.push(`case ${row.id}: ${page?.entries.length} of ${row.seq} entries, ${JSON.stringify(verified)}`);
      }
    }));
  } finally {
    await pools.end();
  }
  return complaints;
}

/** Nothing that was acknowledged is missing or there twice, and every key still gets its answer. */
export async function auditAcknowledged(installation: Installation, client: ApiClient, acknowledged: Acknowledged[], repeats: number): Promise<string[]> {
  const complaints: string[] = [];
  const rows = await installation.query('select case_id, caller, key, version, name, kind from history');
  const byKey = new Map<string, any[]>();
  for (const row of rows) byKey.set(`${row.caller} ${row.key}`, [...(byKey.get(`${row.caller} ${row.key}`) ?? []), row]);
  for (const { person, key, caseId, command } of acknowledged) {
    const found = byKey.get(`${person.id} ${key}`) ?? [];
    if (found.length !== 1 || found[0].case_id !== caseId || found[0].name !== command) complaints.push(`acknowledged ${command} ${key} of case ${caseId}: found ${JSON.stringify(found)}`);
  }
  const people = [...new Set(acknowledged.map(({ person }) => person.id))];
  const commands = rows.filter(row => people.includes(row.caller) && row.kind !== 'refused').length;
  if (commands !== acknowledged.length) complaints.push(`${commands} commands are on record, ${acknowledged.length} were acknowledged`);
  const before = (await installation.query('select sum(seq)::int as entries from cases'))[0].entries;
  const step = Math.max(1, Math.floor(acknowledged.length / repeats));
  for (let i = 0; i < acknowledged.length; i += step) {
    const { person, path, body, key, caseId, version } = acknowledged[i]!;
    const answer = await client.insist(person.token, path, body, key);
    if (answer.status >= 300 || answer.body.id !== caseId || answer.body.committedVersion !== version || !answer.body.repeated) {
      complaints.push(`the key ${key} got ${answer.status}, case ${answer.body.id} at ${answer.body.committedVersion}, instead of case ${caseId} at ${version}`);
    }
  }
  const after = (await installation.query('select sum(seq)::int as entries from cases'))[0].entries;
  if (after !== before) complaints.push(`repeating keys added ${after - before} entries`);
  return complaints;
}

/** Every owed mail arrived, and nothing was told twice under two Message-IDs. Answers also how many arrived again under the same. */
export async function auditMails(installation: Installation): Promise<{ complaints: string[]; repeated: number }> {
  const complaints: string[] = [];
  // The daily mail of open tasks is no effect's.
  const mails = readMailIndex(installation.mailFolder).filter(({ messageId }) => !messageId.startsWith('<digest.'));
  const effects = await installation.query(`select id from agenda where kind = 'effect' and does = 'message' and state = 'done'`);
  const effectOf = (messageId: string) => messageId.replace(/^</, '').split('@')[0]!;
  const received = new Map<string, number>(), bySubject = new Map<string, Set<string>>();
  for (const { messageId, subject } of mails) {
    received.set(effectOf(messageId), (received.get(effectOf(messageId)) ?? 0) + 1);
    bySubject.set(subject, (bySubject.get(subject) ?? new Set()).add(messageId));
  }
  const missing = effects.filter(({ id }) => !received.has(id));
  if (missing.length > 0) complaints.push(`${missing.length} of ${effects.length} mails never arrived, such as ${missing[0].id}`);
  const known = new Set(effects.map(({ id }) => id));
  const unknown = [...received.keys()].filter(id => !known.has(id));
  if (unknown.length > 0) complaints.push(`${unknown.length} mails belong to no effect, such as ${unknown[0]}`);
  for (const [subject, ids] of bySubject) if (ids.size > 1) complaints.push(`"${subject}" was received under ${ids.size} Message-IDs`);
  return { complaints, repeated: mails.length - received.size };
}

/** The counter got every mark exactly once. */
export async function auditCounter(installation: Installation): Promise<string[]> {
  const [{ marks, sum }] = await installation.query(`select count(*)::int as marks, coalesce(sum((input->'data'->>'numero')::int), 0)::int as sum from agenda where name = 'annotaSegno'`);
  const [given] = await installation.query(`select count(*)::int as given from history h join cases c on c.id = h.case_id where c.process = 'corriere' and h.kind = 'command' and h.name = 'segna'`);
  const [counter] = await installation.query(`select (context->>'conteggio')::int as conteggio, (context->>'somma')::int as somma from cases where process = 'contatore'`);
  if (given.given === 0) return [];
  return counter?.conteggio === marks && marks === given.given && counter.somma === sum ? [] : [`${given.given} marks were given, ${marks} effects owed (sum ${sum}), the counter says ${JSON.stringify(counter)}`];
}

export async function auditAll(installation: Installation, client: ApiClient, acknowledged: Acknowledged[], repeats = 40): Promise<string[]> {
  return [
    ...await auditCases(installation), ...await auditAcknowledged(installation, client, acknowledged, repeats),
    ...(await auditMails(installation)).complaints, ...await auditCounter(installation),
  ];
}
