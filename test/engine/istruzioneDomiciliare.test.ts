/** The procedure on the real engine: what the pure scenarios tell must also survive rows, seals, locks and registers. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { loadDefaultParameters } from '../../database/parameters.ts';
import type { Caller, Engine } from '../../engine/engine.ts';
import { addDays, romeDate, schoolYearOf, type Json } from '../../plugins/contract.ts';
import { fondoIstruzioneDomiciliare } from '../../plugins/fondo-istruzione-domiciliare/plugin.ts';
import * as examples from '../../plugins/istruzione-domiciliare/examples.ts';
import { istruzioneDomiciliareV1 } from '../../plugins/istruzione-domiciliare/plugin-v1.ts';
import { istruzioneDomiciliare } from '../../plugins/istruzione-domiciliare/plugin.ts';
import { exportOf, verify } from '../history/exported.ts';
import { openEngine, problemOf, type Opened } from './opened.ts';

const plugins = [istruzioneDomiciliareV1, istruzioneDomiciliare, fondoIstruzioneDomiciliare];
let opened: Opened;
let today: string;

beforeAll(async () => {
  opened = await openEngine(plugins);
  engine = opened.engine;
  await loadDefaultParameters(opened.admin, plugins.flatMap(({ defaultParameters }) => defaultParameters ?? []));
  today = romeDate(new Date().toISOString());
  // A calendar around today, so that the test is true on every day of the year.
  const calendario = { inizioLezioni: addDays(today, -80), fineLezioni: addDays(today, 150), giorniSettimanaliChiusi: [7], chiusure: [], esami: { dal: addDays(today, 151), al: addDays(today, 170) } };
  await opened.admin.query(`insert into parameters (name, organisation, valid_from, valid_to, value, reason, set_by) values ('calendarioScolastico', 'P1', '2000-01-01', null, $1, 'test', 'test')`, [JSON.stringify({ Puglia: calendario })]);
});
afterAll(async () => { await opened.close(); });

const as = (role: string): Caller => {
  const { segreteria, operatorePolo } = opened.people;
  // Two people: who works the hours out does not countersign them.
  if (role === 'dirigentePolo') return { ...operatorePolo, role, userId: opened.people.altraScuola.userId };
  return role.endsWith('Polo') ? { ...operatorePolo, role } : { ...segreteria, role };
};
/** The program that serves: a test may put an older one in its place. */
let engine: Engine;
const give = (caseId: string, command: string, data: Json, role: string) => engine.giveCommand({ caseId, command, data, caller: as(role), key: randomUUID() });
async function attach(caseId: string, ...kinds: string[]): Promise<void> {
  for (const kind of kinds) await engine.attach({ caseId, kind, name: `${kind}.pdf`, mediaType: 'application/pdf', content: Buffer.from(`%PDF-1.7 ${kind} ${randomUUID()}`), caller: as(kind === 'modelloZ' ? 'DSGA' : 'segreteria'), key: randomUUID() });
}

/** Does what the durable workflow would: gives the commands that are owed to other cases. */
async function deliver(): Promise<void> {
  const { rows } = await opened.admin.query(`select a.id, a.input, c.id as "caseId", c.process from agenda a join cases c on c.id = a.case_id where a.does = 'command' order by a.due_at, a.id`);
  for (const { id, input, caseId, process } of rows) {
    const result = await opened.engine.sendCommand({ effectId: id, from: { process, caseId }, input });
    if (!result.ok) throw new Error(JSON.stringify(result.problem));
  }
}

/** With Modello P, waiting for its hours. */
async function planned(): Promise<string> {
  const periodi = [{ dal: addDays(today, -40), al: addDays(today, 29) }];
  const certificato = examples.certificato(periodi, { rilasciatoIl: addDays(today, -41) });
  const { record } = await engine.createCase({ process: 'istruzione-domiciliare', data: examples.BOZZA, parties: { polo: 'P1' }, caller: as('segreteria'), key: randomUUID() });
  const { id } = record.state;
  await attach(id, 'modelloS', 'modelloG');
  await give(id, 'presenta', examples.presenta(periodi, { certificato, modelloG: { firmatario: 'Maria Rossi', qualita: 'genitore', firmatoIl: addDays(today, -41) } }), 'segreteria');
  await give(id, 'assegnaNumero', {}, 'operatorePolo');
  const past = (data: any) => ({ ...data, ...(data.data ? { data: addDays(today, -39) } : {}), ...(data.dichiarazione ? { dichiarazione: { data: addDays(today, -39) } } : {}) });
  for (const [command, data] of examples.ATTI) await give(id, command, past(data), 'dirigente');
  await attach(id, 'modelloP');
  await give(id, 'inviaModelloP', examples.modelloP({ deliberaConsiglioIstituto: { numero: '45', data: addDays(today, -38), importoCents: 130_000 } }), 'referente');
  return id;
}

async function authorised(): Promise<string> {
  const id = await planned();
  await give(id, 'autorizza', { oreAutorizzate: 50 }, 'operatorePolo');
  await give(id, 'controfirma', {}, 'dirigentePolo');
  return id;
}

