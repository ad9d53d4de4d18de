/** The polo's letterhead and signature: the same parameter as for the letters of its projects. */
import { romeDate, romeTime } from '../../calendar.ts';
import { organisationName, personName, type DocumentBlock, type DocumentModel, type Json, type LocalDate, type Step } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { giorno } from './words.ts';

export type FundStep = Step<Contesto>;
export const READERS = ['operatorePolo', 'dirigentePolo', 'funzionarioUsr'];

interface ModelliDocumenti {
  intestazione: string[];
  piede: string;
  luogo: string;
  firmatario: { nome: string; ruolo: string };
  /** By document. Words in braces: {annoScolastico}, {polo}, {oggi}. */
  testi: Record<string, { premessa?: string; chiusura?: string }>;
  logo?: string;
}

export const MODELLI_DOCUMENTI = 'modelliDocumenti';
const PREDEFINITO: ModelliDocumenti = { intestazione: [], piede: '', luogo: '', firmatario: { nome: '', ruolo: 'Il Dirigente scolastico' }, testi: {} };
/** The general value, until the polo enters its own: the same as of the process istruzione-domiciliare. */
export const parametroModelli: { name: string; from: LocalDate; to: LocalDate | null; value: Json } = { name: MODELLI_DOCUMENTI, from: '2024-09-01', to: null, value: PREDEFINITO as unknown as Json };

function modelloOf({ parameter }: FundStep): ModelliDocumenti {
  const own = parameter<Partial<ModelliDocumenti>>(MODELLI_DOCUMENTI, undefined, 'polo');
  return { ...PREDEFINITO, ...own, firmatario: { ...PREDEFINITO.firmatario, ...own.firmatario } };
}

/** The one place that knows how the polo is called. */
const nomeOf = (step: FundStep, { intestazione }: ModelliDocumenti): string => intestazione[0] || organisationName(step.parties.polo!);

interface Parti { nome: string; titolo: string; oggetto: string; blocchi: DocumentBlock[]; orizzontale?: boolean }

export function documento(step: FundStep, { nome, titolo, oggetto, blocchi, orizzontale }: Parti): DocumentModel {
  const { context, actor, at, today } = step;
  const modello = modelloOf(step);
  const polo = nomeOf(step, modello);
  const segnaposti: Record<string, string> = { annoScolastico: context.annoScolastico, polo, oggi: giorno(today) };
  const frase = (text: string | undefined): DocumentBlock[] => (text ? [{ paragraph: text.replace(/\{(\w+)\}/g, (whole, word: string) => (Object.hasOwn(segnaposti, word) ? segnaposti[word]! : whole)) }] : []);
  const { firmatario } = modello;
  const isDirigente = actor.role === 'dirigentePolo';
  const name = isDirigente && actor.kind === 'user' ? personName(actor.id) : firmatario.nome;
  return {
    title: titolo, language: 'it',
    letterhead: { organisation: polo, lines: modello.intestazione.slice(1), ...(modello.logo ? { logo: modello.logo } : {}) },
    subject: oggetto,
    blocks: [...frase(modello.testi[nome]?.premessa), ...blocchi, ...frase(modello.testi[nome]?.chiusura)],
    signatures: [{ role: isDirigente && actor.deputyFor ? `Per ${firmatario.ruolo}` : firmatario.ruolo, ...(name ? { name } : {}), ...(isDirigente ? { note: `firmato con l'account il ${giorno(romeDate(at))} alle ore ${romeTime(at)}` } : {}) }],
    placeAndDate: [modello.luogo, giorno(today)].filter(Boolean).join(', '),
    footer: [modello.piede, `${titolo} - a.s. ${context.annoScolastico}`].filter(Boolean).join(' · '),
    ...(orizzontale ? { landscape: true } : {}),
  };
}
