/** One project of istruzione domiciliare that everybody wrote a word into, lived by HTTP on a whole installation until its school renounces it. */
import { expect } from '@jest/globals';
import MailComposer from 'nodemailer/lib/mail-composer';
import { addDays, type Json, type JsonObject } from '../../plugins/contract.ts';
import * as examples from '../../plugins/istruzione-domiciliare/examples.ts';
import { storyDates } from '../../worker/demo/dates.ts';
import { simplePdf } from '../../worker/demo/pdf.ts';
import { inboxFolder } from '../../worker/embedded/mailProvider.ts';
import { waitFor } from '../../worker/embedded/serverProcess.ts';
import { deliverToFolder } from '../../worker/mail/folderInbox.ts';
import { dated, openCalendar } from '../journeys/onEngine.ts';
import type { ApiClient } from './client.ts';
import type { Installation } from './installation.ts';
import { POLO, registerPerson, SCHOOL, type Person } from './people.ts';

const GESTORE = 'GESTORE';
const SERVED_MS = 120_000;

export interface ProjectCast { segreteria: Person; docente: Person; operatorePolo: Person; dirigentePolo: Person; famiglia: Person; gestore: Person }

/** Who they are and where letters reach them. The family has no address yet. */
export async function assembleProjectCast(installation: Installation): Promise<ProjectCast> {
  const db = await installation.db();
  await openCalendar({ admin: db as never, polo: POLO });
  await db.query(`insert into organisations (code, name, kind) values ($1, 'Gestore', 'ente')`, [GESTORE]);
  const person = (role: string, organisation: string) => registerPerson(db, `uno.${role}`, { organisation, role });
  return {
    segreteria: await person('segreteria', SCHOOL), docente: await person('docente', SCHOOL), operatorePolo: await person('operatorePolo', POLO), dirigentePolo: await person('dirigentePolo', POLO),
    famiglia: await registerPerson(db, 'uno.famiglia', null), gestore: await person('admin', GESTORE),
  };
}

export class ProjectLife {
  readonly installation: Installation;
  readonly client: ApiClient;
  readonly cast: ProjectCast;
  id = '';

  constructor(installation: Installation, client: ApiClient, cast: ProjectCast) {
    this.installation = installation;
    this.client = client;
    this.cast = cast;
  }

  async post(person: Person, path: string, data: unknown, wanted = 200): Promise<any> {
    const { status, body } = await this.client.insist(person.token, path, data);
    expect([path, status, status === wanted ? null : body]).toEqual([path, wanted, null]);
    return body;
  }

  async change(person: Person, method: 'PATCH' | 'PUT', path: string, data: unknown, wanted = 200): Promise<any> {
    const { status, body } = await this.client.send(person.token, method, path, data);
    expect([path, status, status === wanted ? null : body]).toEqual([path, wanted, null]);
    return body;
  }

  give(person: Person, command: string, data: JsonObject = {}, wanted = 200): Promise<any> {
    return this.post(person, `/cases/${this.id}/commands/${command}`, data, wanted);
  }

  async attach(person: Person, kind: string, name: string, content: Buffer): Promise<void> {
    const form = new FormData();
    form.set('kind', kind);
    form.set('file', new Blob([new Uint8Array(content)]), name);
    const uploaded = await fetch(`${this.installation.apiUrl}/api/v1/cases/${this.id}/attachments`, { method: 'POST', body: form, headers: { authorization: `Bearer ${person.token}` } });
    expect([kind, uploaded.status]).toEqual([kind, 201]);
  }

  /** Until nothing is owed. */
  async served(): Promise<void> {
    expect(await waitFor(async () => (await this.installation.query(`select 1 from agenda where case_id = $1 and state in ('due','begun','performed')`, [this.id])).length === 0, SERVED_MS)).toBe(true);
  }
}

/** The polo asks for a field of its own in two forms. */
export async function addFields(life: ProjectLife): Promise<void> {
  for (const form of ['modelloG', 'modelloOF']) {
    await life.change(life.cast.operatorePolo, 'PUT', `/processes/istruzione-domiciliare/forms/${form}`, { fields: [{ name: 'annotazione', schema: { type: 'string', maxLength: 400 }, required: false, labels: { it: 'Annotazione' } }], reason: 'Richiesta del polo' });
  }
}

