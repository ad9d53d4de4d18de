/** The certification data of a PEC receipt: the attachment daticert.xml (DM 2/11/2005, allegato, 7.4). */
import { XMLParser } from 'fast-xml-parser';

export interface Certificate {
  /** As in X-Ricevuta; of a transport envelope `posta-certificata`. */
  kind: string;
  /** `nessuno`, or the sort of error; and what the provider says about it. */
  error: string;
  errorDetail: string | null;
  sender: string | null;
  recipients: string[];
  /** Message-ID of the original message, without angle brackets. */
  reference: string | null;
  /** To whom it was delivered. */
  delivered: string | null;
  /** Certified instant. */
  at: Date | null;
  /** `completa`, `breve` or `sintetica`. */
  extent: string | null;
}

const LARGEST = 256 * 1024;
/** The recipients may be many; everything else stands there once. No entities beyond XML's own, no numbers made of texts. */
const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false, parseAttributeValue: false, processEntities: true, isArray: name => name === 'destinatari' });

/** Null where it is not such a document. */
export function readCertificate(xml: Buffer): Certificate | null {
  if (xml.length > LARGEST) return null;
  const text = xml.toString('utf8');
  // Entities may grow without end; the certification data need none of their own.
  if (/<!ENTITY/i.test(text)) return null;
  let document: any;
  try {
    document = parser.parse(text, true);
  } catch {
    return null;
  }
  const root = document?.postacert;
  if (typeof root !== 'object' || root === null) return null;
  const head = root.intestazione ?? {}, data = root.dati ?? {};
  return {
    kind: textOf(root['@tipo']) ?? '', error: textOf(root['@errore']) ?? 'nessuno', errorDetail: textOf(data['errore-esteso']), sender: addressOf(head.mittente),
    recipients: (Array.isArray(head.destinatari) ? head.destinatari : []).flatMap((each: unknown) => addressOf(each) ?? []),
    reference: bareId(textOf(data.msgid)), delivered: addressOf(data.consegna), at: instantOf(data.data), extent: textOf(data.ricevuta?.['@tipo']),
  };
}

/** Of an element with or without attributes. */
function textOf(value: unknown): string | null {
  const text = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['#text'] : value;
  return typeof text === 'string' && text.trim() ? text.trim() : null;
}
const addressOf = (value: unknown): string | null => textOf(value)?.toLowerCase() ?? null;

/** A Message-ID without what stands around it. */
export function bareId(text: string | null | undefined): string | null {
  const bare = text?.trim().replace(/^<|>$/g, '').trim();
  return bare ? bare : null;
}

/** `<data zona="+0200"><giorno>31/03/2026</giorno><ora>17:54:38</ora></data>` */
function instantOf(data: any): Date | null {
  const day = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(textOf(data?.giorno) ?? ''), time = /^\d{2}:\d{2}:\d{2}$/.exec(textOf(data?.ora) ?? ''), zone = /^([+-]\d{2}):?(\d{2})$/.exec(textOf(data?.['@zona']) ?? '');
  if (!day || !time || !zone) return null;
  const at = new Date(`${day[3]}-${day[2]}-${day[1]}T${time[0]}${zone[1]}:${zone[2]}`);
  return Number.isNaN(at.getTime()) ? null : at;
}
