/** The daily mail in words: numbers of cases, tasks and dates. Never a name of a pupil: nobody knows who else reads a mailbox. Pure. */

export interface DigestLine {
  part: 'overdue' | 'week' | 'rest';
  /** Local date; null: by no date. */
  due: string | null;
  process: string;
  /** The case's number, else the local date when it was begun. */
  number: string | null;
  begun: string;
  task: string;
}
export interface DigestProfile { role: string; /** Null: one's own affairs. */ organisation: string | null; /** Name of the absent person. */ deputyFor: string | null; lines: DigestLine[]; total: number; overdue: number }
export interface DigestMail { subject: string; text: string }

const PARTS = ['overdue', 'week', 'rest'] as const;

const WORDS = {
  it: {
    locale: 'it-IT',
    subject: (total: number, overdue: number) => `${total === 1 ? '1 attività in attesa' : `${count('it', total)} attività in attesa`}${overdue > 0 ? `, ${count('it', overdue)} in ritardo` : ''}`,
    greeting: (name: string) => `Buongiorno ${name},\n\necco che cosa ti aspetta oggi.`,
    deputyFor: (name: string) => `in sostituzione di ${name}`, parts: { overdue: 'In ritardo', week: 'Entro sette giorni', rest: 'Le altre' }, undated: 'senza scadenza',
    numbered: (process: string, number: string) => `${process} n. ${number}`, begun: (process: string, day: string) => `${process} del ${day}`,
    more: (rest: number) => (rest === 1 ? '… e un’altra.' : `… e altre ${count('it', rest)}.`),
    end: 'Questo messaggio parte da solo nei giorni dal lunedì al venerdì, quando c’è qualcosa da fare. Lo puoi disattivare nel tuo profilo.',
  },
  en: {
    locale: 'en-GB',
    subject: (total: number, overdue: number) => `${total === 1 ? '1 open task' : `${count('en', total)} open tasks`}${overdue > 0 ? `, ${count('en', overdue)} overdue` : ''}`,
    greeting: (name: string) => `Good morning ${name},\n\nthis is what waits for you today.`,
    deputyFor: (name: string) => `as deputy of ${name}`, parts: { overdue: 'Overdue', week: 'Within seven days', rest: 'The others' }, undated: 'no due date',
    numbered: (process: string, number: string) => `${process} no. ${number}`, begun: (process: string, day: string) => `${process} of ${day}`,
    more: (rest: number) => (rest === 1 ? '… and one more.' : `… and ${count('en', rest)} more.`),
    end: 'This message is sent from Monday to Friday when there is something to do. You can switch it off in your profile.',
  },
} as const;
export type DigestLanguage = keyof typeof WORDS;

function count(language: DigestLanguage, number: number): string {
  return new Intl.NumberFormat(WORDS[language].locale, { useGrouping: 'always' } as Intl.NumberFormatOptions).format(number);
}
/** A local date as people write it; no time zone has a say in it. */
function dayText(language: DigestLanguage, date: string): string {
  return new Intl.DateTimeFormat(WORDS[language].locale, { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' }).format(Date.parse(`${date}T00:00:00Z`));
}

/** `profiles`: those with tasks, at least one. */
export function digestText(language: DigestLanguage, name: string, profiles: DigestProfile[]): DigestMail {
  const words = WORDS[language];
  const total = profiles.reduce((sum, profile) => sum + profile.total, 0), overdue = profiles.reduce((sum, profile) => sum + profile.overdue, 0);
  return { subject: words.subject(total, overdue), text: `${[words.greeting(name), ...profiles.map(profile => profileText(language, profile)), `-- \n${words.end}`].join('\n\n')}\n` };
}

function profileText(language: DigestLanguage, { role, organisation, deputyFor, lines, total }: DigestProfile): string {
  const words = WORDS[language];
  const heading = `${[role, ...(organisation === null ? [] : [organisation])].join(' – ')}${deputyFor === null ? '' : ` (${words.deputyFor(deputyFor)})`}`;
  const parts = PARTS.flatMap(part => {
    const own = lines.filter(line => line.part === part);
    return own.length === 0 ? [] : [`${words.parts[part]}:\n${own.map(line => lineText(language, line)).join('\n')}`];
  });
  return [`${heading}\n${'='.repeat(heading.length)}`, ...parts, ...(total > lines.length ? [words.more(total - lines.length)] : [])].join('\n');
}

function lineText(language: DigestLanguage, { due, process, number, begun, task }: DigestLine): string {
  const words = WORDS[language];
  return `- ${due === null ? words.undated : dayText(language, due)}: ${task} (${number === null ? words.begun(process, dayText(language, begun)) : words.numbered(process, number)})`;
}
