/**
 * Letters as they leave: documents with their number, the papers that came with the command and segnatura.xml, byte by byte what the register
 * says; and whoever dies at whatever place takes no second number, makes no other PDF and sends no mail again that anybody could know of.
 */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { getDocumentProxy, extractText } from 'unpdf';
import { createMailer, type Mailer } from '../../activities/mailer.ts';
import { deliverMessage } from '../../activities/messages.ts';
import type { ActivityDependencies } from '../../activities/createActivities.ts';
import { makeDocuments } from '../../activities/documents/makeDocuments.ts';
import { beginEffect } from '../../engine/agenda/agenda.ts';
import { openBytes, unwrapCaseKey } from '../../engine/history/caseKey.ts';
import { corrispondenza, corrispondenzaRotta } from '../toys/corrispondenza.ts';
import { agendaOf, entriesOf, give, lifeOf, openLife, statusOf, stateOf, until, type Life } from './life.ts';

const masterKey = Buffer.from(process.env['ITER_MASTER_KEY'] ?? '', 'base64');
const CERTIFICATE = Buffer.from('%PDF-1.4\n%âãÏÓ\nil certificato\n');
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const textOf = async (pdf: Buffer) => (await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true })).text;

let life: Life;
beforeAll(async () => { life = await openLife([corrispondenza]); });
afterAll(() => life?.close());
afterEach(() => { corrispondenzaRotta.stampa = corrispondenzaRotta.logo = false; life.mail.answer = () => 'accept'; });

/** A case with a certificate and a consent, about to be presented. */
async function drafted(engine = life.engine): Promise<string> {
  const { people } = life;
  const { record } = await engine.createCase({ process: 'corrispondenza', data: {}, parties: { polo: 'P1', famiglia: people.genitore.userId }, caller: people.segreteria, key: randomUUID() });
  for (const [kind, name] of [['certificato', '../certificato di Luca.pdf'], ['consenso', 'consenso.pdf']] as const) {
    await engine.attach({ caseId: record.state.id, kind, name, mediaType: 'application/pdf', content: CERTIFICATE, caller: people.segreteria, key: randomUUID() });
  }
  return record.state.id;
}
const registered = async (caseId: string) => (await life.admin.query('select organisation, year, number, direction, day::text as day, key, subject, sender, recipients, document, sha256, attachments, sender_protocol, message_id from protocol_entries where case_id = $1 order by at, organisation desc', [caseId])).rows;
async function stored(caseId: string) {
  const { rows: [{ wrapped }] } = await life.admin.query('select wrapped from case_keys where case_id = $1', [caseId]);
  const key = unwrapCaseKey(masterKey, wrapped, caseId);
  const documents = (await life.admin.query('select id, name, content, sha256, size, protocol_number as number, made_at from documents where case_id = $1 order by version, ordinal', [caseId])).rows;
  const mails = (await life.admin.query('select id, message_id, party, sender, recipient, certified, state, sealed, size, sha256 from mails where case_id = $1 order by sent_at, id', [caseId])).rows;
  return {
    documents: documents.map(row => ({ ...row, bytes: row.content && openBytes(key, row.content, `${caseId}/document/${row.id}`) })),
    mails: mails.map(row => ({ ...row, raw: openBytes(key, row.sealed, `${caseId}/mail/${row.id}`) })),
  };
}
const resultOf = async (caseId: string, name: string) => (await agendaOf(life, caseId, name))[0]?.result?.value;

