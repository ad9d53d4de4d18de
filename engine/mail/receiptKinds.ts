/**
 * What comes into a mailbox, and what it says of the mail that it is about. PEC: DM 2/11/2005, art. 6 and its technical annex (RFC 6109 tells it in English);
 * the words are those of the header X-Ricevuta. Ordinary bounces: RFC 3464.
 */

/** How a mail goes on: `null`, it says something that changes nothing. */
export type MailEffect = 'accepted' | 'delivered' | 'failed' | null;

export const RECEIPTS = {
  'accettazione': 'accepted',
  'non-accettazione': 'failed',
  // Between providers: a sender does not get it.
  'presa-in-carico': null,
  'rilevazione-virus': null,
  'avvenuta-consegna': 'delivered',
  'errore-consegna': 'failed',
  // After twelve hours: it may still arrive, and another notice follows when it does not.
  'preavviso-errore-consegna': null,
  'dsn-failed': 'failed',
  'dsn-delayed': null,
  'dsn-relayed': null,
  'dsn-delivered': 'delivered',
} as const satisfies Record<string, MailEffect>;
export type ReceiptKind = keyof typeof RECEIPTS;

/** Everything else: certified mail of others, mail that came into a PEC mailbox from outside, ordinary mail, and what is no mail. */
export type IncomingKind = ReceiptKind | 'posta-certificata' | 'anomalia' | 'ordinary' | 'unreadable' | 'too-large';

export const isReceipt = (kind: string): kind is ReceiptKind => Object.hasOwn(RECEIPTS, kind);
export const isCertifiedReceipt = (kind: string): kind is ReceiptKind => isReceipt(kind) && !kind.startsWith('dsn-');

/**
 * Why a message that calls itself a receipt changes nothing by itself: somebody looks at it in the tray.
 * A receipt is evidence before a court: better asked about than believed.
 */
export type Doubt =
  /** Not from `posta-certificata@…`, as every receipt of a provider is. */
  | 'not-from-provider'
  /** It says both that it is a receipt and that it carries somebody's message. */
  | 'wrapped'
  /** A header or the certification data stand in it twice. */
  | 'ambiguous'
  /** Without readable certification data (daticert.xml), which every receipt to a sender has. */
  | 'no-certificate'
  /** Headers and certification data say different things. */
  | 'contradiction'
  /** It came to another account than the one that sent. */
  | 'other-account'
  /** It certifies the delivery to somebody else. */
  | 'other-recipient';
