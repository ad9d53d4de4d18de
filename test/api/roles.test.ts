/** Every command of every registered process, by every role: the allowed ones are not answered 403, all the others are. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Json, Plugin } from '../../plugins/contract.ts';
import { addDays, romeDate } from '../../plugins/calendar.ts';
import { plugins } from '../../plugins/registry.ts';
import * as domiciliare from '../../plugins/istruzione-domiciliare/examples.ts';
import { richiesta } from '../toys/richiesta.ts';
import { RICHIESTA, startTestApi, type TestApi } from './harness.ts';

const RICEVIMENTO = { regola: { dal: addDays(romeDate(new Date().toISOString()), 7), al: addDays(romeDate(new Date().toISOString()), 300), fasce: [], durataMinuti: 10, modalita: 'presenza', luogo: 'aula 3' } };
/** What begins a case of each process; a process without a row here must be begun by other cases only, or accept `{}`. */
const BEGINNINGS: Record<string, Json | (() => Promise<Json>)> = {
  richiesta: RICHIESTA, 'istruzione-domiciliare': domiciliare.BOZZA as Json, 'fondo-istruzione-domiciliare': { annoScolastico: '2026/27' },
  disponibilita: RICEVIMENTO,
  // Of hours that are published and have no slot: it waits.
  colloquio: async () => {
    const hours = await caseOf(NEWEST.find(({ process }) => process === 'disponibilita')!);
    expect((await api.post('docente.bari', `/cases/${hours}/commands/pubblica`, {}, { 'iter-profile': `${ORGANISATIONS['scuola']}/docente` })).status).toBe(200);
    return { disponibilita: hours, attesa: { dal: RICEVIMENTO.regola.dal, al: RICEVIMENTO.regola.dal }, codiceAlunno: 'A01', alunno: { nome: 'Luca', cognome: 'Rossi', classe: '2B' } };
  },
  giustificazione: { alunno: { codice: 'A01', nome: 'Luca', cognome: 'Rossi' }, classe: '2B', annoScolastico: '2026/27' },
};
const ORGANISATIONS: Record<string, string> = { scuola: 'BAIC818001', polo: 'POLOPUGLIA', usr: 'USRPUGLIA', comune: 'COMUNEBARI' };
/** Who plays the parts of people: nobody two in one case. */
const PEOPLE: Record<string, string> = { docente: 'docente.bari', altroGenitore: 'famiglia.bianchi', delegato: 'zia.prova' };
const personOf = (party: string): string => PEOPLE[party] ?? 'famiglia.rossi';
const ALL = [...plugins, richiesta];
/** New cases are of the newest version. */
const NEWEST = ALL.filter(({ process, version }) => ALL.every(other => other.process !== process || other.version <= version));

let api: TestApi;
/** role → the profile and user that holds it here. */
interface Holder { username: string; profile: string }

beforeAll(async () => {
  api = await startTestApi({ plugins: ALL });
  await api.db.query(`insert into users (id, username, name) values (gen_random_uuid(), 'zia.prova', 'Zia Prova')`);
  const roles = new Set(ALL.flatMap(plugin => Object.entries(plugin.roles).filter(([, party]) => plugin.parties[party]!.kind === 'organisation').map(([role, party]) => `${organisationOf(plugin, party)}/${role}`)));
  for (const profile of roles) {
    const [organisation, role] = profile.split('/');
    // A user for each profile: refusals are counted by caller.
    for (const [username, of] of [[profile, organisation], [`milano ${role}`, 'MIIC8B9003']]) {
      await api.db.query('insert into users (id, username, name) values ($1, $2, $2) on conflict do nothing', [randomUUID(), username]);
      await api.db.query('insert into memberships (user_id, organisation, role) select id, $1, $2 from users where username = $3 on conflict do nothing', [of, role, username]);
    }
  }
});
afterAll(async () => { await api.stop(); });

function organisationOf(plugin: Plugin, party: string): string {
  return ORGANISATIONS[plugin.parties[party]!.organisations?.[0] ?? party] ?? ORGANISATIONS['scuola']!;
}
function holderOf(plugin: Plugin, role: string): Holder {
  const party = plugin.roles[role]!;
  return plugin.parties[party]!.kind === 'person' ? { username: personOf(party), profile: `persona/${role}` } : { username: `${organisationOf(plugin, party)}/${role}`, profile: `${organisationOf(plugin, party)}/${role}` };
}
const partiesOf = (plugin: Plugin) => Object.fromEntries(Object.entries(plugin.parties).map(([party, { kind }]) => [party, kind === 'person' ? personOf(party) : organisationOf(plugin, party)]));