describe('with a worker', () => {
  beforeAll(async () => { await life.work({ attemptMs: 5_000 }); });
  const done = (caseId: string, name: string) => until(async () => (await agendaOf(life, caseId, name)).every(({ state }) => state === 'done'), `${name} is done`);

  it('a letter leaves with its number, its documents, the papers of its command and segnatura.xml, as the registers have them', async () => {
    const id = await drafted();
    await give(life, id, 'presenta');
    await done(id, 'inviaRichiesta');
    const [mail] = life.mail.about(id), { documents, mails } = await stored(id);
    const { id: effect } = (await agendaOf(life, id, 'inviaRichiesta'))[0]!;
    expect(mail).toMatchObject({ to: 'polo@pec.example.it', subject: `Progetto Istruzione Domiciliare: richiesta ${id}` });
    expect(mail!.attachments.map(({ filename, contentType }) => [filename, contentType])).toEqual([
      ['richiesta.pdf', 'application/pdf'], ['prospetto.pdf', 'application/pdf'], ['-certificato di Luca.pdf', 'application/pdf'], ['segnatura.xml', 'application/xml'],
    ]);
    const [principal, annex, certificate, segnatura] = mail!.attachments.map(({ content }) => content);
    expect([principal!.equals(documents[0].bytes), annex!.equals(documents[1].bytes), certificate!.equals(CERTIFICATE)]).toEqual([true, true, true]);
    const [sent, received] = await registered(id);
    expect(sent).toMatchObject({
      organisation: 'S1', direction: 'uscita', key: effect, subject: mail!.subject, sender: 'Prima scuola (S1)', recipients: ['Polo (P1)'], document: 'richiesta', sha256: sha(principal!),
      attachments: [{ name: 'prospetto', sha256: sha(annex!) }, { name: 'certificato', sha256: sha(CERTIFICATE) }],
    });
    const number = String(sent.number).padStart(7, '0');
    expect(await textOf(principal!)).toContain(number);
    expect(await textOf(annex!)).toContain(`Prot. n. ${number}`);
    const xml = segnatura!.toString();
    for (const text of [`>${number}<`, `>${sent.day}<`, 'nomeFile="richiesta.pdf"', createHash('sha256').update(principal!).digest('base64'), 'Riservato']) expect(xml).toContain(text);
    // The polo keeps its register here too.
    expect(received).toMatchObject({
      organisation: 'P1', direction: 'entrata', key: `${effect}/in`, sha256: sent.sha256, attachments: sent.attachments, message_id: `${effect}@iter.example.it`,
      sender_protocol: { organisation: 'S1', number: sent.number, year: sent.year, day: sent.day },
    });
    expect(mails).toMatchObject([{ message_id: `${effect}@iter.example.it`, party: 'polo', sender: 'S1', recipient: 'polo@pec.example.it', certified: true, state: 'sent', size: mail!.raw.length, sha256: sha(mail!.raw) }]);
    expect(mails[0].raw.equals(mail!.raw)).toBe(true);
    expect(await resultOf(id, 'inviaRichiesta')).toEqual({
      deliveries: { polo: { messageId: `${effect}@iter.example.it`, response: expect.any(String) } },
      protocol: { organisation: 'S1', number: sent.number, year: sent.year, day: sent.day },
      documents: documents.map(({ id: document, name, sha256 }) => ({ id: document, name, sha256 })),
    });
    // Neither the registers nor the agenda nor Temporal say whose letter it is.
    const rows = JSON.stringify([await registered(id), await agendaOf(life, id)]);
    const { events } = await lifeOf(life, id, 'corrispondenza').fetchHistory();
    for (const text of [rows, JSON.stringify(events!.map(event => Buffer.from(JSON.stringify(event)).toString()))]) for (const word of ['Luca', 'Segreti', 'example.it"']) expect(text.replaceAll('@iter.example.it"', '')).not.toContain(word);
  });

  it('an answer goes to the school with segnatura.xml and to the family without, under one number; the register does not name the family', async () => {
    const id = await drafted();
    await give(life, id, 'presenta');
    await give(life, id, 'autorizza');
    await until(async () => (await stateOf(life, id)) === 'autorizzata', 'it is authorised');
    const letters = life.mail.about(id).filter(({ subject }) => subject.includes('autorizzazione'));
    expect(letters.map(({ to, attachments }) => [to, attachments.map(({ filename }) => filename)]).sort()).toEqual([
      ['anna@example.it', ['autorizzazione.pdf']], ['scuola@example.it', ['autorizzazione.pdf', 'segnatura.xml']],
    ]);
    const entries = (await registered(id)).filter(({ document }) => document === 'autorizzazione');
    expect(entries.map(({ organisation, direction, recipients }) => [organisation, direction, recipients])).toEqual(expect.arrayContaining([
      ['P1', 'uscita', ['Prima scuola (S1)', `famiglia (corrispondenza ${id})`]], ['S1', 'entrata', ['Prima scuola (S1)']],
    ]));
    expect(entries).toHaveLength(2);
    expect((await stored(id)).mails.filter(({ party }) => party !== 'polo').map(({ party, sender, certified }) => [party, sender, certified]).sort()).toEqual([['famiglia', 'P1', false], ['scuola', 'P1', false]]);
    // What was bound gets it as its outcome.
    expect((await life.admin.query('select context from cases where id = $1', [id])).rows[0].context.esito).toMatchObject({ protocol: { organisation: 'P1', number: entries.find(({ direction }) => direction === 'uscita').number } });
  });

  it('documents that are sent to nobody each get an internal number and are kept', async () => {
    const id = await drafted();
    await give(life, id, 'presenta');
    // Its number would fall between theirs.
    await done(id, 'inviaRichiesta');
    await give(life, id, 'verbalizza');
    await done(id, 'verbali');
    const own = (await registered(id)).filter(({ direction }) => direction === 'interno'), { documents } = await stored(id);
    const made = documents.filter(({ name }) => name === 'verbale' || name === 'attestazione');
    expect(own.map(({ organisation, key, document, sha256, recipients, subject }) => ({ organisation, key, document, sha256, recipients, subject }))).toEqual(
      made.map(({ id: key, name, bytes }) => ({ organisation: 'S1', key, document: name, sha256: sha(bytes), recipients: [], subject: `${name}: corrispondenza` })),
    );
    expect(own[1].number).toBe(own[0].number + 1);
    for (const [i, { bytes }] of made.entries()) expect(await textOf(bytes)).toContain(String(own[i].number).padStart(7, '0'));
    expect(await resultOf(id, 'verbali')).toEqual({ documents: made.map(({ id: document, name, sha256 }, i) => ({ id: document, name, sha256, protocol: { organisation: 'S1', number: own[i].number, year: own[i].year, day: own[i].day } })) });
  });

  it('a message that is no letter is kept as it left, and takes no number', async () => {
    const id = await drafted();
    await give(life, id, 'presenta');
    await give(life, id, 'sollecita');
    await done(id, 'sollecito');
    const { id: effect } = (await agendaOf(life, id, 'sollecito'))[0]!;
    const mail = life.mail.about(id).find(({ messageId }) => messageId.includes(effect))!;
    const { mails } = await stored(id);
    expect(mails.find(({ message_id }) => message_id.includes(effect))).toMatchObject({ party: 'polo', sender: null, certified: true, sha256: sha(mail.raw) });
    expect((await registered(id)).filter(({ key }) => key.startsWith(effect))).toEqual([]);
    expect(mail.attachments).toEqual([]);
  });

  it('a refusal for good takes a number once, tells it to the chart and keeps no mail', async () => {
    const id = await drafted();
    await give(life, id, 'presenta');
    await done(id, 'inviaRichiesta');
    life.mail.answer = () => ({ code: 550 });
    await give(life, id, 'autorizza');
    await until(async () => (await agendaOf(life, id, 'autorizzazione'))[0]?.state === 'done', 'it failed');
    expect(await stateOf(life, id)).toBe('presentata');
    expect((await registered(id)).filter(({ document }) => document === 'autorizzazione')).toMatchObject([{ direction: 'uscita' }]);
    expect((await stored(id)).mails).toHaveLength(1);
    expect((await life.admin.query('select context from cases where id = $1', [id])).rows[0].context.esito).toMatchObject({ code: 'undeliverable', protocol: { organisation: 'P1' } });
  });

  it('what cannot be printed takes no number and is parked for an operator', async () => {
    corrispondenzaRotta.stampa = true;
    const id = await drafted();
    await give(life, id, 'presenta');
    corrispondenzaRotta.stampa = false;
    await until(async () => (await agendaOf(life, id, 'inviaRichiesta'))[0]?.state === 'parked', 'it is parked');
    expect([await registered(id), life.mail.about(id)]).toEqual([[], []]);
    expect((await life.admin.query('select detail from incidents where case_id = $1', [id])).rows[0].detail).toContain('cannot be printed: blocks[0].table');
  });

  it('a figure of the letterhead that cannot be drawn is left out: the letter says what it says', async () => {
    corrispondenzaRotta.logo = true;
    const id = await drafted();
    await give(life, id, 'presenta');
    await done(id, 'inviaRichiesta');
    expect(await textOf((await stored(id)).documents[0].bytes)).toContain('Luca Segreti');
  });

  it('a server that is away gets the same number and bytes later', async () => {
    const id = await drafted();
    life.mail.answer = () => ({ code: 451 });
    await give(life, id, 'presenta');
    await until(async () => (await agendaOf(life, id, 'inviaRichiesta'))[0]!.attempts >= 2, 'it was tried again');
    const { documents: [before] } = await stored(id);
    life.mail.answer = () => 'accept';
    await done(id, 'inviaRichiesta');
    expect(life.mail.about(id)[0]!.attachments[0]!.content.equals(before.bytes)).toBe(true);
    expect(await registered(id)).toHaveLength(2);
  });

  it('is done when the case is over: the workflow waits for its letters', async () => {
    const id = await drafted();
    for (const command of ['presenta', 'autorizza']) await give(life, id, command);
    await until(async () => (await stateOf(life, id)) === 'autorizzata', 'it is authorised');
    await give(life, id, 'verbalizza');
    await give(life, id, 'chiudi');
    await until(async () => (await statusOf(life, id, 'corrispondenza')) === 'COMPLETED', 'the workflow has ended');
    expect((await stored(id)).documents.every(({ made_at }) => made_at !== null)).toBe(true);
    expect((await entriesOf(life, id)).filter(({ kind }) => kind === 'effect').map(({ name }) => name).sort()).toEqual(['autorizzazione', 'inviaRichiesta', 'verbali']);
  });
});

