/**
 * The daily mail: to everybody who has an address and something to do, once for each person and day.
 *
 * A row says who is being written to before the mail leaves, so that several workers never write to one person at a time; another says that it is
 * out. A crash between the two makes the next worker send it again, after the lease, under the same Message-ID `digest.<day>.<user>`: whoever
 * knows Message-IDs shows it once. Nothing else is ever sent twice.
 */
import type pg from 'pg';
import * as sql from '../../database/digestStatements.ts';
import { run } from '../../database/pools.ts';
import type { Logger } from '../../engine/commit/context.ts';
import type { Processes } from '../../engine/processes.ts';
import { taskLabel } from '../../engine/taskLabels.ts';
import { addDays, dayOfWeek } from '../../plugins/calendar.ts';
import type { Plugin } from '../../plugins/contract.ts';
import { PermanentFailure, TemporaryFailure } from '../attemptEffect.ts';
import type { Mailer } from '../mailer.ts';
import { digestText, type DigestLanguage, type DigestProfile } from './digestText.ts';

export interface DigestDependencies {
  /** Of the role iter_worker. */
  pool: pg.Pool;
  mailer: Pick<Mailer, 'send' | 'domain'>;
  processes: Processes;
  log: Logger;
  /** For how long nobody else writes to a person whom a worker began to write to. Longer than an SMTP conversation may take. */
  leaseMs?: number;
  /** After the mail server said "later" about somebody. */
  laterMs?: number;
}
interface Reader { id: string; name: string; email: string; locale: DigestLanguage }
interface ProfileRow { user_id: string; principal: string; role: string | null; organisation: string | null; deputy_for: string | null }
interface TaskRow {
  principal: string; role: string | null; name: string; origin: 'process' | 'engine'; roles: string[]; due: string | null; part: 0 | 1 | 2; total: number; overdue: number;
  process: string; process_version: number; number: string | null; begun: string;
}

const LEASE_MS = 300_000, LATER_MS = 900_000;
/** People whose tasks are read together. */
const PAGE = 25;
const MOST_LINES = 20;
/** Mail that could not leave, one after another: the server is away, and the others are not tried now. */
const MOST_FAILURES = 3;
const KEPT_DAYS = 30;
const FRIDAY = 5;
const PARTS = ['overdue', 'week', 'rest'] as const;

/**
 * Writes to everybody to whom nobody wrote on `day` (a local date). `again`: not all of it left, or `signal` ended it. Saturdays and Sundays are
 * nobody's working days; there is no calendar of holidays, on which the mail comes as on other days.
 */
export async function sendDigests(dependencies: DigestDependencies, day: string, signal?: AbortSignal): Promise<'done' | 'again'> {
  if (dayOfWeek(day) > FRIDAY) return 'done';
  const { pool } = dependencies;
  await run(pool, sql.FORGET_DIGESTS, [addDays(day, -KEPT_DAYS)]);
  let last = '00000000-0000-0000-0000-000000000000', failures = 0;
  for (;;) {
    const readers: Reader[] = (await run(pool, sql.DIGEST_READERS, [day, last, PAGE])).rows;
    if (readers.length === 0) break;
    const profiles = await profilesOf(dependencies, readers, day);
    for (const reader of readers) {
      if (signal?.aborted) return 'again';
      const own = profiles.get(reader.id) ?? [];
      if (own.length === 0) continue;
      const sent = await sendOne(dependencies, reader, own, day);
      failures = sent ? 0 : failures + 1;
      if (failures === MOST_FAILURES) return 'again';
    }
    last = readers.at(-1)!.id;
  }
  return (await run(pool, sql.UNSENT_DIGESTS, [day])).rows[0].unsent ? 'again' : 'done';
}

/** False: the server was away, or said "later". */
async function sendOne({ pool, mailer, log, leaseMs = LEASE_MS, laterMs = LATER_MS }: DigestDependencies, reader: Reader, profiles: DigestProfile[], day: string): Promise<boolean> {
  const { rowCount } = await run(pool, sql.CLAIM_DIGEST, [reader.id, day, leaseMs]);
  if (rowCount === 0) return true;
  try {
    await mailer.send({
      to: reader.email, ...digestText(reader.locale, reader.name, profiles), lang: reader.locale, messageId: `digest.${day}.${reader.id}@${mailer.domain}`, thread: `digest.${reader.id}@${mailer.domain}`, sender: null, certified: false,
    });
  } catch (error) {
    if (error instanceof PermanentFailure) {
      await run(pool, sql.DIGEST_FAILED, [reader.id, day, error.message.slice(0, 500)]);
      log.warn({ user: reader.id, day }, 'the daily mail was refused for good');
      return true;
    }
    if (!(error instanceof TemporaryFailure)) throw error;
    await run(pool, sql.POSTPONE_DIGEST, [reader.id, day, laterMs]);
    log.warn({ user: reader.id, day, err: error }, 'the daily mail could not leave; it is tried again');
    return false;
  }
  await run(pool, sql.DIGEST_SENT, [reader.id, day]);
  return true;
}

/** By user: the profiles in which something waits, in the user's language. */
async function profilesOf({ pool, processes }: DigestDependencies, readers: Reader[], day: string): Promise<Map<string, DigestProfile[]>> {
  const held: ProfileRow[] = (await run(pool, sql.DIGEST_PROFILES, [readers.map(({ id }) => id), day])).rows;
  const tasks: TaskRow[] = (await run(pool, sql.DIGEST_TASKS, [held.map(({ principal }) => principal), held.map(({ role }) => role), day, MOST_LINES])).rows;
  const byProfile = Map.groupBy(tasks, ({ principal, role }) => `${principal} ${role}`);
  const languages = new Map(readers.map(({ id, locale }) => [id, locale]));
  const found = new Map<string, DigestProfile[]>();
  for (const profile of held) {
    const rows = byProfile.get(`${profile.principal} ${profile.role}`);
    if (rows) found.set(profile.user_id, [...(found.get(profile.user_id) ?? []), presentProfile(processes, profile, rows, languages.get(profile.user_id)!)]);
  }
  return found;
}

function presentProfile(processes: Processes, { role, organisation, deputy_for: deputyFor }: ProfileRow, rows: TaskRow[], language: DigestLanguage): DigestProfile {
  const labelsOf = ({ process, process_version: version }: TaskRow) => pluginOf(processes, process, version)?.labels[language];
  const [first] = rows as [TaskRow], named = role ?? first.roles[0]!;
  return {
    role: labelsOf(first)?.roles[named] ?? named, organisation, deputyFor, total: first.total, overdue: first.overdue,
    lines: rows.map(row => ({
      part: PARTS[row.part], due: row.due, process: labelsOf(row)?.process ?? row.process, number: row.number, begun: row.begun, task: taskLabel(pluginOf(processes, row.process, row.process_version), row, language),
    })),
  };
}

/** Null for a version that only a newer program knows: its names stand for its labels. */
function pluginOf(processes: Processes, process: string, version: number): Plugin | null {
  try {
    return processes.version(process, version).plugin;
  } catch {
    return null;
  }
}
