/** What is said about absences, in the language of the request. */
import type { Language } from './language.ts';

const TEXTS = {
  wrong: { it: 'L’assenza non può essere registrata così.', en: 'The absence cannot be recorded so.' },
  unknown: { it: 'Questa assenza non esiste.', en: 'There is no such absence.' },
  notYours: { it: 'Le assenze le registra e le ritira la persona stessa, o chi dirige o amministra la sua organizzazione.', en: 'Absences are recorded and withdrawn by the person, or by the head or administrator of their organisation.' },
  asDeputy: { it: 'Chi sostituisce non nomina sostituti: usa un profilo tuo.', en: 'A deputy names no deputies: use a profile of your own.' },
  whichOrganisation: { it: 'Indica l’organizzazione: per sé stessi, come genitore, non si nominano sostituti.', en: 'Name the organisation: nobody stands in for a person in their own affairs.' },
  notMember: { it: 'Non appartieni a questa organizzazione.', en: 'You are not of this organisation.' },
  userNotMember: { it: 'Non è una persona abilitata di questa organizzazione.', en: 'Not an enabled person of this organisation.' },
  deputyNotMember: { it: 'Chi sostituisce deve essere una persona abilitata della stessa organizzazione.', en: 'The deputy must be an enabled person of the same organisation.' },
  sameDeputy: { it: 'Nessuno sostituisce sé stesso.', en: 'Nobody is their own deputy.' },
  wrongOrder: { it: 'L’ultimo giorno viene prima del primo.', en: 'The last day comes before the first.' },
  past: { it: 'Il periodo è già passato.', en: 'The period is past.' },
  tooLong: { it: 'Il periodo può durare al massimo un anno.', en: 'The period may last a year at most.' },
  overlap: { it: 'In questi giorni la persona risulta già assente.', en: 'The person is already absent on some of these days.' },
  over: { it: 'L’assenza è finita: non si può più ritirare.', en: 'The absence is over: it cannot be withdrawn any more.' },
  keyReused: { it: 'Questa Idempotency-Key è stata usata per un’altra assenza.', en: 'This Idempotency-Key was used for another absence.' },
  deputyAbsent: { it: 'Anche chi sostituisce risulta assente in alcuni di questi giorni.', en: 'The deputy is absent too on some of these days.' },
  isDeputy: { it: 'In alcuni di questi giorni la persona assente sostituisce qualcun altro.', en: 'On some of these days the absent person is a deputy for somebody else.' },
} as const satisfies Record<string, Record<Language, string>>;

export const absenceText = (name: keyof typeof TEXTS, language: Language): string => TEXTS[name][language];
