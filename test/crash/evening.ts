/** The evening of interviews that everybody wants: teachers' hours, families with their wishes, and a ledger of what the API told to whom and when. */
import { Client } from 'pg';
import { addDays, dayOfWeek, instantOfLocal, romeDate } from '../../plugins/calendar.ts';
import type { ApiClient } from './client.ts';
import type { Installation } from './installation.ts';
import { registerPerson, SCHOOL, type Person } from './people.ts';

export const EVENING = addDays(romeDate(new Date().toISOString()), 10);
/** Twelve slots of ten minutes. */
export const SLOTS = Array.from({ length: 12 }, (_, n) => instantOfLocal(EVENING, `${17 + Math.trunc(n / 6)}:${n % 6}0`));
/** How many free slots a refused family is told (process `colloquio`). */
export const MOST_ALTERNATIVES = 5;
const PER_PARENT = 2, PER_PUPIL = 1, MOST_TRIES = 10;
/** One wish in so many enters the waiting list when nothing is free. */
const WAITS = 5;

export interface Teacher { person: Person; hours: string }
export interface Wish { parent: Person; teacher: Teacher; pupil: string; first: string; waits: boolean }
/** An answer, between the instants (of this process) at which it was asked for and there. */
interface Told { wish: Wish; asked: number; answered: number }
export interface Booking extends Told { caseId: string; inizio: string }
export interface Refusal extends Told { inizio: string; resource: string; alternatives: { case: string; from: string; to: string }[] }
export interface Ledger { booked: Booking[]; refused: Refusal[]; waiting: (Told & { caseId: string })[]; rules: (Told & { rule: string })[] }

/** People with addresses: mails to them are effects like others. */
async function register(installation: Installation, names: string[], profile: { organisation: string; role: string } | null): Promise<Person[]> {
  const client = new Client({ connectionString: installation.databaseUrl });
  await client.connect();
  try {
    const people: Person[] = [];
    for (const name of names) people.push(await registerPerson(client, name, profile));
    await client.query(`update users set email = username || '@example.org' where id = any ($1)`, [people.map(({ id }) => id)]);
    return people;
  } finally {
    await client.end();
  }
}

const named = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}.${n}`);

/** Hours published by each teacher; three in four confirm by themselves. */
export async function publishHours(installation: Installation, client: ApiClient, count: number): Promise<Teacher[]> {
  // No holiday of the calendar may fall on the evening.
  await installation.query(`insert into parameters (name, valid_from, value, reason, set_by) values ('chiusureScuola', '2020-01-02', '{"festivita":[],"periodi":[]}', 'prova', 'prova')`);
  const people = await register(installation, named('docente', count), { organisation: SCHOOL, role: 'docente' });
  return await Promise.all(people.map(async (person, n): Promise<Teacher> => {
    const regola = { dal: EVENING, al: EVENING, fasce: [{ giorno: dayOfWeek(EVENING), dalle: '17:00', alle: '19:00' }], durataMinuti: 10, modalita: 'presenza', luogo: `aula ${n + 1}` };
    const condizioni = { perGenitore: PER_PARENT, perAlunno: PER_PUPIL, confermaAutomatica: n % 4 !== 3, offertaMinuti: 5 };
    const { body } = await accepted(client.insist(person.token, '/processes/disponibilita/cases', { data: { regola, condizioni }, parties: { scuola: SCHOOL, docente: person.id } }));
    await accepted(client.insist(person.token, `/cases/${body.id}/commands/pubblica`, {}));
    return { person, hours: body.id };
  }));
}

export async function accepted(answer: ReturnType<ApiClient['insist']>): ReturnType<ApiClient['insist']> {
  const found = await answer;
  if (found.status >= 300) throw new Error(`refused with ${found.status}: ${JSON.stringify(found.body)}`);
  return found;
}

/**
 * Each parent wants three teachers, at the hour that half of all want. One in five has two children with the same first teacher; one in ten is the
 * other parent of the pupils of the one before, and asks the same. Of one parent several are asked for at once.
 */
export async function wishesOf(installation: Installation, teachers: Teacher[], count: number): Promise<Wish[]> {
  const parents = await register(installation, named('genitore', count), null);
  // Those of one parent stand near one another, and so do those of two parents of one pupil.
  return parents.flatMap((parent, n) => {
    const household = n % 10 === 9 ? n - 1 : n, pupil = `P${household}`;
    const wanted = [0, 1, 2].map(k => ({ teacher: teachers[(household * 7 + k * 13) % teachers.length]!, pupil }));
    if (household % 5 === 0) wanted.push({ ...wanted[0]!, pupil: `${pupil}-2` });
    return wanted.map((wish, k): Wish => ({ ...wish, parent, first: SLOTS[n % 2 ? 0 : 6]!, waits: (n + k) % WAITS === 0 }));
  });
}

export interface Progress { done: number; of: number }

/** All wishes by so many clients at once, each request repeated with its key until it is answered. `passed` is told after each wish. */
export async function pursue(client: ApiClient, wishes: Wish[], callers: number, passed: (progress: Progress) => void = () => {}): Promise<Ledger> {
  const ledger: Ledger = { booked: [], refused: [], waiting: [], rules: [] };
  let next = 0, done = 0;
  await Promise.all(Array.from({ length: callers }, async () => {
    for (let wish = wishes[next++]; wish; wish = wishes[next++]) {
      await pursueOne(client, wish, ledger);
      done += 1;
      passed({ done, of: wishes.length });
    }
  }));
  return ledger;
}

async function pursueOne(client: ApiClient, wish: Wish, ledger: Ledger): Promise<void> {
  let inizio = wish.first;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { status, body, ...told } = await ask(client, wish, { inizio });
    if (status === 201) { ledger.booked.push({ ...told, caseId: body.id, inizio }); return; }
    if (status === 422) { ledger.rules.push({ ...told, rule: body.rule }); break; }
    if (status !== 409 || !Array.isArray(body.alternatives)) throw new Error(`a booking was answered with ${status}: ${JSON.stringify(body)}`);
    ledger.refused.push({ ...told, inizio, resource: body.resource, alternatives: body.alternatives });
    if (body.alternatives.length === 0) break;
    inizio = body.alternatives[Math.trunc(Math.random() * body.alternatives.length)].from;
  }
  if (!wish.waits) return;
  const { status, body, ...told } = await ask(client, wish, { attesa: { dal: EVENING, al: EVENING } });
  if (status === 201) ledger.waiting.push({ ...told, caseId: body.id });
  else if (status === 422) ledger.rules.push({ ...told, rule: body.rule });
  else throw new Error(`the waiting list answered ${status}: ${JSON.stringify(body)}`);
}

async function ask(client: ApiClient, wish: Wish, what: object): Promise<Told & { status: number; body: any }> {
  const { parent, teacher, pupil } = wish, asked = performance.now();
  const { status, body } = await client.insist(parent.token, '/processes/colloquio/cases', {
    data: { disponibilita: teacher.hours, codiceAlunno: pupil, alunno: { nome: 'Nina', cognome: 'Rossi', classe: '2B' }, ...what }, parties: { scuola: SCHOOL, docente: teacher.person.id, genitore: parent.id },
  });
  return { wish, asked, answered: performance.now(), status, body };
}
