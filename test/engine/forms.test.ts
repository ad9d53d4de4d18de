/** Forms in the engine: what a decision keeps of them, what is printed, and drafts against commands, deadlines, walls and time. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { insertParameter } from '../../database/parameters.ts';
import { addedFieldsFaults } from '../../engine/forms/addedFields.ts';
import { isDeeperThan, mergePatch } from '../../engine/forms/mergePatch.ts';
import { keptOverlay } from '../../engine/forms/overlay.ts';
import { refold } from '../../engine/history/refold.ts';
import { payloadOf } from '../../engine/history/verifyExport.ts';
import { createProcesses } from '../../engine/processes.ts';
import { addDays, extraFieldLines, formParameter, romeDate, type AddedField, type FormOverlay, type Json, type JsonObject } from '../../plugins/contract.ts';
import { domanda } from '../toys/domanda.ts';
import { codeOf, give, newCase, openEngine, problemOf, type Opened } from './opened.ts';

const field = (name: string, schema: AddedField['schema'] = { type: 'string' }, more: Partial<AddedField> = {}): AddedField => ({ name, schema, required: false, labels: { it: name.toUpperCase() }, ...more });

describe('a merge patch (RFC 7386)', () => {
  it.each<[Json | undefined, Json, Json]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }], [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }], [{ a: 'b' }, { a: null }, {}], [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }], [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }], [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }], [['a', 'b'], ['c', 'd'], ['c', 'd']], [{ a: 'b' }, ['c'], ['c']], [{ a: 'foo' }, null, null], [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }], [[1, 2], { a: 'b', c: null }, { a: 'b' }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }], [undefined, { a: [null] }, { a: [null] }],
  ])('makes of %j and %j what the standard says', (target, patch, merged) => {
    const before = JSON.stringify(target);
    expect(mergePatch(target, patch)).toEqual(merged);
    expect(JSON.stringify(target)).toBe(before);
  });

  it('takes a member called __proto__ for one like any other', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')) as JsonObject;
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(Object.keys(merged)).toEqual(['__proto__', 'constructor']);
  });

  it('knows how deep a value is without going further than asked', () => {
    const deep = (levels: number): Json => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    expect([isDeeperThan(deep(64), 64), isDeeperThan(deep(65), 64), isDeeperThan(deep(5_000), 64), isDeeperThan([], 0), isDeeperThan(1, 0)]).toEqual([false, true, true, true, false]);
  });
});

describe('the lines of added fields', () => {
  const overlay: FormOverlay = { fields: [field('due', { type: 'number' }, { order: 2 }), field('uno', { type: 'boolean' }, { order: 1, labels: { it: 'Uno', en: 'One' } }), field('tre', { type: 'string', format: 'date' })], former: { vecchio: { it: 'Vecchio campo' } } };
  it('stand in the order of the form, then what it had once, then what nobody knows', () => {
    const values = { ignoto: 'x', vecchio: 'y', tre: '2026-12-24', due: 1.5, uno: true, vuoto: '', nullo: null };
    expect(extraFieldLines(overlay, values, 'it')).toEqual([
      { label: 'Uno', value: 'sì' }, { label: 'DUE', value: '1,5' }, { label: 'TRE', value: '24/12/2026' }, { label: 'Vecchio campo', value: 'y' }, { label: 'ignoto', value: 'x' },
    ]);
    expect(extraFieldLines(overlay, { uno: false, due: 1.5 }, 'en')).toEqual([{ label: 'One', value: 'no' }, { label: 'DUE', value: '1.5' }]);
    expect([extraFieldLines(null, { a: 1 }, 'it'), extraFieldLines(overlay, null, 'it'), extraFieldLines(overlay, undefined, 'it')]).toEqual([[{ label: 'a', value: '1' }], [], []]);
  });

  it('keep the labels of all that was taken away, the newest first', () => {
    const first = keptOverlay({ fields: [field('a', undefined, { labels: { it: 'A vecchia' } }), field('b')] }, []);
    const second = keptOverlay({ fields: [field('a', undefined, { labels: { it: 'A nuova' } }), field('c')] }, [first]);
    const third = keptOverlay({ fields: [field('c')] }, [second, first]);
    expect([first.former, second.former, third.former]).toEqual([undefined, { b: { it: 'B' } }, { a: { it: 'A nuova' }, b: { it: 'B' } }]);
    expect(keptOverlay({ fields: [field('a')] }, [third]).former).toEqual({ c: { it: 'C' }, b: { it: 'B' } });
  });

  it('a required text that is empty is told as missing', () => {
    const fields = [field('plesso', { type: 'string' }, { required: true }), field('lungo', { type: 'string', minLength: 3 })];
    const faults = addedFieldsFaults(domanda, 'modelloP', { overlay: { fields }, version: 999_998 }, { campiAggiuntivi: { plesso: '', lungo: 'ab' } });
    expect(faults.map(({ rule }) => rule)).toEqual(['campoAggiuntivoMancante', 'campoAggiuntivo_minLength']);
  });

  it('are checked for what they say, never told with their value', () => {
    const fields = [field('scelta', { type: 'string', enum: ['x', 'y'] }), field('passo', { type: 'number', multipleOf: 0.01, minimum: 0, maximum: 5 }), field('intero', { type: 'integer' })];
    const rules = (values: Json) => addedFieldsFaults(domanda, 'modelloP', { overlay: { fields }, version: 999_999 }, { campiAggiuntivi: values }).map(({ rule, pointer }) => `${rule} ${pointer}`).sort();
    expect(rules({ scelta: 'x', passo: 0.29, intero: 3 })).toEqual([]);
    expect(rules({ scelta: 'segreto', passo: 0.295, intero: 1.5 })).toEqual(['campoAggiuntivoDiAltroTipo_integer /campiAggiuntivi/intero', 'campoAggiuntivoFuoriScelte /campiAggiuntivi/scelta', 'campoAggiuntivo_multipleOf /campiAggiuntivi/passo']);
    expect([rules({ passo: 6 }), rules({ passo: -1 }), rules(null), rules([]), rules('x')]).toEqual([['campoAggiuntivo_maximum /campiAggiuntivi/passo'], ['campoAggiuntivo_minimum /campiAggiuntivi/passo'], ['campiAggiuntiviNonOggetto /campiAggiuntivi'], ['campiAggiuntiviNonOggetto /campiAggiuntivi'], ['campiAggiuntiviNonOggetto /campiAggiuntivi']]);
  });
});

describe('in a database', () => {
  let opened: Opened;
  beforeAll(async () => { opened = await openEngine([domanda]); });
  afterAll(async () => { await opened.close(); });

  const P = { variante: 'conSiO', ore: 20 };
  const today = () => romeDate(new Date().toISOString());
  const add = (fields: AddedField[], organisation: string | null = 'P1', more: { from?: string; to?: string } = {}) =>
    insertParameter(opened.pools.commit, { name: formParameter('domanda', 'modelloP'), organisation, from: today(), to: null, value: { fields }, reason: 'prova', setBy: 'x', ...more });
  const open = (polo = 'P1') => newCase(opened, 'domanda', {}, { polo });
  const patch = (id: string, body: Json, more: { form?: string; caller?: Opened['people']['segreteria']; ifMatch?: string } = {}) => opened.engine.patchDraft({ caseId: id, form: 'modelloP', patch: body, caller: opened.people.segreteria, ...more });

  it('a decision keeps only what is in force of its own organisation, and folds again to the same', async () => {
    await opened.admin.query(`insert into organisations (code, name, kind) values ('P2', 'Altro polo', 'polo')`);
    for (let i = 0; i < 5; i += 1) await add([field('a', { type: 'string' }, { required: true, help: { it: 'x'.repeat(100) } })]);
    await add([field('domani')], 'P1', { from: addDays(today(), 1) });
    await add([field('ieri')], 'P1', { from: addDays(today(), -9), to: addDays(today(), -1) });
    await add([field('altrui')], 'P2');
    // A school is no polo: what stands under its name says nothing.
    await add([field('scuola', { type: 'string' }, { required: true })], 'S1');
    const id = await open();
    expect(await codeOf(give(opened, id, 'invia', { modelloP: P }))).toBe('invalid');
    expect(await codeOf(give(opened, id, 'invia', { modelloP: { ...P, campiAggiuntivi: { a: 'x', scuola: 'y' } } }))).toBe('invalid');
    await give(opened, id, 'invia', { modelloP: { ...P, campiAggiuntivi: { a: 'x' } } });
    await give(opened, id, 'chiudi');
    const exported = (await opened.engine.exportHistory(id, ['S1']))!;
    const entry = payloadOf(exported.document.entries.at(-1)!) as { parameters?: { name: string; organisation: string; value: FormOverlay }[] };
    expect(entry.parameters?.map(({ name, organisation, value }) => [name, organisation, value.fields])).toEqual([[formParameter('domanda', 'modelloP'), 'P1', [{ name: 'a', schema: { type: 'string' }, required: true, labels: { it: 'A' } }]]]);
    expect(refold(exported.document, createProcesses([domanda]))).toMatchObject({ result: 'ok' });
    // Of another polo's case, and of one without any, nothing is asked.
    expect(await codeOf(give(opened, await open('P2'), 'invia', { modelloP: { ...P, campiAggiuntivi: { altrui: 'x' } } }))).toBe('ok');
    expect(await codeOf(give(opened, await newCase(opened, 'domanda', {}, {}), 'invia', { modelloP: P }))).toBe('ok');
    await add([]);
  });

  it('what no overlay lets through is refused in the history without its content', async () => {
    const id = await open();
    const problem = await problemOf(give(opened, id, 'invia', { modelloP: { ...P, campiAggiuntivi: { segreto: 'diagnosi' } } }));
    expect(problem.members['errors']).toEqual([{ pointer: '/modelloP/campiAggiuntivi/segreto', message: 'campoAggiuntivoNonPrevisto' }]);
    const exported = (await opened.engine.exportHistory(id, ['S1']))!;
    expect(Buffer.from(exported.document.entries.at(-1)!.salted!, 'base64').toString('utf8')).not.toContain('diagnosi');
    // The key got its answer.
    const key = randomUUID();
    expect([await codeOf(give(opened, id, 'invia', { modelloP: { ...P, campiAggiuntivi: { x: 1 } } }, opened.people.segreteria, { key })), await codeOf(give(opened, id, 'invia', { modelloP: { ...P, campiAggiuntivi: { x: 1 } } }, opened.people.segreteria, { key }))]).toEqual(['invalid', 'invalid']);
  });

  it('an overlay that could not be compiled breaks its own form alone, with an incident', async () => {
    await add([{ ...field('a'), schema: { type: 'nessuno' as never } }]);
    const id = await open();
    expect(await codeOf(give(opened, id, 'invia', { modelloP: { ...P, campiAggiuntivi: { a: 'x' } } }))).toBe('internal');
    expect(await codeOf(give(opened, id, 'invia', {}))).toBe('ok');
    await add([]);
  });

  it('a draft is kept by another program as by this one, each writer’s words with the others’', async () => {
    const other = opened.another();
    const id = await open();
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? other : opened).engine.patchDraft({ caseId: id, form: 'modelloP', patch: { [`c${i}`]: i }, caller: opened.people.segreteria })));
    const { draft } = await other.engine.readDraft({ caseId: id, form: 'modelloP', caller: opened.people.segreteria });
    expect([draft.revision, Object.keys(draft.data).length]).toEqual([20, 20]);
  });

  it('a draft and the command that ends it come one after the other', async () => {
    for (let i = 0; i < 6; i += 1) {
      const id = await open();
      const { draft } = await patch(id, { ore: 1 });
      const [typed] = await Promise.all([codeOf(patch(id, { ore: 2 }, { ifMatch: draft.tag })), give(opened, id, 'invia', { modelloP: P })]);
      // Typed before, it went with the command; after, it met no draft.
      expect(['ok', 'version-mismatch']).toContain(typed);
      expect((await opened.admin.query('select 1 from form_drafts where case_id = $1', [id])).rowCount).toBe(0);
    }
  });

  it('a draft of another party is behind the wall of the database too', async () => {
    const id = await newCase(opened, 'domanda', {}, { polo: 'P1', famiglia: 'luigi' });
    await patch(id, { firmatario: 'x' }, { form: 'consenso' });
    await patch(id, { firmatario: 'y' }, { form: 'consenso', caller: opened.people.genitore });
    const seen = async (org: string, user: string) => {
      const client = await opened.raw('iter_api').connect();
      try {
        await client.query('begin');
        await client.query(`select set_config('iter.org', $1, true), set_config('iter.user', $2, true)`, [org, user]);
        const { rows } = await client.query('select principal from form_drafts where case_id = $1', [id]);
        await client.query('rollback');
        return rows.map(({ principal }) => principal);
      } finally {
        client.release();
      }
    };
    const { userId } = opened.people.genitore;
    expect([await seen('S1', ''), await seen('', userId), await seen('P1', ''), await seen('S2', ''), await seen('', '')]).toEqual([['S1'], [userId], [], [], []]);
  });

  it('text that could not be stored, and keys that are none, are refused', async () => {
    const id = await open();
    const asked = (form: string, body: Json) => codeOf(patch(id, body, { form }));
    expect([await asked('modelloP', { a: '\u0000' }), await asked('modelloP', { '\ud800': 1 }), await asked('', {}), await asked('x'.repeat(300), {}), await asked('modelloP\u0000', {}), await asked('modelloP', [])]).toEqual(['malformed', 'malformed', 'malformed', 'malformed', 'malformed', 'invalid']);
    expect(await codeOf(patch(id, JSON.parse(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)))).toBe('malformed');
    expect(await codeOf(patch(id, { a: 1 }, { caller: opened.people.altraScuola }))).toBe('not-found');
    expect(await codeOf(patch(randomUUID(), { a: 1 }))).toBe('not-found');
  });

  it('people who type stand in one line, and take no more than a connection', async () => {
    const id = await open();
    const codes = await Promise.all(Array.from({ length: 90 }, (_, i) => codeOf(patch(id, { [`c${i}`]: i }))));
    expect(new Set(codes)).toEqual(new Set(['ok', 'unavailable']));
    expect(codes.filter(code => code === 'ok').length).toBe((await opened.engine.readDraft({ caseId: id, form: 'modelloP', caller: opened.people.segreteria })).draft.revision);
  });
});
