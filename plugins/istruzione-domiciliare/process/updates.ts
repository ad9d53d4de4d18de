/** What each accepted event changes in the project's memory. */
import { addDays, schoolYearOf } from '../../calendar.ts';
import type { Step, Update } from '../../contract.ts';
import { annoOf, avvertenzeOf, DICITURA } from './avvio.ts';
import { lezioneOf } from './lessons.ts';
import { pianoFinanziario } from './money.ts';
import { termini } from './parameters.ts';
import { minutiPianificati } from './planning.ts';
import { rendicontoOf } from './reporting.ts';
import type { Certificato, Contesto, Proroga, Registro } from './types.ts';

const NUOVO_REGISTRO: Registro = { lezioni: 0, firmatoIl: null, vistatoIl: null };

/** The signature covers what was in the register: a new fact asks for a new signature and a new visa. */
const changeRegistro = (registri: Contesto['registri'], docente: string, lezioni: number): Contesto['registri'] =>
  ({ ...registri, [docente]: { lezioni: (registri[docente] ?? NUOVO_REGISTRO).lezioni + lezioni, firmatoIl: null, vistatoIl: null } });

const decideProroga = (proroghe: Proroga[], decision: Partial<Proroga>): Proroga[] =>
  proroghe.map((proroga, i) => (i === proroghe.length - 1 ? { ...proroga, ...decision } : proroga));

const chiudi = (esito: NonNullable<Contesto['chiusura']>['esito']): Update<Contesto> => ({ data, today }) => ({ chiusura: { esito, il: today, motivo: data.motivo } });

