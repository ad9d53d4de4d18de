/** What a project must have to be presented (Procedura ID, "Informazioni preliminari" and "Avvio"). */
import { addMonths, schoolYearOf } from '../../calendar.ts';
import type { JsonObject, LocalDate, Refusal, Step } from '../../contract.ts';
import { assenzaMinima, calendarioOf, canali, emittenti, firmatari, mesiPrimaDellaFine } from './parameters.ts';
import { clipPeriods, countDays, countLessonDays, firstDay, lastDay, mergePeriods } from './periods.ts';
import type { Certificato, Contesto, Disabilita, ModelloG, Periodo } from './types.ts';

type ProjectStep<D = any> = Step<Contesto, D>;
type Invio = { canale: string; oggetto: string } | undefined;

/** The refusal of the first rule that does not hold. */
export function firstRefusal(...checks: (() => Refusal | null)[]): Refusal | null {
  for (const check of checks) {
    const refusal = check();
    if (refusal) return refusal;
  }
  return null;
}

export const DICITURA = 'Progetto Istruzione Domiciliare';

/** By PEC, never by fax; the subject names the project and, once known, its number. */
export function checkInvio(step: ProjectStep, invio: Invio): Refusal | null {
  if (!invio) return null; // The system composes the PEC itself, with the right subject.
  const { canale, oggetto } = invio;
  if (canale === 'fax') return { rule: 'faxNonAmmesso', pointer: '/invio/canale', figures: { canale } };
  if (!canali(step).includes(canale)) return { rule: 'canaleNonAmmesso', pointer: '/invio/canale', figures: { canale, ammessi: canali(step) } };
  if (!oggetto.toLowerCase().includes(DICITURA.toLowerCase())) return { rule: 'oggettoSenzaDicitura', pointer: '/invio/oggetto', figures: { oggetto, richiesto: DICITURA } };
  const { numero } = step.context;
  if (numero !== null && !oggetto.includes(numero)) return { rule: 'oggettoSenzaNumero', pointer: '/invio/oggetto', figures: { oggetto, numero } };
  return null;
}

/** An act or a paper is not dated tomorrow. */
export function checkNotFuture(step: ProjectStep, date: LocalDate | undefined, pointer: string): Refusal | null {
  return date !== undefined && date > step.today ? { rule: 'dataFutura', pointer, figures: { data: date, oggi: step.today } } : null;
}

/** Without accents, capitals and spaces twice: `D’Àmico ` is `damico`. */
const asWritten = (name: string): string => name.normalize('NFD').replace(/[^\p{L}]/gu, '').toLowerCase();

/** A certificate of another pupil is no certificate. By codice fiscale where both have one, else by name and surname. */
function checkIntestatario(step: ProjectStep, intestatario: Certificato['intestatario']): Refusal | null {
  const { alunno } = step.context;
  if (!intestatario) return null;
  const same = alunno.codiceFiscale && intestatario.codiceFiscale
    ? alunno.codiceFiscale.toUpperCase() === intestatario.codiceFiscale.toUpperCase()
    : asWritten(alunno.nome) === asWritten(intestatario.nome) && asWritten(alunno.cognome) === asWritten(intestatario.cognome);
  return same ? null : { rule: 'certificatoDiAltroAlunno', pointer: '/certificato/intestatario', figures: { certificato: `${intestatario.nome} ${intestatario.cognome}`, alunno: `${alunno.nome} ${alunno.cognome}` } };
}

/** Modello S from the hospital or the doctor, Modello M from the family doctor; who counts is the region's choice. */
export function checkCertificato(step: ProjectStep, { modello, emittente, rilasciatoIl, periodi, intestatario }: Certificato): Refusal | null {
  const inverted = periodi.findIndex(({ dal, al }) => al < dal);
  if (inverted >= 0) return { rule: 'periodoInvertito', pointer: `/certificato/periodi/${inverted}`, figures: { ...periodi[inverted]! } };
  const altro = checkIntestatario(step, intestatario);
  if (altro) return altro;
  const ammessi = emittenti(step)[modello];
  if (!ammessi.includes(emittente)) return { rule: 'emittenteNonAmmesso', pointer: '/certificato/emittente', figures: { modello, emittente, ammessi } };
  return checkNotFuture(step, rilasciatoIl, '/certificato/rilasciatoIl');
}

