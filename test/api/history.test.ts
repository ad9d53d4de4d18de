/** The history as each party may read it, its proof, and the record of who read what is protected. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApi, submitted, type TestApi } from './harness.ts';

let api: TestApi, id: string;
beforeAll(async () => {
  api = await startTestApi();
  ({ id } = await submitted(api, { diagnosi: 'asma bronchiale' }));
  await api.post('famiglia.rossi', `/cases/${id}/commands/parere`, { nota: 'Siamo d’accordo' });
  await api.post('polo.puglia', `/cases/${id}/commands/rispondi`, { esito: 'respinta', motivo: 'Mancano i fondi' });
});
afterAll(async () => { await api.stop(); });

const history = async (username: string, query = '') => (await api.get(username, `/cases/${id}/history${query}`)).body;

describe('the history', () => {
  it('tells every step, oldest first, chained', async () => {
    const { items, next } = await history('segreteria.bari');
    expect(next).toBeNull();
    expect(items.map(({ seq, kind, name, from, to, version }: any) => [seq, kind, name, from, to, version])).toEqual([
      [1, 'created', 'created', null, 'bozza', 1], [2, 'command', 'presenta', 'bozza', 'inEsame', 2], [3, 'command', 'parere', 'inEsame', 'inEsame', 3], [4, 'command', 'rispondi', 'inEsame', 'chiusa', 4],
    ]);
    expect(items[0].previousHash).toBe('0'.repeat(64));
    for (const [i, entry] of items.slice(1).entries()) expect(entry.previousHash).toBe(items[i].hash);
    expect(items[2].actor).toEqual({ kind: 'user', user: await api.userId('famiglia.rossi'), name: 'Giulia Rossi', organisation: null, role: 'genitore', roleLabel: 'Genitore' });
    expect(items[3]).toMatchObject({ label: 'Rispondi', actor: { name: 'Teresa Amoruso', organisation: 'POLOPUGLIA', role: 'operatorePolo' } });
  });

  it('goes on after an entry', async () => {
    const first = await history('segreteria.bari', '?limit=2');
    expect([first.items.map(({ seq }: any) => seq), first.next]).toEqual([[1, 2], '2']);
    const second = await history('segreteria.bari', `?limit=2&after=${first.next}`);
    expect([second.items.map(({ seq }: any) => seq), second.next]).toEqual([[3, 4], null]);
    expect(second.items[0].previousHash).toBe(first.items[1].hash);
    expect((await api.get('segreteria.bari', `/cases/${id}/history?after=x`)).status).toBe(400);
  });

  it('shows a payload to who may give the command, sees everything, or gave it', async () => {
    const payloads = async (username: string) => (await history(username)).items.map(({ payload, payloadHidden }: any) => (payload === null ? 'hidden' : payloadHidden ? 'part' : 'whole'));
    // The school's roles see every field of the projection.
    expect(await payloads('segreteria.bari')).toEqual(['whole', 'whole', 'whole', 'whole']);
    expect(await payloads('polo.puglia')).toEqual(['whole', 'whole', 'whole', 'whole']);
    expect(await payloads('famiglia.rossi')).toEqual(['hidden', 'hidden', 'whole', 'hidden']);
    expect(await payloads('usr.puglia')).toEqual(['hidden', 'hidden', 'whole', 'hidden']);
    expect((await api.get('usr.puglia', `/cases/${id}/history`)).text).not.toContain('asma');
    expect((await api.get('famiglia.bianchi', `/cases/${id}/history`)).status).toBe(404);
  });

  it('hides in a payload what the projection hides from the reader, even from its author', async () => {
    // The parent, as head of the school, gave the hours; as a parent, they do not see them.
    const asked = await submitted(api, {}, { famiglia: 'dirigente.bari' });
    await api.post('dirigente.bari', `/cases/${asked.id}/commands/completa`, { ore: 3, oggetto: 'x' });
    const { body } = await api.get('dirigente.bari', `/cases/${asked.id}/history`, { 'iter-profile': 'persona/genitore' });
    expect(body.items.at(-1)).toMatchObject({ kind: 'refused', payload: { oggetto: 'x' }, payloadHidden: true });
    expect(body.items.at(-1).payload.ore).toBeUndefined();
  });
});

describe('what is protected', () => {
  it('is shown to the roles of the projection, for the party that they are held for', async () => {
    expect((await api.get('usr.puglia', `/cases/${id}`)).body.data).toEqual({ oggetto: 'Prova', alunno: 'Luca Rossi', ore: 10, esito: 'respinta', scadenza: null, tetto: 20.5 });
    expect((await api.get('famiglia.rossi', `/cases/${id}`)).body.data).toEqual({ oggetto: 'Prova', alunno: 'Luca Rossi', diagnosi: 'asma bronchiale', esito: 'respinta', scadenza: null, tetto: 20.5 });
    // The head of another school who is the pupil's parent sees the case, but not as a head.
    const other = await submitted(api, {}, { famiglia: 'segreteria.milano' });
    const page = (await api.get('segreteria.milano', `/cases/${other.id}`)).body;
    expect([page.role, page.data.diagnosi, page.data.ore]).toEqual([null, undefined, undefined]);
    expect((await api.post('segreteria.milano', `/cases/${other.id}/commands/prendiAula`, {})).status).toBe(403);
    expect((await api.get('segreteria.milano', `/cases/${other.id}/access-log`)).status).toBe(403);
  });

  it('is recorded when it is read: who, when, which fields, why', async () => {
    const before = (await api.get('dirigente.bari', `/cases/${id}/access-log`)).body.items.length;
    await api.get('polo.puglia', `/cases/${id}`, { 'iter-reason': Buffer.from('Istruttoria è in corso', 'utf8').toString('latin1') });
    await api.get('usr.puglia', `/cases/${id}`);
    await history('segreteria.bari');
    await history('usr.puglia');
    const log = (await api.get('dirigente.bari', `/cases/${id}/access-log`)).body.items;
    expect(log.slice(0, log.length - before)).toMatchObject([
      { name: 'Anna Lorusso', role: 'segreteria', organisation: 'BAIC818001', fields: ['alunno', 'diagnosi'], reason: null },
      { name: 'Teresa Amoruso', role: 'operatorePolo', organisation: 'POLOPUGLIA', fields: ['diagnosi'], labels: ['Diagnosi'], reason: 'Istruttoria è in corso', at: expect.stringMatching(/Z$/) },
    ]);
    const page = (await api.get('famiglia.rossi', `/cases/${id}/access-log?limit=1`)).body;
    expect(page.items).toHaveLength(1);
    expect((await api.get('famiglia.rossi', `/cases/${id}/access-log?limit=1&cursor=${page.next}`)).body.items[0]).not.toEqual(page.items[0]);
  });

  it('is not shown when the record cannot be written', async () => {
    await api.db.query('revoke insert on access_log from iter_api');
    try {
      const answer = await api.get('segreteria.bari', `/cases/${id}`);
      expect([answer.status, answer.text.includes('asma')]).toEqual([500, false]);
      expect((await api.get('usr.puglia', `/cases/${id}`)).status).toBe(200);
    } finally {
      await api.db.query('grant insert on access_log to iter_api');
    }
  });
});

describe('the proof', () => {
  it('verifies, and finds what was changed', async () => {
    const { body } = await api.get('famiglia.rossi', `/cases/${id}/history/verification`);
    expect(body).toEqual({ valid: true, entries: 4, head: (await history('famiglia.rossi')).items.at(-1).hash, firstBroken: null });
    const tampered = await submitted(api);
    await api.db.query('begin');
    await api.db.query(`set local session_replication_role = 'replica'`);
    await api.db.query(`update history set name = 'ritira' where case_id = $1 and seq = 2`, [tampered.id]);
    await api.db.query('commit');
    expect((await api.get('segreteria.bari', `/cases/${tampered.id}/history/verification`)).body).toMatchObject({ valid: false, firstBroken: 2 });
  });

  it('is exported, with the payloads that the reader may see whole', async () => {
    const whole = await api.get('segreteria.bari', `/cases/${id}/history/export`);
    expect(whole.headers.get('content-disposition')).toBe(`attachment; filename="storico-${id}.json"`);
    expect([whole.body.format, whole.body.withheld, whole.body.entries.length]).toEqual(['iter-history/1', [], 4]);
    expect(whole.body.entries.every(({ salted }: any) => typeof salted === 'string')).toBe(true);
    const part = await api.get('usr.puglia', `/cases/${id}/history/export`);
    expect(part.body.withheld).toEqual([1, 2, 3, 4]);
    expect(part.text).not.toContain(Buffer.from('asma').toString('base64').slice(0, 4));
  });
});
