/** A letter that was sent, and what a provider says about it: what the tests of incoming mail begin with. */
import { randomUUID } from 'node:crypto';
import { composeReceipt, type CertifiedReceipt } from '../../worker/embedded/certifiedMail.ts';
import type { Plugin } from '../../plugins/contract.ts';
import { permesso } from '../toys/permesso.ts';
import { openEngine, type Opened } from '../engine/opened.ts';

export const SCUOLA_PEC = 'scuola@pec.example.it', POLO_PEC = 'polo@pec.example.it';
/** The school's segreteria answers for its letters; the polo has said nothing, so that all of its roles do. */
export const withCorrespondence: Plugin = { ...permesso, correspondence: { scuola: ['segreteria'] } };

export interface Letter { id: string; caseId: string; messageId: string; raw: Buffer; recipient: string }
export interface Post extends Opened {
  caseId: string;
  /** As an activity notes it once a server took it. Null, the row is not there yet. */
  letter(change?: { sender?: string | null; recipient?: string; certified?: boolean; party?: string; noted?: boolean; messageId?: string }): Promise<Letter>;
  receipt(letter: Letter, kind: CertifiedReceipt['kind'], change?: Partial<CertifiedReceipt>): Promise<Buffer>;
  stateOf(letter: Letter): Promise<Record<string, any>>;
  tasks(letter?: Letter): Promise<any[]>;
  tray(): Promise<any[]>;
}

export async function openPost(): Promise<Post> {
  const opened = await openEngine([withCorrespondence]);
  const { engine, people, admin } = opened;
  const { record } = await engine.createCase({ process: 'permesso', data: {}, parties: { polo: 'P1', famiglia: people.genitore.userId }, caller: people.segreteria, key: randomUUID() });
  const caseId = record.state.id;
  await engine.giveCommand({ caseId, command: 'presenta', data: {}, caller: people.segreteria, key: randomUUID() });
  const { rows: [effect] } = await admin.query(`select id from agenda where case_id = $1 and kind = 'effect'`, [caseId]);
  const idOf = async (messageId: string) => (await admin.query('select id from mails where message_id = $1', [messageId])).rows[0]?.id as string;
  return {
    ...opened, caseId,
    async letter({ sender = 'S1', recipient = POLO_PEC, certified = true, party = 'polo', noted = true, messageId = `${randomUUID()}@iter.example.it` } = {}) {
      const raw = Buffer.from([`From: ${SCUOLA_PEC}`, `To: ${recipient}`, 'Subject: Progetto Istruzione Domiciliare n. 7', `Message-ID: <${messageId}>`, '', 'Si trasmette.', ''].join('\r\n'));
      if (noted) await engine.dossier.keepMail({ caseId, effectId: effect.id, messageId, party, sender, recipient, certified, raw });
      return { id: await idOf(messageId), caseId, messageId, raw, recipient };
    },
    receipt: ({ messageId, raw, recipient }, kind, change = {}) => composeReceipt({
      kind, at: new Date('2026-03-31T15:54:38Z'), original: { messageId, subject: 'Progetto Istruzione Domiciliare n. 7', from: SCUOLA_PEC, recipients: [recipient], raw },
      ...(kind === 'accettazione' || kind === 'non-accettazione' ? {} : { recipient }), ...change,
    }),
    stateOf: async ({ messageId }) => (await admin.query('select * from mails where message_id = $1', [messageId])).rows[0],
    tasks: async letter => (await admin.query(`select name, principal, roles, detail from tasks where origin = 'engine' and ($1::text is null or name = 'consegnaMancante/' || $1) order by name`, [letter?.id ?? null])).rows,
    tray: async () => (await admin.query('select * from mail_receipts where mail_id is null and closed_at is null order by received_at')).rows,
  };
}
