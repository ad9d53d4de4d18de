/** A case's life as its durable workflow follows it: from the first command that others can see to the final state. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { albo, permesso, permessoRotto } from '../toys/permesso.ts';
import { agendaOf, contextOf, entriesOf, give, lifeOf, openLife, presented, sleep, stateOf, statusOf, until, type Life } from './life.ts';

let life: Life;
beforeAll(async () => {
  life = await openLife([permesso, albo]);
  await life.work();
});
afterAll(() => life?.close());
afterEach(() => { permessoRotto.in = null; life.mail.answer = () => 'accept'; });

const ended = (caseId: string) => until(async () => (await statusOf(life, caseId)) === 'COMPLETED', 'the workflow has completed');

describe('the life of a case', () => {
  it('begins with the first command that others can see, under the name of its process', async () => {
    const { engine, people } = life;
    const draft = (await engine.createCase({ process: 'permesso', data: {}, parties: { polo: 'P1' }, caller: people.segreteria, key: 'draft' })).record.state.id;
    await sleep(500);
    expect(await statusOf(life, draft)).toBe('NONE');
    await give(life, draft, 'presenta');
    await until(async () => (await statusOf(life, draft)) === 'RUNNING', 'it runs');
    const { type, searchAttributes } = await lifeOf(life, draft).describe();
    expect(type).toBe('permesso');
    await until(async () => (await lifeOf(life, draft).describe()).searchAttributes.IterState?.[0] === 'inIstruttoria', 'its state is told');
    expect(searchAttributes.IterProcess).toEqual(['permesso']);
    await give(life, draft, 'rifiuta');
    await ended(draft);
    expect((await lifeOf(life, draft).describe()).searchAttributes.IterState).toEqual(['rifiutata']);
  });

  it('does what is owed, performs what is bound, applies the outcome, and ends with the case', async () => {
    const id = await presented(life, 3_600);
    await until(() => life.mail.about(id).length === 1, 'the polo was written to');
    expect(life.mail.about(id)[0]).toMatchObject({ to: 'polo@pec.example.it', subject: expect.stringContaining('avviso') });
    // The mail is there before its outcome is noted.
    await until(async () => { const view = (await lifeOf(life, id).query('view')) as any; return view?.asOfVersion >= 2 && view.agenda.length === 1; }, 'the view is up to date');
    expect(await lifeOf(life, id).query('view')).toMatchObject({ state: 'inIstruttoria', agenda: [{ kind: 'deadline', name: 'termine' }] });
    await give(life, id, 'concedi');
    await ended(id);
    expect(await stateOf(life, id)).toBe('concessa');
    expect(life.mail.about(id).map(({ to, subject }) => [to, subject.split(' ')[0]])).toEqual([['polo@pec.example.it', 'avviso'], ['polo@pec.example.it', 'notifica'], ['anna@example.it', 'esito']]);
    // The person reads English, and is written to in English.
    expect(life.mail.about(id)[2]!.subject).toContain('(en)');
    const rows = await agendaOf(life, id);
    expect(rows.map(({ name, state }) => [name, state])).toEqual(expect.arrayContaining([['avvisaPolo', 'done'], ['termine', 'cancelled'], ['notifica', 'done'], ['avvisaFamiglia', 'done']]));
    expect(life.mail.about(id).map(({ messageId }) => messageId)).toEqual(['avvisaPolo', 'notifica', 'avvisaFamiglia'].map(name => `<${rows.find(row => row.name === name)!.id}@iter.example.it>`));
  });

  it('leaves in the history by which execution each effect was done, and the steps in Temporal', async () => {
    const id = await presented(life);
    await until(async () => (await entriesOf(life, id)).some(({ kind }) => kind === 'effect'), 'the effect is recorded');
    const { execution } = (await entriesOf(life, id)).find(({ kind }) => kind === 'effect')!;
    expect(execution).toMatchObject({ workflowId: `permesso/${id}`, runId: expect.stringMatching(/^[0-9a-f-]{36}$/), activityId: expect.anything(), attempt: 1 });
    await give(life, id, 'rifiuta');
    await ended(id);
    const { events } = await lifeOf(life, id).fetchHistory();
    const text = JSON.stringify(events!.map(event => event.markerRecordedEventAttributes ?? null).map(marker => marker && Object.values(marker.details ?? {}).flatMap(({ payloads }) => (payloads ?? []).map(({ data }) => Buffer.from(data!).toString()))));
    for (const step of ['presenta', 'avvisaPolo', 'rifiuta']) expect(text).toContain(step);
    // Ids and names only: no address, no text of a message.
    expect(JSON.stringify(events!.map(event => Buffer.from(JSON.stringify(event)).toString()))).not.toContain('example.it');
  });

  it('applies a deadline at its instant, without anybody asking', async () => {
    const id = await presented(life, 2);
    await until(async () => (await stateOf(life, id)) === 'scaduta', 'the term is over');
    const { execution } = (await entriesOf(life, id)).find(({ kind }) => kind === 'deadline')!;
    expect(execution).toMatchObject({ workflowId: `permesso/${id}` });
    await give(life, id, 'rifiuta');
    await ended(id);
  });

  it('runs a term anew after re-entry, and the old one never fires', async () => {
    const id = await presented(life, 2);
    await sleep(1_000);
    await give(life, id, 'riapri', { secondi: 60 });
    await sleep(2_500);
    expect(await stateOf(life, id)).toBe('inIstruttoria');
    expect((await agendaOf(life, id, 'termine')).map(({ state }) => state)).toEqual(['cancelled', 'due']);
    await give(life, id, 'rifiuta');
    await ended(id);
  });

  it('gives a command to another case once, which it makes when it is missing', async () => {
    const id = await presented(life);
    await give(life, id, 'segnala');
    await until(async () => (await agendaOf(life, id, 'segnala'))[0]?.state === 'done', 'it was given');
    const { rows: [found] } = await life.admin.query(`select id, context from cases where process = 'albo'`);
    expect(found.context.iscritti).toEqual([1]);
    await until(async () => (await statusOf(life, found.id, 'albo')) === 'RUNNING', 'the other case has a life too');
    await give(life, id, 'rifiuta');
    await ended(id);
  });

  it('writes to each party once, whoever else refuses, and tells an operator', async () => {
    const id = await presented(life);
    life.mail.answer = address => (address === 'scuola@example.it' ? { code: 550 } : 'accept');
    await give(life, id, 'avvisaTutti');
    await until(async () => (await agendaOf(life, id, 'avvisaTutti'))[0]?.state === 'done', 'it is done');
    const { id: effect, result } = (await agendaOf(life, id, 'avvisaTutti'))[0]!;
    expect(life.mail.about(id).map(({ messageId }) => messageId).filter(messageId => messageId.includes(effect)).sort()).toEqual([`<${effect}.famiglia@iter.example.it>`, `<${effect}.polo@iter.example.it>`]);
    expect(result.value.deliveries.scuola).toMatchObject({ refused: expect.any(String) });
    expect((await life.admin.query('select detail from incidents where case_id = $1', [id])).rows[0].detail).toContain('scuola');
    await give(life, id, 'rifiuta');
    await ended(id);
  });
});

describe('a bound effect', () => {
  it('is delivered as onError when the receiver refuses for good, and can be tried again by the chart', async () => {
    const id = await presented(life);
    await until(() => life.mail.about(id).length === 1, 'the first letter left');
    life.mail.answer = () => ({ code: 550 });
    await give(life, id, 'concedi');
    await until(async () => (await stateOf(life, id)) === 'daRinotificare', 'onError was taken');
    expect((await contextOf(life, id)).esiti[0]).toContain('undeliverable');
    life.mail.answer = () => 'accept';
    await give(life, id, 'rinotifica');
    await ended(id);
    expect(await stateOf(life, id)).toBe('concessa');
  });

  it('whose state is left while it is performed becomes unwanted: its outcome is recorded and not delivered', async () => {
    const id = await presented(life);
    await until(() => life.mail.about(id).length === 1, 'the first letter left');
    const { promise: wait, resolve: release } = Promise.withResolvers<void>();
    life.mail.answer = () => ({ wait });
    await give(life, id, 'concedi');
    await until(async () => (await agendaOf(life, id, 'notifica'))[0]?.state === 'begun', 'it has begun');
    await until(() => life.mail.attempts.length > 0, 'the server is asked');
    await give(life, id, 'revoca');
    expect((await agendaOf(life, id, 'notifica'))[0]!.state).toBe('unwanted');
    release();
    await until(async () => (await agendaOf(life, id, 'notifica'))[0]!.state === 'done', 'what happened is recorded');
    expect(await stateOf(life, id)).toBe('inIstruttoria');
    const effect = (await entriesOf(life, id)).find(({ name }) => name === 'notifica')!;
    expect([effect.from_state, effect.to_state]).toEqual(['inIstruttoria', 'inIstruttoria']);
    expect((await contextOf(life, id)).esiti).toEqual([]);
    await give(life, id, 'rifiuta');
    await ended(id);
  });

  it('of an earlier entry into its state is not taken for the later one', async () => {
    const id = await presented(life);
    await until(() => life.mail.about(id).length === 1, 'the first letter left');
    const { promise: wait, resolve: release } = Promise.withResolvers<void>();
    const asked = life.mail.attempts.length;
    life.mail.answer = () => (life.mail.attempts.length === asked + 1 ? { wait } : { code: 550 });
    await give(life, id, 'concedi');
    await until(() => life.mail.attempts.length === asked + 1, 'the first one is under way');
    await give(life, id, 'rinotifica');
    release();
    // The first was accepted, but the second decides: it was refused.
    await until(async () => (await stateOf(life, id)) === 'daRinotificare', 'the second one decided');
    expect((await agendaOf(life, id, 'notifica')).map(({ state, result }) => [state, result.ok])).toEqual([['done', true], ['done', false]]);
    await give(life, id, 'rifiuta');
    await ended(id);
  });

  it('that was not begun when its state is left never happens', async () => {
    const { silent, people, mail } = life;
    const quiet = { engine: silent, people };
    const id = await presented(quiet);
    await give(quiet, id, 'concedi');
    await give(quiet, id, 'revoca');
    expect((await agendaOf(life, id, 'notifica'))[0]!.state).toBe('withdrawn');
    await give(life, id, 'rifiuta');
    await ended(id);
    expect(mail.about(id).some(({ subject }) => subject.startsWith('notifica'))).toBe(false);
    // What was owed is done even so.
    expect(mail.about(id).map(({ subject }) => subject.split(' ')[0]).sort()).toEqual(['avviso', 'esito']);
  });
});
