/** A message in words, for one recipient. `{destinatario}`, `{alunni}`, `{classi}`, `{entro}` stand for theirs. */
import type { BroadcastDefinition, BroadcastMessage } from '../contract.ts';
import type { Testi, Testo } from './process/types.ts';

const LOCALES = { it: 'it-IT', en: 'en-GB' } as const;
const WORDS = {
  it: {
    ack: (entro: string) => `Si chiede la presa visione nel portale entro il ${entro}.`, link: (entro: string, link: string) => `Si chiede la presa visione entro il ${entro}, nel portale o qui:\n${link}`,
    reminder: 'Promemoria: ', silent: (entro: string) => `Non risulta ancora la presa visione della comunicazione seguente, richiesta entro il ${entro}.`, about: 'Per', smsAck: (entro: string) => ` Presa visione entro il ${entro}`,
  },
  en: {
    ack: (entro: string) => `Please take note of it in the portal by ${entro}.`, link: (entro: string, link: string) => `Please take note of it by ${entro}, in the portal or here:\n${link}`,
    reminder: 'Reminder: ', silent: (entro: string) => `You have not yet taken note of the following message; please do so by ${entro}.`, about: 'About', smsAck: (entro: string) => ` Take note by ${entro}`,
  },
} as const;
type Language = keyof typeof WORDS;

/** A local date as people write it. */
const day = (language: Language, date: string) => new Intl.DateTimeFormat(LOCALES[language], { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' }).format(Date.parse(`${date}T00:00:00Z`));

function fill(text: string, language: Language, { recipient, acknowledge }: BroadcastMessage): string {
  const list = (words: string[]) => new Intl.ListFormat(LOCALES[language], { type: 'conjunction' }).format([...new Set(words)]);
  const values: Record<string, string> = {
    destinatario: recipient.name, alunni: list(recipient.pupils.map(({ name }) => name)), classi: list(recipient.pupils.map(({ class: of }) => of)), entro: acknowledge?.by ? day(language, acknowledge.by) : '',
  };
  return text.replaceAll(/\{(destinatario|alunni|classi|entro)\}/g, (_, name: string) => values[name]!);
}

/** The Italian words where there are no others. */
const wordsIn = (language: Language, { testi }: { testi: Testi }): Testo => testi[language] ?? testi.it;

function message(language: Language, given: BroadcastMessage, reminder: boolean) {
  const { oggetto, testo, sms } = wordsIn(language, given.data), { acknowledge, recipient, sender, link } = given, words = WORDS[language];
  const by = acknowledge?.by ? day(language, acknowledge.by) : null;
  const subject = `${reminder ? words.reminder : ''}${fill(oggetto, language, given)}`;
  const about = recipient.pupils.length > 0 ? `${words.about}: ${recipient.pupils.map(({ name, class: of }) => `${name} (${of})`).join(', ')}` : null;
  const parts = [reminder && by ? words.silent(by) : null, fill(testo, language, given), by && link ? words.link(by, link) : !reminder && by ? words.ack(by) : null, `-- \n${[sender, about].filter(Boolean).join('\n')}`];
  const short = sms === '' ? subject : `${reminder ? words.reminder : ''}${fill(sms, language, given)}`;
  return { subject, text: `${parts.filter(Boolean).join('\n\n')}\n`, sms: `${short}${by ? `${words.smsAck(by)}${link ? `: ${link}` : '.'}` : ''}` };
}
const both = (version: number, reminder: boolean): BroadcastDefinition => ({ version, it: given => message('it', given, reminder), en: given => message('en', given, reminder) });

export const broadcasts: Record<string, BroadcastDefinition> = { comunicazione: both(1, false), sollecito: both(1, true) };
