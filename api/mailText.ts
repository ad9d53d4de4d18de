/** What is shown of mail in words: states, kinds of what came in, and why a receipt was not believed. */
import type { IncomingKind, Doubt } from '../engine/mail/receiptKinds.ts';
import type { CaseMail } from '../database/reads/mails.ts';
import type { Language } from './language.ts';

type Words<K extends string> = Record<K, Record<Language, string>>;

const STATES: Words<CaseMail['state']> = {
  sent: { it: 'inviata', en: 'sent' }, accepted: { it: 'accettata', en: 'accepted' }, delivered: { it: 'consegnata', en: 'delivered' }, failed: { it: 'non consegnata', en: 'not delivered' },
};
const KINDS: Words<IncomingKind> = {
  'accettazione': { it: 'Ricevuta di accettazione', en: 'Receipt of acceptance' }, 'non-accettazione': { it: 'Avviso di non accettazione', en: 'Notice of refusal' },
  'presa-in-carico': { it: 'Ricevuta di presa in carico', en: 'Receipt between providers' }, 'rilevazione-virus': { it: 'Avviso di rilevazione virus', en: 'Notice of a virus' },
  'avvenuta-consegna': { it: 'Ricevuta di avvenuta consegna', en: 'Receipt of delivery' }, 'errore-consegna': { it: 'Avviso di mancata consegna', en: 'Notice of failed delivery' },
  'preavviso-errore-consegna': { it: 'Preavviso di mancata consegna', en: 'Warning: not delivered yet' },
  'dsn-failed': { it: 'Messaggio respinto', en: 'Bounced' }, 'dsn-delayed': { it: 'Consegna in ritardo', en: 'Delayed' }, 'dsn-relayed': { it: 'Inoltrato', en: 'Relayed' }, 'dsn-delivered': { it: 'Consegna confermata dal server', en: 'Delivery confirmed by the server' },
  'posta-certificata': { it: 'Messaggio di posta certificata', en: 'Certified mail' }, 'anomalia': { it: 'Messaggio non certificato (busta di anomalia)', en: 'Mail that is not certified' },
  'ordinary': { it: 'Messaggio ordinario', en: 'Ordinary mail' }, 'unreadable': { it: 'Messaggio illeggibile', en: 'Unreadable message' }, 'too-large': { it: 'Messaggio troppo grande: è intero nella casella', en: 'Too large: the whole is in the mailbox' },
};
const DOUBTS: Words<Doubt> = {
  'not-from-provider': { it: 'non viene da un gestore di posta certificata', en: 'not from a provider of certified mail' }, 'wrapped': { it: 'è il messaggio di qualcuno che si dice ricevuta', en: 'somebody’s message that calls itself a receipt' },
  'ambiguous': { it: 'dice due cose diverse', en: 'says two different things' }, 'no-certificate': { it: 'è senza dati di certificazione leggibili', en: 'without readable certification data' },
  'contradiction': { it: 'le intestazioni e i dati di certificazione non concordano', en: 'headers and certification data disagree' },
  'other-account': { it: 'è arrivata a una casella diversa da quella che ha inviato', en: 'came to another account than the one that sent' }, 'other-recipient': { it: 'riguarda un altro destinatario', en: 'about another recipient' },
};

const worded = <K extends string>(words: Words<K>) => (name: string, language: Language): string => (words as Record<string, Record<Language, string>>)[name]?.[language] ?? name;
export const mailStateText = worded(STATES);
export const incomingText = worded(KINDS);
export const doubtText = worded(DOUBTS);
