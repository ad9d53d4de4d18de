/** What is said about changes of parameters, in the language of the request. */
import type { Language } from './language.ts';

const TEXTS = {
  wrong: { it: 'Il parametro non può essere modificato così.', en: 'The parameter cannot be set so.' },
  notYours: {
    it: 'I parametri li propongono e li approvano gli operatori dell’installazione e, per la propria organizzazione, il dirigente e l’operatore del polo.',
    en: 'Parameters are proposed and approved by the operators of the installation and, for their own organisation, by its head and the polo’s operator.',
  },
  notThisOrganisation: { it: 'Puoi proporre solo valori della tua organizzazione.', en: 'You may propose only values of your own organisation.' },
  noOrganisation: { it: 'Questa organizzazione non esiste.', en: 'There is no such organisation.' },
  unknown: { it: 'Questa proposta non esiste.', en: 'There is no such proposal.' },
  ownGeneral: {
    it: 'Chi propone un valore non lo approva né lo respinge: decide una seconda persona con il ruolo admin. Se non c’è, `npm run people:import` la aggiunge.',
    en: 'Who proposes a value neither approves nor rejects it: a second person with the role admin decides. If there is none, `npm run people:import` adds one.',
  },
  ownOrganisation: {
    it: 'Chi propone un valore non lo approva né lo respinge: decide un’altra persona della stessa organizzazione (dirigente o operatore del polo) o un operatore dell’installazione. Se non c’è, `npm run people:import` la aggiunge.',
    en: 'Who proposes a value neither approves nor rejects it: another person of the organisation (its head, or the polo’s operator) or an operator of the installation decides. If there is none, `npm run people:import` adds one.',
  },
  approvedBefore: { it: 'La proposta è già stata approvata.', en: 'The proposal has been approved already.' },
  rejectedBefore: { it: 'La proposta è già stata respinta.', en: 'The proposal has been rejected already.' },
  outdated: { it: 'Il valore proposto non va più bene per i procedimenti di oggi: respingilo e proponine un altro.', en: 'The proposed value does not fit the processes of today any more: reject it and propose another.' },
  retroactive: {
    it: 'Il valore vale da un giorno già passato: ciò che è deciso resta com’è, ma le pratiche aperte di quel periodo lo useranno dal prossimo passo.',
    en: 'The value holds from a day that is past: what is decided stays as it is, but open cases of that time will use it from their next step on.',
  },
  noSecondPerson: {
    it: 'Nessun altro può approvare questa proposta: serve una seconda persona abilitata (`npm run people:import`).',
    en: 'Nobody else can approve this proposal: a second enabled person is needed (`npm run people:import`).',
  },
} as const satisfies Record<string, Record<Language, string>>;

export const parameterText = (name: keyof typeof TEXTS, language: Language): string => TEXTS[name][language];