/** A case that all parties see: the draft of its author is opened by hand. */
async function caseOf(plugin: Plugin): Promise<string> {
  const beginning = BEGINNINGS[plugin.process] ?? {}, data = typeof beginning === 'function' ? await beginning() : beginning;
  // The office begins what is a teacher's own.
  const role = plugin.create.by.find(each => each !== 'docente');
  let id: string;
  if (role) {
    const { username, profile } = holderOf(plugin, role);
    const answer = await api.post(username, `/processes/${plugin.process}/cases`, { data, parties: partiesOf(plugin) }, { 'iter-profile': profile });
    if (answer.status !== 201) throw new Error(`${plugin.process}: ${answer.text}`);
    id = answer.body.id;
  } else {
    const sent = await api.composed.api.engine.sendCommand({ effectId: randomUUID(), from: { process: plugin.create.from![0]!, caseId: randomUUID() }, input: { process: plugin.process, command: 'nessuno', data: {}, target: { key: randomUUID(), create: { data: data as never, parties: partiesOf(plugin) } } } });
    const { rows } = await api.db.query('select id from cases where process = $1', [plugin.process]);
    if (rows.length === 0) throw new Error(`${plugin.process}: ${JSON.stringify(sent)}`);
    id = rows[0].id;
  }
  for (const [party, { kind }] of Object.entries(plugin.parties)) {
    const principal = kind === 'person' ? await api.userId(personOf(party)) : organisationOf(plugin, party);
    await api.db.query('insert into case_access (principal, case_id, process, state, created_at) select $1, id, process, state, created_at from cases where id = $2 on conflict do nothing', [principal, id]);
  }
  return id;
}

describe.each(NEWEST.map(plugin => [plugin.process, plugin] as const))('%s', (_process, plugin) => {
  let id: string;
  beforeAll(async () => { id = await caseOf(plugin); });

  it.each(Object.keys(plugin.commands))('%s is for its roles alone', async command => {
    const definition = plugin.commands[command]!;
    for (const role of Object.keys(plugin.roles)) {
      const { username, profile } = holderOf(plugin, role);
      // A payload that no schema accepts: whoever may give the command is told of the state or of the form, not forbidden.
      const answer = await api.post(username, `/cases/${id}/commands/${command}`, { '\u2603': 1 }, { 'iter-profile': profile });
      const told = `${role}: ${answer.status} ${answer.body?.code}`;
      if (definition.by.includes(role)) expect(told).toMatch(/: (409 command-not-allowed|422 invalid|200)/);
      else expect(told).toBe(`${role}: 403 forbidden`);
    }
  });

  it('may be begun by its roles alone', async () => {
    for (const role of Object.keys(plugin.roles)) {
      const { username, profile } = holderOf(plugin, role);
      const answer = await api.post(username, `/processes/${plugin.process}/cases`, { data: { '\u2603': 1 } }, { 'iter-profile': profile });
      expect(`${role}: ${answer.status}`).toBe(`${role}: ${plugin.create.by.includes(role) ? 422 : 403}`);
    }
  });

  it('is unknown to the same roles of another school', async () => {
    const organisationRoles = Object.keys(plugin.roles).filter(role => plugin.parties[plugin.roles[role]!]!.kind === 'organisation');
    for (const role of organisationRoles) {
      expect([role, (await api.get(`milano ${role}`, `/cases/${id}`)).status]).toEqual([role, 404]);
      for (const command of Object.keys(plugin.commands).slice(0, 3)) expect([role, (await api.post(`milano ${role}`, `/cases/${id}/commands/${command}`)).status]).toEqual([role, 404]);
    }
  });

  it('tells each role its own commands', async () => {
    for (const role of Object.keys(plugin.roles)) {
      const { username, profile } = holderOf(plugin, role);
      const { body, status } = await api.get(username, `/cases/${id}`, { 'iter-profile': profile });
      expect(status).toBe(200);
      for (const { name, allowed, why, code, schema } of body.commands) {
        expect(plugin.commands[name]!.hidden ?? false).toBe(false);
        expect([role, name, code === 'forbidden']).toEqual([role, name, !plugin.commands[name]!.by.includes(role)]);
        expect(allowed === false).toBe(why !== null);
        expect(schema === null).toBe(code === 'forbidden');
      }
    }
  });
});
