/** What all documents have in common: letterhead, addressees, subject, signatures, and who may read them. */
import { romeDate, romeTime } from '../../calendar.ts';
import { extraFieldLines, formParameter, personName, type DocumentBlock, type DocumentModel, type FormOverlay, type LocalDate, type Step } from '../../contract.ts';
import { DICITURA } from '../process/avvio.ts';
import type { Contesto } from '../process/types.ts';
import { conSegnaposti, modelloOf, nomeOf } from './template.ts';
import { giorno, iniziali, nomeIntero, ordineScritto } from './words.ts';

export type ProjectStep = Step<Contesto>;
export type Firma = NonNullable<DocumentModel['signatures']>[number];

export const SEGRETERIA = ['segreteria', 'dirigente'];
export const SCUOLA = [...SEGRETERIA, 'DSGA', 'referente', 'docente'];
export const POLO = ['operatorePolo', 'dirigentePolo'];
export const USR = ['funzionarioUsr'];
export const FAMIGLIA = ['genitore'];
/** Certificates and what follows from them. */
export const SANITARI = [...SEGRETERIA, ...POLO, ...FAMIGLIA];

/** The norms on which every act stands, as its preamble cites them. */
export const VISTA_PROCEDURA = 'VISTA la Procedura per avviare, attivare, rendicontare progetti di istruzione domiciliare';
export const VISTE_NORME = "VISTI l'art. 8 del d.lgs. 13 aprile 2017, n. 63 (scuola in ospedale e istruzione domiciliare) e l'art. 16 del d.lgs. 13 aprile 2017, n. 66 (istruzione domiciliare)";
/** `VISTA …;` one under the other, then the word of the decision. */
export const preambolo = (viste: (string | null)[], dispositivo: string): DocumentBlock[] => [...viste.filter(vista => vista !== null).map(vista => ({ paragraph: `${vista};` })), { heading: dispositivo, level: 2 }];

/** The subject of every message: it names the project and, once assigned, the number (Procedura ID, "Avvio"). No name of a pupil: it stands in the protocollo. */
export const oggettoOf = ({ context }: Pick<ProjectStep, 'context'>, argomento: string): string => [DICITURA, context.numero, argomento].filter(Boolean).join(' - ');

/** `l'alunno/a A.R., classe 2B, scuola …`: how a letter speaks of the pupil. */
export const alunnoInLettera = ({ context: { alunno, ordine } }: Pick<ProjectStep, 'context'>): string => `l'alunno/a ${iniziali(alunno)}, classe ${alunno.classe}, ${ordineScritto(ordine)}`;
export const delProgetto = ({ context }: Pick<ProjectStep, 'context'>): string => (context.numero === null ? 'del progetto di istruzione domiciliare' : `del progetto di istruzione domiciliare n. ${context.numero}`);
export const numeroScritto = ({ numero }: Contesto): string => numero ?? 'in attesa di assegnazione';

/** Who signed with the account, and when. */
export const firmatoConAccount = ({ at }: Pick<ProjectStep, 'at'>): string => `firmato con l'account il ${giorno(romeDate(at))} alle ore ${romeTime(at)}`;

/** The head of the organisation: with the account, if the decision is the head's own; else named as responsible. */
export function firmaDirigente(step: ProjectStep, da: 'scuola' | 'polo'): Firma {
  const { firmatario } = modelloOf(step, da);
  const { actor } = step;
  if (actor.role === (da === 'scuola' ? 'dirigente' : 'dirigentePolo')) {
    const name = actor.kind === 'user' ? personName(actor.id) : firmatario.nome;
    return actor.deputyFor
      ? { role: `Per ${firmatario.ruolo.replace(/^\p{Lu}/u, first => first.toLowerCase())}`, name, note: `in sostituzione di ${personName(actor.deputyFor)}, ${firmatoConAccount(step)}` }
      : { role: firmatario.ruolo, ...named(name), note: firmatoConAccount(step) };
  }
  return firmatario.nome ? { role: firmatario.ruolo, name: firmatario.nome, note: 'indicazione a stampa del responsabile, art. 3, c. 2, d.lgs. 39/1993' } : { role: firmatario.ruolo };
}
/** Who leads the project: with the account, if it is the referente's own deed; else a line to sign on. */
export function firmaReferente(step: ProjectStep): Firma {
  const nome = step.context.referente?.nome;
  return { role: 'Il referente del progetto', ...named(nome), ...(step.actor.role === 'referente' ? { note: firmatoConAccount(step) } : {}) };
}
export const named = (name: string | undefined): { name?: string } => (name ? { name } : {});