/** `surname` is the pupil's; `words` everybody writes where a person can write. */
export async function liveProject(life: ProjectLife, surname: string, words: string): Promise<void> {
  const { segreteria, docente, operatorePolo, dirigentePolo, famiglia } = life.cast, dates = storyDates(), atto = addDays(dates.periodi[0]!.dal, -1);
  const alunno = { nome: 'Zaccaria', cognome: surname }, campiAggiuntivi = { annotazione: words };
  const scan = (kind: string) => life.attach(segreteria, kind, `${kind} di ${surname}.pdf`, simplePdf(kind, [surname, words]));
  const certificato = (periodi: { dal: string; al: string }[], rilasciatoIl: string, cognome = surname) => examples.certificato(periodi, { rilasciatoIl, intestatario: { ...alunno, cognome } });

  ({ id: life.id } = await life.post(segreteria, '/processes/istruzione-domiciliare/cases', { data: { ...examples.BOZZA, alunno: { ...alunno, classe: '2B' } }, parties: { scuola: SCHOOL, polo: POLO, famiglia: famiglia.id } }, 201));
  await scan('modelloS');
  const draft = (form: string) => `/cases/${life.id}/forms/${form}/draft`;
  await life.change(famiglia, 'PATCH', draft('modelloG'), { firmatario: `Madre di ${surname}`, qualita: 'genitore', indirizzo: words });
  const { data: modelloG } = await life.change(famiglia, 'PATCH', draft('modelloG'), { firmatoIl: dates.oggi, campiAggiuntivi });
  await life.give(famiglia, 'firmaModelloG', { modelloG });
  // A form that never becomes a command.
  await life.change(segreteria, 'PATCH', draft('modelloV'), { valutazione: words });
  // Refused: the refusal names both pupils.
  await life.give(segreteria, 'presenta', { certificato: certificato(dates.periodi, atto, `${surname}-bis`) }, 422);
  await life.give(segreteria, 'presenta', { certificato: certificato(dates.periodi, atto), invio: { canale: 'pec', oggetto: `Progetto Istruzione Domiciliare - ${surname}` } });
  await recordByHand(life, words);
  await life.give(operatorePolo, 'chiediIntegrazione', { motivi: words });
  await scan('integrazione');
  await life.give(segreteria, 'integra', { nota: words });
  await life.give(operatorePolo, 'assegnaNumero');
  for (const [command, data] of examples.ATTI) await life.give(segreteria, command, dated(command === 'registraDisponibilita' ? { ...data, assenzaAdesioni: words } : data, atto));
  await scan('modelloP');
  const modelloP = dated(examples.modelloP(), atto);
  await life.give(segreteria, 'inviaModelloP', { ...modelloP, pianiDiLavoro: (modelloP['pianiDiLavoro'] as JsonObject[]).map(piano => ({ ...piano, obiettivi: words })) as Json });
  await life.give(operatorePolo, 'autorizza', { oreAutorizzate: 10 });
  await life.give(dirigentePolo, 'controfirma');
  const lezione = examples.lezione(dates.lezioni[0]!, '15:00', '17:00', { attivita: words, verifiche: words, firmaFamiliare: `Madre di ${surname}`, campiAggiuntivi });
  const { data: { registro: [{ lezione: key }] } } = await life.give(docente, 'registraLezione', lezione);
  await life.give(docente, 'rettificaLezione', { lezione: key, motivo: words, nuova: lezione });
  await scan('modelloSAggiornato');
  await scan('richiestaProroga');
  await life.give(segreteria, 'chiediProroga', { certificato: certificato(dates.proroga, dates.oggi), oreRichieste: 6, motivazione: words });
  await life.give(operatorePolo, 'rifiutaProroga', { motivo: words });
  await life.give(segreteria, 'rinuncia', { motivo: words });
  await life.served();
}

/** The family answers by mail, thrice: an operator puts one answer aside, says of one that quotes nothing where it belongs, and leaves one lying. Answers their ids. */
export async function answerByMail(life: ProjectLife, words: string): Promise<string[]> {
  const { installation, client, cast: { gestore, segreteria }, id } = life;
  const { items: mails } = await client.get(segreteria.token, `/cases/${id}/mails`), { messageId } = mails.find(({ party }: any) => party.name === 'famiglia');
  for (const [i, quoted] of [messageId, null, messageId].entries()) {
    const answer = await new MailComposer({ from: 'famiglia@example.org', to: 'iter@localhost', subject: `${i} ${words}`, text: words, ...(quoted ? { inReplyTo: `<${quoted}>` } : {}) }).compile().build();
    await deliverToFolder(inboxFolder(installation.mailFolder), `risposta-${i}.eml`, answer);
  }
  let tray: { id: string; subject: string }[] = [];
  expect(await waitFor(async () => (tray = (await client.get(gestore.token, '/mail/tray')).items).length === 3, SERVED_MS)).toBe(true);
  const [aside, assigned, lying] = tray.sort((a, b) => (a.subject < b.subject ? -1 : 1));
  await life.post(gestore, `/mail/tray/${aside!.id}/close`, { note: words });
  await life.post(gestore, `/mail/tray/${assigned!.id}/assign`, { case: id, note: words });
  return [aside!.id, assigned!.id, lying!.id];
}

/** The family cannot be written to: an operator of the installation records by hand what became of it, and they give an address. */
async function recordByHand(life: ProjectLife, words: string): Promise<void> {
  const { gestore, famiglia } = life.cast;
  let incident: { id: string } | undefined;
  const opened = await waitFor(async () => (incident = (await life.client.get(gestore.token, '/incidents')).items.find(({ caseId }: { caseId: string }) => caseId === life.id)) !== undefined, SERVED_MS);
  expect(opened).toBe(true);
  await life.post(gestore, `/incidents/${incident!.id}/retry`, { reason: words, outcome: { ok: true, result: { nota: words } } });
  await life.installation.query(`update users set email = 'famiglia@example.org' where id = $1`, [famiglia.id]);
}