/** The certificate that is declared is the one that is attached. */
export function checkAllegato(step: ProjectStep, kinds: string[], declared: string, pointer: string): Refusal | null {
  const attached = step.facts.attachments.map(({ kind }) => kind).filter(kind => kinds.includes(kind));
  return attached.length > 0 && !attached.includes(declared) ? { rule: 'allegatoDiverso', pointer, figures: { dichiarato: declared, allegati: attached } } : null;
}

/** Signed by the parent (or by who the region admits beside). */
export function checkModelloG(step: ProjectStep, { qualita, firmatoIl }: ModelloG): Refusal | null {
  const ammessi = firmatari(step);
  if (!ammessi.includes(qualita)) return { rule: 'firmatarioNonAmmesso', pointer: '/modelloG/qualita', figures: { qualita, ammessi } };
  return checkNotFuture(step, firmatoIl, '/modelloG/firmatoIl');
}

/** With a disability, only when the pathology is another one. */
export function checkDisabilita(disabilita: Disabilita | null | undefined): Refusal | null {
  return disabilita?.presente && disabilita.patologiaCoincidente ? { rule: 'patologiaCoincidente', pointer: '/disabilita/patologiaCoincidente', figures: {} } : null;
}

/** Days of absence from school: certified days between the first and the last day of lessons, each once. */
export function giorniAssenza(step: Pick<ProjectStep, 'context' | 'parameter'>, periodi: readonly Periodo[], annoScolastico: string): number {
  const calendario = calendarioOf(step, annoScolastico)!;
  const days = clipPeriods(mergePeriods(periodi), calendario.inizioLezioni, calendario.fineLezioni);
  return assenzaMinima(step).conteggio === 'lezione' ? countLessonDays(days, calendario) : countDays(days);
}

/** The year to which the absence belongs: that of its first day. */
export const annoOf = (certificato: Certificato): string => schoolYearOf(firstDay(certificato.periodi)!);

/** More than 30 days, also non-continuous; from any day up to one month before the end of lessons; not at reporting time. */
export function checkAssenza(step: ProjectStep, certificato: Certificato): Refusal | null {
  const { periodi } = certificato;
  const annoScolastico = annoOf(certificato);
  const calendario = calendarioOf(step, annoScolastico);
  if (!calendario) return { rule: 'calendarioMancante', pointer: '/certificato/periodi', figures: { annoScolastico, regione: step.context.regione } };
  const { fineLezioni } = calendario;
  const inizio = firstDay(periodi)!, fine = lastDay(periodi)!;
  const presentata = step.context.presentataIl ?? step.today;
  if (presentata > fineLezioni || presentata > fine) return { rule: 'resoNotoInRendicontazione', pointer: '/certificato/periodi', figures: { presentato: presentata, finePeriodo: fine, fineLezioni } };
  const ultimoInizio = addMonths(fineLezioni, -mesiPrimaDellaFine(step));
  // The project begins when the school presents it, and not before the absence does.
  const avvio = inizio > presentata ? inizio : presentata;
  if (avvio > ultimoInizio) return { rule: 'avvioTroppoTardi', pointer: '/certificato/periodi', figures: { inizio: avvio, ultimoInizio, fineLezioni } };
  const { soglia, conteggio, allaSoglia } = assenzaMinima(step);
  const giorni = giorniAssenza(step, periodi, annoScolastico);
  if (giorni < soglia || giorni === soglia && allaSoglia === 'rifiuta') return { rule: 'assenzaTroppoBreve', pointer: '/certificato/periodi', figures: { giorni, soglia, conteggio, fineLezioni } };
  return null;
}

/** Exactly 30 days: the document says both "superiore ai 30" and "almeno 30", so the polo decides. */
export function avvertenzeOf(step: ProjectStep, certificato: Certificato): { regola: string; figure: JsonObject }[] {
  const { soglia, conteggio } = assenzaMinima(step);
  const giorni = giorniAssenza(step, certificato.periodi, annoOf(certificato));
  return giorni === soglia ? [{ regola: 'assenzaAllaSoglia', figure: { giorni, soglia, conteggio } }] : [];
}

