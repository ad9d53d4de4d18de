/** Who was written to, and who has taken note: a line for each person, as an office goes through it by telephone. */
import type { DeliveryRow } from '../database/reads/deliveries.ts';
import { writeCsv } from './exports/csvTable.ts';
import type { Language } from './language.ts';

export interface OpenedDelivery extends DeliveryRow { name: string; address: string | null; pupils: { name: string; class: string }[] }

const STATES = {
  it: { created: 'da inviare', sending: 'in invio', delivered: 'consegnato', temporaryFailure: 'da ritentare', permanentFailure: 'non consegnato', technicalFailure: 'non consegnato', withdrawn: 'ritirato' },
  en: { created: 'to be sent', sending: 'being sent', delivered: 'delivered', temporaryFailure: 'tried again', permanentFailure: 'not delivered', technicalFailure: 'not delivered', withdrawn: 'withdrawn' },
} satisfies Record<Language, Record<string, string>>;
const WORDS = {
  it: { fileName: 'invii', classes: 'Classe', pupils: 'Alunni', person: 'Destinatario', email: 'E-mail', phone: 'Cellulare', email_state: 'Stato e-mail', sms: 'Stato SMS', portal: 'Portale', readAt: 'Letto', acknowledgedAt: 'Presa visione', unreached: 'Non raggiunto', yes: 'sì' },
  en: { fileName: 'deliveries', classes: 'Class', pupils: 'Pupils', person: 'Recipient', email: 'E-mail', phone: 'Mobile', email_state: 'E-mail state', sms: 'SMS state', portal: 'Portal', readAt: 'Read', acknowledgedAt: 'Taken note', unreached: 'Not reached', yes: 'yes' },
} as const;
const COLUMNS = ['classes', 'pupils', 'person', 'email', 'phone', 'email_state', 'sms', 'portal', 'unreached', 'readAt', 'acknowledgedAt'] as const;

const clocks = { it: new Intl.DateTimeFormat('it-IT', { dateStyle: 'short', timeStyle: 'short', timeZone: 'Europe/Rome' }), en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'short', timeZone: 'Europe/Rome' }) };

/** By class, then by pupil. */
export function deliveryTable(deliveries: OpenedDelivery[], language: Language): { fileName: string; text: string } {
  const words = WORDS[language], states: Record<string, string> = STATES[language];
  const list = (all: string[]) => [...new Set(all)].join(', ');
  const first = (instants: (Date | null)[]) => { const [earliest] = instants.filter(at => at !== null).sort((a, b) => a.getTime() - b.getTime()); return earliest ? clocks[language].format(earliest) : null; };
  const rows = [...Map.groupBy(deliveries, ({ userId }) => userId).values()].map(of => {
    const { name, pupils } = of[0]!, by = (channel: string) => of.find(each => each.channel === channel), stateOf = (channel: string) => { const found = by(channel); return found ? states[found.state] ?? found.state : null; };
    return {
      classes: list(pupils.map(pupil => pupil.class)), pupils: list(pupils.map(pupil => pupil.name)), person: name, email: by('email')?.address ?? null, phone: by('sms')?.address ?? null,
      email_state: stateOf('email'), sms: stateOf('sms'), portal: stateOf('portal'), unreached: by('none') ? words.yes : null, readAt: first(of.map(({ readAt }) => readAt)), acknowledgedAt: first(of.map(({ acknowledgedAt }) => acknowledgedAt)),
    };
  });
  const key = ({ classes, pupils, person }: typeof rows[number]) => `${classes}\u0000${pupils}\u0000${person}`;
  return { fileName: words.fileName, text: writeCsv({ columns: COLUMNS.map(name => ({ name, title: words[name] })), rows: rows.sort((a, b) => (key(a) < key(b) ? -1 : 1)) }) };
}