describe('an attempt that dies', () => {
  // No worker serves these cases: each attempt is made here.
  let served: Life, mailer: Mailer, dependencies: ActivityDependencies;
  beforeAll(async () => {
    served = life;
    life = await openLife([corrispondenza]);
    mailer = createMailer({ smtpUrl: life.mail.url, from: 'Iter <iter@example.it>' });
    dependencies = { engine: life.silent, pool: life.pools.worker, mailer, log: { info() {}, warn() {}, error() {} }, attemptMs: 60_000 };
  });
  afterAll(async () => {
    mailer.close();
    await life.close();
    life = served;
  });

  class Died extends Error {}
  const died = () => { throw new Died(); };
  type Dossier = ActivityDependencies['engine']['dossier'];
  const dossier = (broken: (dossier: Dossier) => Partial<Dossier>): Partial<ActivityDependencies> => ({ engine: { ...dependencies.engine, dossier: { ...dependencies.engine.dossier, ...broken(dependencies.engine.dossier) } } });
  const quiet = () => ({ engine: life.silent, people: life.people });
  /** As a worker that takes the row once the lease of the one before is over. */
  async function attempt(caseId: string, name: string, perform: typeof deliverMessage, broken: Partial<ActivityDependencies> = {}) {
    const { id } = (await agendaOf(life, caseId, name))[0]!;
    const { begun } = await beginEffect(life.pools.worker, id, 0, { workflowId: 'w', runId: 'r', activityId: 'a', attempt: 1 });
    return await perform({ ...dependencies, ...broken }, begun!);
  }
  const places: [string, number, () => Partial<ActivityDependencies>][] = [
    ['while the register is held', 1, () => dossier(({ registerPapers }) => ({ registerPapers: input => registerPapers({ ...input, make: async registration => { await input.make(registration); return died(); } }) }))],
    ['when number and bytes are stored', 1, () => dossier(({ registerPapers }) => ({ registerPapers: async input => { await registerPapers(input); return died(); } }))],
    // The one place at which nobody can know: the receiver knows the repeat by its Message-ID.
    ['when the server has taken the mail', 2, () => ({ mailer: { ...mailer, send: async mail => { await mailer.send(mail); return died(); } } })],
    ['when the mail is on record', 1, () => dossier(({ keepMail }) => ({ keepMail: async mail => { await keepMail(mail); died(); } }))],
    ['before the receiver has registered it', 1, () => dossier(() => ({ register: async () => died() }))],
    ['when the receiver has registered it', 1, () => dossier(({ register }) => ({ register: async entry => { await register(entry); return died(); } }))],
  ];
  const last = async (organisation: string): Promise<number> => (await life.admin.query('select coalesce(max(number), 0) as last from protocol_entries where organisation = $1', [organisation])).rows[0].last;

  it.each(places)('%s: the next one goes on under the same number, with the same bytes (%i mail)', async (_place, times, broken) => {
    const id = await drafted(life.silent), before = [await last('S1'), await last('P1')];
    await give(quiet(), id, 'presenta');
    await expect(attempt(id, 'inviaRichiesta', deliverMessage, broken())).rejects.toThrow(Died);
    const { documents: half } = await stored(id);
    const { ok, value } = await attempt(id, 'inviaRichiesta', deliverMessage);
    expect(ok).toBe(true);
    const entries = await registered(id), { documents, mails } = await stored(id), letters = life.mail.about(id);
    expect(entries.map(({ organisation, direction, number }) => [organisation, direction, number])).toEqual([['S1', 'uscita', before[0]! + 1], ['P1', 'entrata', before[1]! + 1]]);
    for (const [i, { bytes }] of half.entries()) if (bytes) expect(documents[i].bytes.equals(bytes)).toBe(true);
    expect(documents[0].sha256).toBe(entries[0].sha256);
    expect(letters).toHaveLength(times);
    expect(new Set(letters.map(({ messageId }) => messageId)).size).toBe(1);
    for (const { attachments } of letters) expect(attachments.map(({ content }) => sha(content))).toEqual(letters[0]!.attachments.map(({ content }) => sha(content)));
    expect(mails).toHaveLength(1);
    expect(value).toMatchObject({ deliveries: { polo: { messageId: `${entries[0].key}@iter.example.it` } }, protocol: { number: before[0]! + 1 } });
    // Once more, as after a lost answer: nothing happens at all.
    await attempt(id, 'inviaRichiesta', deliverMessage);
    expect([life.mail.about(id).length, (await registered(id)).length]).toEqual([times, 2]);
  });

  it('in the middle of several documents: those that have their number keep it', async () => {
    const id = await drafted(life.silent);
    for (const command of ['presenta', 'verbalizza']) await give(quiet(), id, command);
    let registrations = 0;
    await expect(attempt(id, 'verbali', makeDocuments, dossier(({ registerPapers }) => ({ registerPapers: async input => ((registrations += 1) === 2 ? died() : await registerPapers(input)) })))).rejects.toThrow(Died);
    const half = (await stored(id)).documents.find(({ name }) => name === 'verbale')!, before = await last('S1');
    const { value } = await attempt(id, 'verbali', makeDocuments);
    const { documents } = await stored(id);
    expect(documents.find(({ name }) => name === 'verbale')!.bytes.equals(half.bytes)).toBe(true);
    expect(value).toMatchObject({ documents: [{ name: 'verbale', protocol: { number: half.number } }, { name: 'attestazione', protocol: { number: before + 1 } }] });
  });

  it('two that believe to be alone make one letter', async () => {
    const id = await drafted(life.silent), before = await last('S1');
    for (const command of ['presenta', 'verbalizza']) await give(quiet(), id, command);
    const { id: effect } = (await agendaOf(life, id, 'verbali'))[0]!;
    const { begun } = await beginEffect(life.pools.worker, effect, 0, { workflowId: 'w', runId: 'r', activityId: 'a', attempt: 1 });
    const other = { ...dependencies, engine: { ...dependencies.engine, dossier: life.engine.dossier } };
    const [one, two] = await Promise.all([makeDocuments(dependencies, begun!), makeDocuments(other, begun!)]);
    expect(two).toEqual(one);
    expect(await last('S1')).toBe(before + 2);
  });
});
