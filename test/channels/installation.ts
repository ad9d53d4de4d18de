/** A school with its families, a mail server, a provider of SMS and its receipts, an API and workers: everything real but the network. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { createSkebby } from '../../activities/sms/skebby.ts';
import { composeApi, serve, type RunningApi } from '../../api/server.ts';
import { loadDefaultParameters } from '../../database/parameters.ts';
import type { FamilyImportSummary } from '../../engine/families/importFamilies.ts';
import type { JsonObject } from '../../plugins/contract.ts';
import { comunicazione } from '../../plugins/comunicazione/plugin.ts';
import { startSmsSimulator, type SmsSimulator } from '../../worker/embedded/smsSimulator.ts';
import type { WorkerConfig } from '../../worker/caseWorker.ts';
import { openLife, until, type Life } from '../agenda/life.ts';

export const ANNO = '2026/27', SECRET = 'prova-segreto', PRICE = 65;
const masterKey = Buffer.from(process.env['ITER_MASTER_KEY'] ?? '', 'base64');

export interface Installation {
  life: Life; sms: SmsSimulator; api: RunningApi; channels: NonNullable<WorkerConfig['channels']>;
  /** As SMS_URL and its keys are given to a worker elsewhere. */
  databaseUrl: string;
  importFamilies(content: string, options?: { preview?: boolean; leftOn?: string | null }): Promise<FamilyImportSummary>;
  /** A message to the whole school, sent. Answers its case. */
  send(destinatari?: JsonObject, more?: { canali?: string[]; presaVisione?: JsonObject | null; testi?: JsonObject; urgente?: boolean }): Promise<string>;
  deliveries(caseId: string, name?: string): Promise<Delivery[]>;
  close(): Promise<void>;
}
export interface Delivery { id: string; user_id: string; channel: string; state: string; attempts: number; error: string | null; segments: number | null; cost: number | null; sent_at: Date | null; template_version: string; acknowledged_at: Date | null; username: string }

export const TESTI = { it: { oggetto: 'Uscita didattica', testo: 'Gentile {destinatario}, {alunni} va al museo.', sms: '' }, en: { oggetto: 'School trip', testo: 'Dear {destinatario}, {alunni} goes to the museum.', sms: '' } };

export async function openInstallation({ rates = { email: 0, sms: 0 }, publicUrl = null }: { rates?: { email: number; sms: number }; publicUrl?: string | null } = {}): Promise<Installation> {
  const life = await openLife([comunicazione], { publicUrl });
  await loadDefaultParameters(life.pools.commit, comunicazione.defaultParameters ?? []);
  const databaseUrl = (life.admin as unknown as { options: { connectionString: string } }).options.connectionString;
  const composed = composeApi({ databaseUrl, masterKey, plugins: [comunicazione], settings: { rateLimitPerMinute: 0, trustProxy: false, sms: { receiptsSecret: SECRET, price: PRICE }, publicUrl }, log: pino({ level: 'silent' }), poolSizes: { read: 2, commit: 4, worker: 1 } });
  const api = await serve(composed, '127.0.0.1', 0);
  const sms = await startSmsSimulator({ userKey: 'key', accessToken: 'token', receiptsUrl: `http://127.0.0.1:${api.port}/api/v1/sms/receipts/${SECRET}`, slowMs: 300, lateMs: 1_500, retryAfterSeconds: 1 });
  const channels = { sms: createSkebby({ url: sms.url, userKey: 'key', accessToken: 'token', sender: 'Scuola', messageType: 'GP' }), rates, prices: { sms: PRICE } };
  const { engine, people } = life;
  // Urgent where nothing is said: tests run at night too.
  const give = (caseId: string, command: string, data: JsonObject = {}) => engine.giveCommand({ caseId, command, data, caller: people.segreteria, key: randomUUID() });
  return {
    life, sms, api, channels, databaseUrl,
    importFamilies: (content, { preview = false, leftOn = null } = {}) => engine.families.importFamilies({ school: 'S1', year: ANNO, content: Buffer.from(content), preview, leftOn, by: people.segreteria.userId }),
    async send(destinatari = { tipo: 'scuola', annoScolastico: ANNO }, { canali = ['email', 'sms', 'portal'], presaVisione = null, testi = TESTI, urgente = true } = {}) {
      const { record: { state: { id } } } = await engine.createCase({ process: 'comunicazione', data: {}, parties: {}, caller: people.segreteria, key: randomUUID() });
      await give(id, 'scrivi', { testi });
      await give(id, 'indirizza', { destinatari, canali, presaVisione, urgente });
      await give(id, 'invia');
      return id;
    },
    async deliveries(caseId, name = 'invioMessaggi') {
      return (await life.admin.query('select d.*, b.template_version, u.username from deliveries d join broadcasts b on b.id = d.broadcast_id join users u on u.id = d.user_id where d.case_id = $1 and b.name = $2 order by u.username, d.channel', [caseId, name])).rows;
    },
    async close() {
      await sms.stop();
      await api.stop();
      await life.close();
    },
  };
}

export const HEADER = 'codice alunno;cognome alunno;nome alunno;classe;codice genitore;cognome genitore;nome genitore;email;cellulare;consenso email;consenso sms;lingua';
/** `count` families of one pupil and one parent. Each hundredth address is one that nobody has. */
export function families(count: number, { sms = () => null as string | null }: { sms?: (n: number) => string | null } = {}): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const n = i + 1, number = sms(n);
    return `A${n};Rossi;Alunno${n};${1 + (n % 5)}${'ABCDE'[n % 4]};G${n};Rossi;Genitore${n};${n % 100 === 0 ? 'nessuno' : 'famiglia'}${n}@example.it;${number ?? ''};01/09/2026;${number ? '01/09/2026' : ''};${n % 7 === 0 ? 'en' : 'it'}`;
  });
  return [HEADER, ...rows].join('\n');
}
export const sent = (installation: Installation, caseId: string, patienceMs = 60_000) => until(async () => (await installation.life.admin.query('select state from cases where id = $1', [caseId])).rows[0].state === 'inviata', 'it was sent', patienceMs);
export const tally = (rows: Delivery[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { channel, state } of rows) counts[`${channel} ${state}`] = (counts[`${channel} ${state}`] ?? 0) + 1;
  return counts;
};
