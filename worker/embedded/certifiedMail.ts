/**
 * What a provider of certified mail (PEC) answers to a sender, as the embedded mail server imitates it: the receipts of DM 2/11/2005 with
 * their headers and certification data, but for the signature, which only an accredited provider can give.
 */
import { randomUUID } from 'node:crypto';
import XMLBuilder from 'fast-xml-builder';
import MailComposer from 'nodemailer/lib/mail-composer';

export type CertifiedKind = 'accettazione' | 'non-accettazione' | 'avvenuta-consegna' | 'errore-consegna' | 'preavviso-errore-consegna';
export interface CertifiedReceipt {
  kind: CertifiedKind;
  /** The message that was given to the provider. */
  original: { messageId: string; subject: string; from: string; recipients: string[]; raw: Buffer };
  /** To whom it was, or was not, delivered. */
  recipient?: string;
  at: Date;
  /** With an error: `no-dest`, `no-dominio`, `virus`, `altro`, and what the provider says. */
  error?: { code: string; detail: string };
}

const PROVIDER = 'Gestore PEC di prova';
const TITLES: Record<CertifiedKind, string> = {
  'accettazione': 'ACCETTAZIONE', 'non-accettazione': 'AVVISO DI NON ACCETTAZIONE', 'avvenuta-consegna': 'CONSEGNA', 'errore-consegna': 'AVVISO DI MANCATA CONSEGNA',
  'preavviso-errore-consegna': 'AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO',
};

/** Local parts that behave badly, to try out what follows: `errore.`, `muto.` (accepted and never heard of again), `lento.` (delivered late). */
export function habitOf(address: string): 'errore' | 'muto' | 'lento' | null {
  return (/^(errore|muto|lento)\./i.exec(address)?.[1]?.toLowerCase() as 'errore' | 'muto' | 'lento' | undefined) ?? null;
}

/** Whether the embedded server takes an address for a certified one, since no registry tells it: a label of the domain begins or ends with `pec`. */
export function looksCertified(address: string): boolean {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase().split('.').some(label => label.startsWith('pec') || label.endsWith('pec'));
}

/** The receipt's bytes, as they lie in the sender's mailbox. */
export async function composeReceipt({ kind, original, recipient, at, error }: CertifiedReceipt): Promise<Buffer> {
  const title = `${TITLES[kind]}: ${original.subject}`, delivers = kind === 'avvenuta-consegna', domain = original.from.slice(original.from.lastIndexOf('@') + 1);
  const attachments = [
    { filename: 'daticert.xml', contentType: 'application/xml', contentDisposition: 'inline' as const, content: certificateOf({ kind, original, at, ...(recipient === undefined ? {} : { recipient }), ...(error ? { error } : {}) }) },
    // The complete receipt of delivery carries the message itself: the full proof.
    ...(delivers ? [{ filename: 'postacert.eml', contentType: 'message/rfc822', content: original.raw }] : []),
  ];
  return await new MailComposer({
    from: `posta-certificata@${domain}`, to: original.from, subject: title, date: at, messageId: `<opec.${randomUUID()}@${domain}>`, attachments, newline: 'win', disableFileAccess: true, disableUrlAccess: true,
    headers: { 'X-Ricevuta': kind, 'X-Riferimento-Message-ID': `<${original.messageId}>`, ...(delivers ? { 'X-TipoRicevuta': 'completa' } : {}) },
    text: [`Il giorno ${localTime(at)} il messaggio`, `"${original.subject}" proveniente da "${original.from}"`, `e indirizzato a ${recipient ?? original.recipients.join(', ')}`, `${SAYING[kind]}${error ? `: ${error.detail}` : '.'}`, `Identificativo messaggio: ${original.messageId}`, ''].join('\n'),
  }).compile().build();
}

const SAYING: Record<CertifiedKind, string> = {
  'accettazione': 'è stato accettato dal sistema ed inoltrato', 'non-accettazione': 'non è stato accettato', 'avvenuta-consegna': 'è stato consegnato nella casella di destinazione', 'errore-consegna': 'non è stato consegnato',
  'preavviso-errore-consegna': 'non è stato consegnato nelle prime dodici ore dal suo invio',
};

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', format: true, processEntities: true });

function certificateOf({ kind, original, recipient, at, error }: CertifiedReceipt): string {
  const [giorno, ora] = localTime(at).split(' ');
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    postacert: {
      '@tipo': kind, '@errore': error?.code ?? 'nessuno',
      intestazione: { mittente: original.from, destinatari: original.recipients.map(address => ({ '@tipo': looksCertified(address) ? 'certificato' : 'esterno', '#text': address })), risposte: original.from, oggetto: original.subject },
      dati: {
        'gestore-emittente': PROVIDER, data: { '@zona': zoneOf(at), giorno, ora }, identificativo: `opec.${randomUUID()}`, msgid: `<${original.messageId}>`,
        ...(kind === 'avvenuta-consegna' ? { ricevuta: { '@tipo': 'completa' } } : {}), ...(recipient === undefined ? {} : { consegna: recipient }), ...(error ? { 'errore-esteso': error.detail } : {}),
      },
    },
  });
}

/** `31/03/2026 17:54:38` in Rome. */
const localTime = (at: Date): string => new Intl.DateTimeFormat('it-IT', { timeZone: 'Europe/Rome', day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at).replace(',', '');
/** `+0200` */
const zoneOf = (at: Date): string => new Intl.DateTimeFormat('en', { timeZone: 'Europe/Rome', timeZoneName: 'longOffset' }).format(at).replace(/^.*GMT/, '').replace(':', '');
