/** What each accepted event changes in a message's memory. */
import { instantOfLocal } from '../../calendar.ts';
import type { Update } from '../../contract.ts';
import type { Contesto, Modello } from './types.ts';

export const updates: Record<string, Update<Contesto>> = {
  // Words that somebody changed are not the template's any more.
  registraTesto: ({ data }) => ({ testi: data.testi, modello: null }),
  copiaModello: ({ data, parameter }) => {
    const { versione, it, en } = parameter<Record<string, Modello>>('modelliComunicazione')[data.modello]!;
    return { testi: { it, en }, modello: { nome: data.modello, versione } };
  },
  registraDestinatari: ({ data: { destinatari: { tipo, annoScolastico, classi = [], alunni = [] }, ...data } }) => ({ destinatari: { tipo, annoScolastico, classi }, alunni, canali: data.canali, presaVisione: data.presaVisione, urgente: data.urgente ?? false }),
  registraOrario: ({ data }) => ({ programmataPer: instantOfLocal(data.giorno, data.ora) }),
  registraInvio: ({ today }) => ({ inviataIl: today, programmataPer: null, errore: null }),
  registraEsito: ({ data }) => ({ esito: data.channels }),
  registraErrore: ({ data }) => ({ errore: String(data.error ?? '').slice(0, 500), inviataIl: null }),
  registraFermata: ({ data, today }) => ({ fermata: { il: today, motivo: data.motivo } }),
  registraRitiro: ({ data, today }) => ({ ritirata: { il: today, motivo: data.motivo }, programmataPer: null }),
  registraSollecito: ({ context, today }) => ({ sollecitatoIl: [...context.sollecitatoIl, today] }),
};

export const createContext = (): Contesto => ({
  testi: null, modello: null, destinatari: null, alunni: [], canali: ['portal', 'email'], presaVisione: null, urgente: false, programmataPer: null, inviataIl: null, fermata: null, ritirata: null, esito: [], errore: null, sollecitatoIl: [],
});
