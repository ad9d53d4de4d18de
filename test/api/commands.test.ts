/** Commands over HTTP: idempotency, entity tags, refusals in words. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newRichiesta, POLO, RICHIESTA, startTestApi, submitted, type TestApi } from './harness.ts';

let api: TestApi;
beforeAll(async () => { api = await startTestApi(); });
afterAll(async () => { await api.stop(); });

const historyOf = async (id: string) => (await api.get('segreteria.bari', `/cases/${id}/history`)).body.items as any[];

describe('creating a case', () => {
  const body = { data: RICHIESTA, parties: { polo: POLO, famiglia: 'famiglia.rossi' } };

  it('answers 201 with its address, its tag and the key', async () => {
    const answer = await api.post('segreteria.bari', '/processes/richiesta/cases', body);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/v1/cases/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.body).toMatchObject({ process: 'richiesta', state: 'bozza', version: 1, draft: true, repeated: false, parties: { scuola: 'BAIC818001', polo: POLO, famiglia: await api.userId('famiglia.rossi') } });
  });

  it('finds the same case again by the same key, and refuses the key for another body', async () => {
    const first = await api.post('segreteria.bari', '/processes/richiesta/cases', body, { 'idempotency-key': 'nuova-1' });
    const again = await api.post('segreteria.bari', '/processes/richiesta/cases', body, { 'idempotency-key': 'nuova-1' });
    expect([again.status, again.body.id, again.body.repeated]).toEqual([201, first.body.id, true]);
    const other = await api.post('segreteria.bari', '/processes/richiesta/cases', { ...body, data: { ...RICHIESTA, ore: 11 } }, { 'idempotency-key': 'nuova-1' });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    // Another person's key of the same name is another key.
    const elsewhere = await api.post('dirigente.bari', '/processes/richiesta/cases', body, { 'idempotency-key': 'nuova-1' });
    expect(elsewhere.status).toBe(201);
    expect(elsewhere.body.id).not.toBe(first.body.id);
  });

  it.each([
    ['data that the schema refuses', { data: { ...RICHIESTA, ore: -1 } }, '/data/ore'],
    ['an unknown member', { data: RICHIESTA, extra: 1 }, '/extra'],
    ['a party that is not one', { data: RICHIESTA, parties: { polo: POLO, amico: 'x' } }, '/parties/amico'],
    ['an organisation of another kind', { data: RICHIESTA, parties: { polo: 'BAIC818001' } }, '/parties/polo'],
    ['an unknown person', { data: RICHIESTA, parties: { polo: POLO, famiglia: 'nessuno' } }, '/parties/famiglia'],
    ['a list', [], ''],
  ])('refuses %s with 422 and the place', async (_what, wrong, pointer) => {
    const answer = await api.post('segreteria.bari', '/processes/richiesta/cases', wrong);
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid']);
    expect(answer.body.errors.map((error: any) => error.pointer)).toContain(pointer);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('is for the roles of the process, for their own organisation', async () => {
    expect((await api.post('polo.puglia', '/processes/richiesta/cases', body)).status).toBe(403);
    expect((await api.post('segreteria.milano', '/processes/richiesta/cases', { ...body, parties: { ...body.parties, scuola: 'BAIC818001' } })).status).toBe(403);
    // The role is asked before the form.
    expect((await api.post('polo.puglia', '/processes/richiesta/cases', { data: { ore: 'x' } })).status).toBe(403);
  });
});

describe('giving a command', () => {
  it('answers the case after it, with a new tag', async () => {
    const { id } = await newRichiesta(api);
    const answer = await api.post('segreteria.bari', `/cases/${id}/commands/presenta`, {}, { 'if-match': '"1"' });
    expect([answer.status, answer.headers.get('etag'), answer.body.state, answer.body.draft]).toEqual([200, '"2"', 'inEsame', false]);
    expect(answer.body.agenda.deadlines).toMatchObject([{ name: 'termine', label: 'Termine', rule: 'regolamento' }]);
    expect(answer.body.data.tetto).toBe(20.5);
  });

  it('gives the same answer to the same key, with the version committed then and the case as it is now', async () => {
    const { id } = await newRichiesta(api);
    const key = { 'idempotency-key': 'presenta-1' };
    await api.post('segreteria.bari', `/cases/${id}/commands/presenta`, {}, key);
    await api.post('famiglia.rossi', `/cases/${id}/commands/parere`, {});
    const again = await api.post('segreteria.bari', `/cases/${id}/commands/presenta`, {}, key);
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotency-key')).toBe('presenta-1');
    expect(again.body).toMatchObject({ repeated: true, committedVersion: 2, version: 3, state: 'inEsame' });
    const other = await api.post('segreteria.bari', `/cases/${id}/commands/presenta`, { ore: 3 }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    expect((await historyOf(id)).filter(({ name }) => name === 'presenta')).toHaveLength(1);
  });

  it('gives a refusal again to the same key', async () => {
    const { id } = await newRichiesta(api, { ore: 40 });
    const key = { 'idempotency-key': 'rifiuto-1' };
    const first = await api.post('segreteria.bari', `/cases/${id}/commands/presenta`, {}, key);
    const again = await api.post('segreteria.bari', `/cases/${id}/commands/presenta`, {}, key);
    expect([first.status, again.status]).toEqual([422, 422]);
    expect(again.body).toEqual(first.body);
    expect((await historyOf(id)).filter(({ kind }) => kind === 'refused')).toHaveLength(1);
  });

  it('is done once when the same request arrives many times at once', async () => {
    const { id } = await newRichiesta(api);
    const answers = await Promise.all(Array.from({ length: 12 }, () => api.post('segreteria.bari', `/cases/${id}/commands/completa`, { ore: 3 }, { 'idempotency-key': 'insieme' })));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(new Set(answers.map(({ body }) => body.committedVersion))).toEqual(new Set([2]));
    expect(answers.filter(({ body }) => !body.repeated)).toHaveLength(1);
  });

  it('refuses a stale tag with 412, and lets the latest pass', async () => {
    const { id } = await newRichiesta(api);
    await api.post('segreteria.bari', `/cases/${id}/commands/completa`, { ore: 3 });
    const stale = await api.post('segreteria.bari', `/cases/${id}/commands/completa`, { ore: 4 }, { 'if-match': '"1"' });
    expect([stale.status, stale.body.code, stale.body.version]).toEqual([412, 'version-mismatch', 2]);
    for (const [tag, status] of [['"2"', 200], ['W/"3"', 200], ['*', 200], ['"99"', 412], ['"abc"', 412]] as const) {
      expect([tag, (await api.post('segreteria.bari', `/cases/${id}/commands/completa`, { ore: 5 }, { 'if-match': tag })).status]).toEqual([tag, status]);
    }
    for (const tag of ['2', '"2', '"1", "2"', 'W/2', '""x']) expect([tag, (await api.post('segreteria.bari', `/cases/${id}/commands/completa`, { ore: 5 }, { 'if-match': tag })).status]).toEqual([tag, 400]);
  });

  it('tells a rule by its text, its figures and the field, in the language asked for', async () => {
    const { id } = await newRichiesta(api, { ore: 1234.5 });
    const italian = await api.post('segreteria.bari', `/cases/${id}/commands/presenta`);
    expect(italian.status).toBe(422);
    expect(italian.body).toMatchObject({
      code: 'invalid', rule: 'entroTetto', figures: { ore: 1234.5, tetto: 20.5, dal: '2025-09-01' },
      detail: 'Le ore richieste (1234,5) superano il tetto di 20,5 in vigore dal 01/09/2025.', errors: [{ pointer: '/ore', message: expect.stringContaining('20,5') }],
    });
    const english = await api.post('segreteria.bari', `/cases/${id}/commands/presenta`, {}, { 'accept-language': 'en-GB, it;q=0.5' });
    expect(english.body.detail).toBe('The hours asked for (1,234.5) exceed the cap of 20.5 in force since 1 September 2025.');
  });

  it('tells what the state takes when it does not take this', async () => {
    const { id } = await newRichiesta(api);
    const answer = await api.post('segreteria.bari', `/cases/${id}/commands/prendiAula`, { aula: 'A', da: '2026-01-01T10:00:00Z', a: '2026-01-01T11:00:00Z' });
    expect([answer.status, answer.body.code, answer.body.state, answer.body.allowed]).toEqual([409, 'command-not-allowed', 'bozza', ['completa', 'presenta']]);
    expect(answer.body.detail).toBe('“Prenota l’aula” non è possibile nello stato “Bozza”.');
  });

  it('asks for the state before the form, and for the role before the state', async () => {
    const { id } = await submitted(api);
    expect((await api.post('segreteria.bari', `/cases/${id}/commands/completa`, { ore: 'molte' })).status).toBe(409);
    expect((await api.post('famiglia.rossi', `/cases/${id}/commands/completa`, { ore: 'molte' })).status).toBe(403);
    expect((await api.post('segreteria.milano', `/cases/${id}/commands/completa`, { ore: 'molte' })).status).toBe(404);
  });

  it('records refusals in the history', async () => {
    const { id } = await submitted(api);
    await api.post('famiglia.rossi', `/cases/${id}/commands/completa`, {});
    await api.post('segreteria.bari', `/cases/${id}/commands/completa`, { ore: 1 });
    await api.post('polo.puglia', `/cases/${id}/commands/rispondi`, { esito: 'boh' });
    await api.post('polo.puglia', `/cases/${id}/commands/rispondi`, { esito: 'respinta' });
    const refused = (await historyOf(id)).filter(({ kind }) => kind === 'refused').map(({ name, actor, from, to }) => [name, actor.role, from, to]);
    expect(refused).toEqual([['completa', 'genitore', 'inEsame', 'inEsame'], ['completa', 'segreteria', 'inEsame', 'inEsame'], ['rispondi', 'operatorePolo', 'inEsame', 'inEsame'], ['rispondi', 'operatorePolo', 'inEsame', 'inEsame']]);
    const polo = (await api.get('polo.puglia', `/cases/${id}/history`)).body.items.at(-1);
    expect(polo.payload).toMatchObject({ esito: 'respinta', refusal: { code: 'invalid', detail: 'La risposta va motivata.', rules: [{ rule: 'motivata' }] } });
  });

  it('refuses a resource that is taken with 409 conflict', async () => {
    const [one, two] = [await submitted(api), await submitted(api)];
    const slot = { aula: 'Laboratorio', da: '2026-03-02T10:00:00Z', a: '2026-03-02T11:00:00Z' };
    expect((await api.post('segreteria.bari', `/cases/${one.id}/commands/prendiAula`, slot)).status).toBe(200);
    const taken = await api.post('segreteria.bari', `/cases/${two.id}/commands/prendiAula`, slot);
    expect([taken.status, taken.body.code]).toEqual([409, 'conflict']);
  });

  it('opens an incident when the plugin throws, and leaves the case as it is', async () => {
    const { id, version } = await submitted(api);
    const answer = await api.post('dirigente.bari', `/cases/${id}/commands/sbaglia`);
    expect([answer.status, answer.body.code]).toEqual([500, 'internal']);
    expect(answer.text).not.toContain('guasto');
    expect((await api.get('dirigente.bari', `/cases/${id}`)).body.version).toBe(version);
  });

  it('asks for the files that the command needs', async () => {
    const { id } = await submitted(api);
    const answer = await api.post('segreteria.bari', `/cases/${id}/commands/documenta`);
    expect([answer.status, answer.body.detail]).toEqual([422, 'Manca un allegato: Certificato.']);
  });

  it('does not know a command that the process does not have', async () => {
    const { id } = await submitted(api);
    expect((await api.post('segreteria.bari', `/cases/${id}/commands/constructor`)).status).toBe(404);
    expect((await api.post('segreteria.bari', `/cases/${id}/commands/inventa`)).status).toBe(404);
  });

  it.each([['an empty key', ''], ['a blank', ' '], ['a key of 201 characters', 'x'.repeat(201)], ['an accent', 'è'], ['a space inside', 'a b']])('refuses %s', async (_what, key) => {
    const { id } = await newRichiesta(api);
    // Header values travel as Latin-1.
    const answer = await api.post('segreteria.bari', `/cases/${id}/commands/completa`, { ore: 1 }, { 'idempotency-key': Buffer.from(key, 'utf8').toString('latin1') });
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed']);
  });
});
