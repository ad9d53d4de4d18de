/** The look and the fixed sentences of an organisation's documents: a parameter, so that a school or a polo changes them without code. */
import { organisationName, type Json, type LocalDate, type Step } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { giorno, iniziali, oreDi } from './words.ts';

export interface ModelliDocumenti {
  /** Lines of the letterhead; the first is the organisation's name. */
  intestazione: string[];
  /** Small print at the foot of each page. */
  piede: string;
  /** Of `Luogo e data`. */
  luogo: string;
  firmatario: { nome: string; ruolo: string };
  /** By document: sentences before and after its content. May hold the words of SEGNAPOSTI in braces. */
  testi: Record<string, { premessa?: string; chiusura?: string }>;
  /** PNG or JPEG, base64, at most 100 kB. */
  logo?: string;
}

export const MODELLI_DOCUMENTI = 'modelliDocumenti';
const PREDEFINITO: ModelliDocumenti = { intestazione: [], piede: '', luogo: '', firmatario: { nome: '', ruolo: 'Il Dirigente scolastico' }, testi: {} };
/** The general value, until an organisation enters its own. */
export const parametroModelli: { name: string; from: LocalDate; to: LocalDate | null; value: Json } = { name: MODELLI_DOCUMENTI, from: '2024-09-01', to: null, value: PREDEFINITO as unknown as Json };

export type DocumentStep = Pick<Step<Contesto>, 'context' | 'parties' | 'parameter' | 'today'>;
type Organizzazione = 'scuola' | 'polo' | 'usr';

/** An organisation's own template; what it left out is as in the general one. */
export function modelloOf({ parameter }: Pick<DocumentStep, 'parameter'>, party: Organizzazione): ModelliDocumenti {
  const own = parameter<Partial<ModelliDocumenti>>(MODELLI_DOCUMENTI, undefined, party);
  return { ...PREDEFINITO, ...own, firmatario: { ...PREDEFINITO.firmatario, ...own.firmatario } };
}

/** The one place that knows how an organisation is called: the first line of its letterhead, else its name in the registry. */
export function nomeOf(step: Pick<DocumentStep, 'parameter' | 'parties'>, party: Organizzazione): string {
  const code = step.parties[party];
  return modelloOf(step, party).intestazione[0] || (code === undefined ? CHIAMATA[party] : organisationName(code));
}
/** Of one that takes no part in the case. */
const CHIAMATA: Record<Organizzazione, string> = { scuola: 'Istituzione scolastica', polo: 'Scuola polo regionale', usr: 'Ufficio Scolastico Regionale' };

/** The words that `premessa` and `chiusura` may hold in braces, and no other. */
const SEGNAPOSTI: Record<string, (step: DocumentStep) => string> = {
  numero: ({ context }) => context.numero ?? 'in attesa di assegnazione',
  alunno: ({ context }) => iniziali(context.alunno),
  classe: ({ context }) => context.alunno.classe,
  annoScolastico: ({ context }) => context.annoScolastico,
  scuola: step => nomeOf(step, 'scuola'),
  polo: step => nomeOf(step, 'polo'),
  oreAutorizzate: ({ context }) => oreDi(context.minutiAutorizzati),
  oggi: ({ today }) => giorno(today),
};

/** A word that is none of them stays as it is written: its author sees it. */
export const conSegnaposti = (step: DocumentStep, text: string): string => text.replace(/\{(\w+)\}/g, (whole, word: string) => (Object.hasOwn(SEGNAPOSTI, word) ? SEGNAPOSTI[word]!(step) : whole));