const DESTINATARI: Record<Destinatario, (step: ProjectStep) => string[]> = {
  polo: step => ['Alla Scuola polo regionale', nomeOf(step, 'polo')],
  usr: step => ["All'Ufficio Scolastico Regionale", nomeOf(step, 'usr')].filter((line, i) => i === 0 || line !== 'Ufficio Scolastico Regionale'),
  scuola: step => ['Al Dirigente scolastico', nomeOf(step, 'scuola')],
  famiglia: ({ context }) => [`Alla famiglia dell'alunno/a ${iniziali(context.alunno)}`],
};
type Destinatario = 'polo' | 'usr' | 'scuola' | 'famiglia';

interface Parti {
  /** By which the organisation's own sentences are found. */
  nome: string;
  titolo: string;
  da: 'scuola' | 'polo';
  /** Those of them who take part in the case. */
  a?: Destinatario[];
  /** Addressees who are no party: each with its lines. */
  altri?: string[][];
  /** What the letter is about; a form has none. */
  argomento?: string;
  blocchi: DocumentBlock[];
  /** Default: the head of the organisation. */
  firme?: Firma[];
  /** Of a form that somebody else signed, on another day and elsewhere. */
  data?: LocalDate | null;
  orizzontale?: boolean;
}

export function documento(step: ProjectStep, { nome, titolo, da, a = [], altri = [], argomento, blocchi, firme, data, orizzontale }: Parti): DocumentModel {
  const modello = modelloOf(step, da);
  const frase = (text: string | undefined): DocumentBlock[] => (text ? [{ paragraph: conSegnaposti(step, text) }] : []);
  const destinatari = [...a.filter(party => step.parties[party] !== undefined).map(party => DESTINATARI[party](step)), ...altri];
  return {
    title: titolo, language: 'it',
    letterhead: { organisation: nomeOf(step, da), lines: modello.intestazione.slice(1), ...(modello.logo ? { logo: modello.logo } : {}) },
    ...(destinatari.length > 0 ? { recipients: destinatari } : {}),
    ...(argomento === undefined ? {} : { subject: oggettoOf(step, argomento) }),
    blocks: [...frase(modello.testi[nome]?.premessa), ...blocchi, ...frase(modello.testi[nome]?.chiusura)],
    signatures: firme ?? [firmaDirigente(step, da)],
    ...(data === undefined ? { placeAndDate: [modello.luogo, giorno(step.today)].filter(Boolean).join(', ') } : data === null ? {} : { placeAndDate: giorno(data) }),
    footer: [modello.piede, `${oggettoOf(step, titolo)} - a.s. ${step.context.annoScolastico}`].filter(Boolean).join(' · '),
    ...(orizzontale ? { landscape: true } : {}),
  };
}

/** The lines with which every form begins, and those that it adds. */
export function datiProgetto(step: ProjectStep, ...altre: { label: string; value: string }[]): DocumentBlock {
  const { context } = step;
  return {
    fields: [
      { label: 'Alunno/a', value: nomeIntero(context.alunno) },
      { label: 'Classe e sezione', value: context.alunno.classe },
      { label: 'Ordine di scuola', value: ordineScritto(context.ordine) },
      { label: 'Scuola di appartenenza', value: nomeOf(step, 'scuola') },
      { label: 'Anno scolastico', value: context.annoScolastico },
      { label: 'Numero di progetto', value: numeroScritto(context) },
      ...altre,
    ],
  };
}

/** What the polo added to a form: label and value, as its definition of today names them. */
export const righeAggiunte = (step: ProjectStep, form: string, valori: Record<string, unknown> | null | undefined): { label: string; value: string }[] =>
  extraFieldLines(step.parameter<FormOverlay>(formParameter('istruzione-domiciliare', form), undefined, 'polo'), valori, 'it');

/** The same at the end of the form. */
export function campiAggiuntivi(step: ProjectStep, form: string, modulo: { campiAggiuntivi?: Record<string, unknown> } | null | undefined): DocumentBlock[] {
  const righe = righeAggiunte(step, form, modulo?.campiAggiuntivi);
  return righe.length === 0 ? [] : [{ heading: 'Altri dati', level: 2 }, { fields: righe }];
}