/** Lower secondary and upper secondary end with a state exam, primary school does not. */
function checkEsame({ context }: ProjectStep): Refusal | null {
  return context.esameDiStato && context.ordine === 'primaria' ? { rule: 'esameNonPrevisto', figures: { ordine: context.ordine } } : null;
}

const missing = (pointer: string, ...uno: string[]): Refusal => ({ rule: 'allegatoMancante', pointer, figures: { uno } });

/** The certificate and its scan, of the school's office or of the family's account. */
function checkCertificatoPresente(step: ProjectStep): Refusal | null {
  const { context, data, facts } = step;
  const certificato: Certificato | null = data.certificato ?? context.certificato;
  if (!certificato) return { rule: 'certificatoMancante', pointer: '/certificato', figures: {} };
  const scans = [...facts.attachments.map(({ kind }) => kind), ...context.consegnati].filter(kind => kind === 'modelloS' || kind === 'modelloM');
  if (scans.length === 0) return missing('/attachments', 'modelloS', 'modelloM');
  return checkCertificato(step, certificato) ?? (scans.includes(`modello${certificato.modello}`) ? null
    : { rule: 'allegatoDiverso', pointer: '/certificato/modello', figures: { dichiarato: `modello${certificato.modello}`, allegati: scans } });
}

/** Modello G: signed with the family's account, or on paper, with its scan. */
function checkModelloGPresente(step: ProjectStep): Refusal | null {
  const { context, data, facts } = step;
  const modelloG: ModelloG | null = data.modelloG ?? context.modelloG;
  if (!modelloG) return { rule: 'modelloGMancante', pointer: '/modelloG', figures: {} };
  if (!modelloG.firma && !facts.attachments.some(({ kind }) => kind === 'modelloG')) return missing('/attachments', 'modelloG');
  return checkModelloG(step, modelloG);
}

export const consegnabile = (step: ProjectStep): Refusal | null =>
  checkCertificato(step, step.data.certificato) ?? checkAllegato(step, ['modelloS', 'modelloM'], `modello${step.data.certificato.modello}`, '/certificato/modello');

/** With an account nobody signs yesterday or for another: the parent is the signatory, today. */
export function firmabile(step: ProjectStep): Refusal | null {
  const { firmatoIl } = step.data.modelloG;
  return checkModelloG(step, step.data.modelloG) ?? (firmatoIl < step.today ? { rule: 'firmaNonOdierna', pointer: '/modelloG/firmatoIl', figures: { firmatoIl, oggi: step.today } } : null);
}

export function presentabile(step: ProjectStep): Refusal | null {
  const { disabilita, invio } = step.data;
  return firstRefusal(
    () => checkInvio(step, invio),
    () => checkCertificatoPresente(step),
    () => checkModelloGPresente(step),
    () => checkDisabilita(disabilita),
    () => checkEsame(step),
    () => checkAssenza(step, step.data.certificato ?? step.context.certificato),
  );
}

/** An integration may bring a new certificate, G or statement; what results must be presentable as a whole. */
export function integrabile(step: ProjectStep): Refusal | null {
  const { context, data } = step;
  const certificato: Certificato = data.certificato ?? context.certificato;
  return firstRefusal(
    () => checkInvio(step, data.invio),
    () => checkCertificato(step, certificato),
    () => checkModelloG(step, data.modelloG ?? context.modelloG),
    () => checkDisabilita(data.disabilita ?? context.disabilita),
    // The number is of one school year's register: a certificate of another year is another project.
    () => (context.numero !== null && annoOf(certificato) !== context.annoScolastico
      ? { rule: 'annoScolasticoDiverso', pointer: '/certificato/periodi', figures: { annoScolastico: context.annoScolastico, nuovo: annoOf(certificato) } } : null),
    () => checkAssenza(step, certificato),
  );
}

export function termineRichiestaFuturo(step: ProjectStep): Refusal | null {
  const { entro } = step.data;
  return entro !== undefined && entro < step.today ? { rule: 'terminePassato', pointer: '/entro', figures: { entro, oggi: step.today } } : null;
}