async function reported(id: string): Promise<void> {
  await give(id, 'concludi', {}, 'dirigente');
  await attach(id, 'relazioneFinale', 'modelloV', 'modelloZ', 'modelloOF');
  await give(id, 'consegnaRelazione', { docente: 'bianchi' }, 'docente');
  await give(id, 'firmaRegistro', { docente: 'bianchi' }, 'docente');
  await give(id, 'vistaRegistro', { docente: 'bianchi' }, 'dirigente');
  const problem = await problemOf(give(id, 'rendiconta', examples.rendiconta([{ docente: 'bianchi', ore: 2 }], 2, today), 'dirigente'));
  expect(problem).toMatchObject({ code: 'invalid', members: { refusals: [{ rule: 'oreNonCoincidenti', figures: { docenti: [{ docente: 'bianchi', registro: 3, dichiarate: 2 }], totaleRegistro: 3, totaleDichiarato: 2 } }] } });
  await give(id, 'rendiconta', examples.rendiconta([{ docente: 'bianchi', ore: 3 }], 3, today), 'dirigente');
}

it('goes from the draft to the payment by the fund', async () => {
  const first = await authorised(), second = await authorised();
  for (const id of [first, second]) {
    await give(id, 'registraLezione', examples.lezione(addDays(today, -20), '15:00', '17:00'), 'docente');
    await give(id, 'registraLezione', examples.lezione(addDays(today, -10), '15:00', '16:00'), 'docente');
  }
  await reported(first);
  await deliver();
  const { rows: [fund] } = await opened.admin.query(`select id, row from cases where process = 'fondo-istruzione-domiciliare'`);
  expect(fund.row).toMatchObject({ annoScolastico: schoolYearOf(addDays(today, -40)), progetti: 2, rendicontati: 1 });
  const atto = { numero: '9', data: addDays(today, -1) };
  expect(await problemOf(give(fund.id, 'liquida', { atto }, 'dirigentePolo'))).toMatchObject({ members: { refusals: [{ rule: 'finanziamentoMancante' }] } });
  await give(fund.id, 'registraFinanziamento', { importoCents: 10_000, atto }, 'operatorePolo');
  expect(await problemOf(give(fund.id, 'liquida', { atto }, 'dirigentePolo'))).toMatchObject({ members: { refusals: [{ rule: 'rendicontiMancanti', figures: { attivati: 2, mancano: 1 } }] } });
  await reported(second);
  expect(await problemOf(give(fund.id, 'liquida', { atto }, 'dirigentePolo'))).toMatchObject({ members: { refusals: [{ rule: 'rendicontiInArrivo', figures: { inArrivo: 1 } }] } });
  await deliver();
  await give(fund.id, 'liquida', { atto }, 'dirigentePolo');
  await deliver();
  // Three hours cost 153.27: the shares are 76.64 each, the fund 100.00.
  const { rows } = await opened.admin.query(`select number, state, done from cases where process = 'istruzione-domiciliare' order by number`);
  expect(rows).toEqual([1, 2].map(n => ({ number: `ID-${schoolYearOf(today)}-000${n}`, state: 'liquidata', done: true })));
  const read = await opened.engine.readCase(first, ['P1']);
  expect(read!.state.context['liquidazione']).toMatchObject({ quotaCents: 5_000, dovutaCents: 7_664 });
});

it('lets projects of version 1 go on as they began, and moves one by command: it folds again through both versions', async () => {
  engine = opened.another({ plugins: [istruzioneDomiciliareV1, fondoIstruzioneDomiciliare] }).engine;
  const [stays, moves] = [await planned(), await planned()];
  engine = opened.engine;
  expect((await give(stays, 'autorizza', { oreAutorizzate: 50 }, 'operatorePolo')).record.stateName).toBe('autorizzata');
  const move = { caseId: moves, to: 2, actor: { kind: 'system' as const, id: 'operator:anna', role: 'operatore' }, reason: 'controfirma dal 2026/27', key: 'move/2' };
  expect(await engine.moveCase({ ...move, dryRun: true })).toMatchObject({ result: 'moved', state: { before: 'inAutorizzazione', after: 'inAutorizzazione' } });
  expect((await opened.engine.readCase(moves, ['P1']))!.process.plugin.version).toBe(1);
  expect(await engine.moveCase({ ...move, dryRun: false })).toMatchObject({ result: 'moved', deadlines: { begin: [], end: [] } });
  expect((await give(moves, 'autorizza', { oreAutorizzate: 50 }, 'operatorePolo')).record.stateName).toBe('inControfirma');
  expect((await give(moves, 'controfirma', {}, 'dirigentePolo')).record.stateName).toBe('autorizzata');
  for (const id of [stays, moves]) expect(await verify([await exportOf(opened, id)], plugins, '--refold')).toMatchObject({ code: 0, text: expect.stringContaining('decisions folded again') });
});

it('keeps names, health data and free text out of the unsealed columns', async () => {
  const { rows } = await opened.admin.query(`select c.context, c.row, c.value, (select string_agg(input::text, ' ') from agenda a where a.case_id = c.id and kind = 'effect') as inputs from cases c where process = 'istruzione-domiciliare'`);
  const open = JSON.stringify(rows);
  for (const secret of ['Anna', 'Maria Rossi', 'strutturaOspedaliera', 'Comprensione e produzione', 'Lettura e commento']) expect(open).not.toContain(secret);
});