export const updates: Record<string, Update<Contesto>> = {
  aggiornaDati: ({ data }) => ({ ...data }),
  registraCertificato: ({ context, data, facts }) => ({ certificato: data.certificato, consegnati: [...new Set([...context.consegnati, ...facts.attachments.map(({ kind }) => kind)])] }),
  registraModelloG: ({ actor, data, today }) => ({ modelloG: { ...data.modelloG, firma: { utente: actor.id, il: today } } }),
  registraPresentazione: step => {
    const { context, data, today } = step;
    const certificato: Certificato = data.certificato ?? context.certificato;
    return {
      annoScolastico: annoOf(certificato), presentataIl: today, oggettoPec: data.invio?.oggetto ?? DICITURA,
      certificato, modelloG: data.modelloG ?? context.modelloG, disabilita: data.disabilita ?? null, avvertenze: avvertenzeOf(step, certificato),
    };
  },
  registraRichiestaIntegrazione: step => ({ integrazione: { motivi: step.data.motivi, entro: step.data.entro ?? addDays(step.today, termini(step).integrazione) } }),
  registraIntegrazione: step => {
    const { context, data } = step;
    const certificato: Certificato = data.certificato ?? context.certificato;
    return {
      annoScolastico: annoOf(certificato), certificato, modelloG: data.modelloG ?? context.modelloG, disabilita: data.disabilita ?? context.disabilita,
      avvertenze: avvertenzeOf(step, certificato), integrazione: null,
    };
  },
  registraNumero: ({ number }) => ({ numero: number!.text }),

  registraDelibera: ({ data }) => ({ deliberaCollegio: { numero: data.numero, data: data.data, ptof: data.ptof ?? null } }),
  registraInformativa: ({ data }) => ({ consiglioClasse: { data: data.data, verbale: data.verbale ?? null } }),
  registraDocente: ({ context, data }) => ({ disponibilita: { ...context.disponibilita, [data.docente]: data } }),
  registraReferente: ({ data }) => ({ referente: { nome: data.nome, data: data.data } }),
  registraModelloP: step => ({
    modelloP: { ...step.data, inviatoIl: step.today }, pianoFinanziario: pianoFinanziario(step, minutiPianificati(step.data)), sollecito: null,
  }),
  registraProposta: ({ actor, data, today }) => ({ proposta: { minuti: data.oreAutorizzate * 60, il: today, da: [actor.id, ...(actor.deputyFor ? [actor.deputyFor] : [])], rinvio: null }, sollecito: null }),
  registraRinvio: ({ context, data, today }) => ({ proposta: { ...context.proposta!, rinvio: { il: today, motivo: data.motivo } } }),
  registraAutorizzazione: ({ context, today }) => ({ autorizzataIl: today, minutiAutorizzati: context.proposta!.minuti, sollecito: null }),

  contaLezione: ({ context, data }) => ({
    prossimaLezione: context.prossimaLezione + 1, lezioni: context.lezioni + 1, registri: changeRegistro(context.registri, data.docente, 1), sollecito: null,
  }),
  contaRettifica: step => {
    const { context, data } = step;
    const { docente } = lezioneOf(step, data.lezione)!.data;
    return { prossimaLezione: context.prossimaLezione + 1, registri: changeRegistro(changeRegistro(context.registri, docente, -1), data.nuova.docente, 1) };
  },
  contaAnnullamento: step => {
    const { context, data } = step;
    return { lezioni: context.lezioni - 1, registri: changeRegistro(context.registri, lezioneOf(step, data.lezione)!.data.docente, -1) };
  },
  registraFirma: ({ actor, context, data, today }) => ({ registri: { ...context.registri, [data.docente]: { ...context.registri[data.docente]!, firmatoIl: today, firmatoDa: actor.id, vistatoIl: null } } }),
  registraVisto: ({ context, data, today }) => ({ registri: { ...context.registri, [data.docente]: { ...context.registri[data.docente]!, vistatoIl: today } } }),

  registraRichiestaProroga: ({ context, data, today }) => ({
    proroghe: [...context.proroghe, {
      richiestaIl: today, certificato: data.certificato, oreRichieste: data.oreRichieste ?? null, motivazione: data.motivazione ?? null, stato: 'inAttesa' as const, decisaIl: null, minutiAutorizzati: 0, motivo: null,
    }],
    sollecito: null,
  }),
  registraProroga: ({ context, data, today }) => ({
    minutiAutorizzati: context.minutiAutorizzati + data.oreAutorizzate * 60,
    proroghe: decideProroga(context.proroghe, { stato: 'autorizzata', decisaIl: today, minutiAutorizzati: data.oreAutorizzate * 60 }),
  }),
  registraRifiutoProroga: ({ context, data, today }) => ({ proroghe: decideProroga(context.proroghe, { stato: 'rifiutata', decisaIl: today, motivo: data.motivo }) }),

  registraConclusione: ({ data, today }) => ({ conclusaIl: data.data ?? today, sollecito: null }),
  registraRelazione: ({ context, data, today }) => ({ relazioni: { ...context.relazioni, [data.docente]: data.data ?? today } }),
  registraFrequenza: ({ context, data }) => ({ frequenzeOspedale: [...context.frequenzeOspedale, data] }),
  registraRendiconto: step => ({ rendiconto: rendicontoOf(step), modelloV: step.data.modelloV, sollecito: null }),
  registraPagamento: ({ data, today }) => ({ liquidazione: { il: today, quotaCents: data.quotaCents, dovutaCents: data.dovutaCents, atto: data.atto } }),

  registraRespingimento: chiudi('respinta'),
  registraRinuncia: chiudi('rinuncia'),
  registraDecadenza: chiudi('decadenza'),
  registraAnnullamento: chiudi('annullata'),
  registraSollecito: step => ({ sollecito: { il: step.today, entro: step.data.entro ?? addDays(step.today, termini(step).sollecito) } }),
};

/** What a project remembers when its draft is made. */
export function createContext({ data, today }: Omit<Step, 'context'>): Contesto {
  return {
    annoScolastico: schoolYearOf(today), regione: data.regione, ordine: data.ordine, esameDiStato: data.esameDiStato, alunno: data.alunno,
    numero: null, presentataIl: null, oggettoPec: null, certificato: null, modelloG: null, disabilita: null, avvertenze: [], integrazione: null,
    deliberaCollegio: null, consiglioClasse: null, referente: null, disponibilita: {}, modelloP: null, pianoFinanziario: null,
    autorizzataIl: null, minutiAutorizzati: 0, proroghe: [], prossimaLezione: 1, lezioni: 0, registri: {}, relazioni: {}, frequenzeOspedale: [], modelloV: null, consegnati: [], proposta: null,
    conclusaIl: null, rendiconto: null, sollecito: null, chiusura: null, liquidazione: null,
  };
}
