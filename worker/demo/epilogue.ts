/** After the home schooling: the mails that were sent, and the history of the case with its proof. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readMailIndex, type ReceivedMail } from '../embedded/mail.ts';
import { chapter, localTime, note, table, tell } from './narrator.ts';
import { StepError, type Person } from './person.ts';

const MAILS_WITHIN_MS = 120_000;
/** In the folder of the command; git ignores it. */
const FOLDER = '.iter-demo';

const KINDS: Record<string, string> = { created: 'creazione', command: 'azione', refused: 'rifiutata', attachment: 'allegato', effect: 'eseguito', deadline: 'termine', operator: 'operatore', migration: 'migrazione' };

/** Mails of these cases; waits until everything that is owed was sent. */
export async function showMails(folder: string | undefined, reader: Person, caseIds: string[]): Promise<void> {
  chapter('La posta inviata');
  for (const end = performance.now() + MAILS_WITHIN_MS; ;) {
    const open = (await reader.get(`/cases/${caseIds[0]}`)).agenda.effects.length;
    if (open === 0) break;
    if (performance.now() > end) throw new StepError(`${open} messaggi o comandi del progetto non sono ancora partiti`);
    await pause(500);
  }
  if (!folder) return note('La posta va al server di SMTP_URL.');
  const mails = mailsOf(folder, caseIds);
  if (mails.length === 0) throw new StepError('nessun messaggio del progetto è nella casella');
  table(mails.map(({ at, to, subject }) => [localTime(at), to.join(', '), subject]));
}

/** Oldest first. */
export const mailsOf = (folder: string, caseIds: string[]): ReceivedMail[] => readMailIndex(folder).filter(mail => caseIds.some(id => belongsTo(folder, mail, id)));

/** The case's thread is in the header References. */
function belongsTo(folder: string, { file }: ReceivedMail, caseId: string): boolean {
  const [head = ''] = readFileSync(join(folder, file), 'utf8').split(/\r?\n\r?\n/);
  return head.includes(`case.${caseId}@`);
}

/** The whole dossier as the school's head may take it, saved where the command was given; answers where. */
export async function saveDossier(reader: Person, caseId: string, numero: string): Promise<string> {
  chapter('Il fascicolo');
  // Attachments are documents too, of the school's making.
  const documents = (await reader.get(`/cases/${caseId}`)).documents.filter(({ protocol }: any) => protocol !== undefined);
  if (documents.length === 0) throw new StepError('il progetto non ha documenti');
  for (const { label, protocol, size } of documents) note(`${protocol ? `prot. ${protocol.number}/${protocol.year}` : 'non ancora protocollato'}  ${label} (${Math.ceil(size / 1024)} kB)`);
  const unmade = documents.filter(({ state }: any) => state !== 'made');
  if (unmade.length > 0) throw new StepError(`${unmade.length} documenti non sono ancora fatti`);
  const items: any[] = await reader.waitFor('vede arrivare le ricevute di avvenuta consegna', async () => {
    const mails = (await reader.get(`/cases/${caseId}/mails`)).items;
    return mails.every(({ certified, state }: any) => !certified || state === 'delivered') ? mails : null;
  });
  note(`${items.length} messaggi, ${items.reduce((sum: number, { receipts }: any) => sum + receipts.length, 0)} ricevute (accettazione e avvenuta consegna).`);
  const bytes = await reader.download(`/cases/${caseId}/dossier`);
  const file = join(process.cwd(), FOLDER, `fascicolo ${numero.replaceAll('/', '-')}.zip`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  tell('✓', reader.label, `salva il fascicolo (${Math.ceil(bytes.length / 1024)} kB): PDF, allegati, posta e ricevute, protocollo, storico verificato`);
  return file;
}

export async function showHistory(reader: Person, caseId: string): Promise<void> {
  chapter('Lo storico, verificato');
  const { states } = await reader.get('/processes/istruzione-domiciliare');
  const labels = new Map<string, string>(states.map(({ name, label }: any) => [name, label]));
  const entries: any[] = [];
  for (let after = ''; ;) {
    const page = await reader.get(`/cases/${caseId}/history${after && `?after=${after}`}`);
    entries.push(...page.items);
    if (!page.next) break;
    after = page.next;
  }
  table(entries.map(({ seq, at, kind, label, actor, from, to }) => [
    String(seq).padStart(3), localTime(at), KINDS[kind] ?? kind, actor.roleLabel, from === to || to === null ? label : kind === 'created' ? `Apre la pratica → ${labels.get(to) ?? to}` : `${label} → ${labels.get(to) ?? to}`,
  ]));
  const { valid, entries: count, head } = await reader.get(`/cases/${caseId}/history/verification`);
  if (!valid || count !== entries.length) throw new StepError(`lo storico non è valido: ${count} voci, lette ${entries.length}`);
  note(`Catena valida: ${count} voci, ultima impronta ${head}.`);
}
