/** After the story: the mails that were sent, and the history of the case with its proof. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readMailIndex, type ReceivedMail } from '../embedded/mail.ts';
import { chapter, localTime, note, table } from './narrator.ts';
import { StepError, type Person } from './person.ts';

const MAILS_WITHIN_MS = 60_000;

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
  const mails = readMailIndex(folder).filter(mail => caseIds.some(id => belongsTo(folder, mail, id)));
  if (mails.length === 0) throw new StepError('nessun messaggio del progetto è nella casella');
  table(mails.map(({ at, to, subject }) => [localTime(at), to.join(', '), subject]));
}

/** The case's thread is in the header References. */
function belongsTo(folder: string, { file }: ReceivedMail, caseId: string): boolean {
  const [head = ''] = readFileSync(join(folder, file), 'utf8').split(/\r?\n\r?\n/);
  return head.includes(`case.${caseId}@`);
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
