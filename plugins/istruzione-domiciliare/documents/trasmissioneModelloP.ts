/** The school sends Modello P (Procedura ID, "Pianificazione"). */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto } from './letter.ts';
import { lettera, READERS } from './letteraScuola.ts';
import { euro, giorno } from './words.ts';

export const trasmissioneModelloP: DocumentDefinition<Contesto> = {
  content: step => {
    const { modelloP, pianoFinanziario, deliberaCollegio, referente } = step.context;
    return lettera(step, {
      nome: 'trasmissioneModelloP', titolo: 'Trasmissione del Modello P', argomento: 'trasmissione del Modello P',
      testo: `Si trasmette il Modello P (${modelloP?.variante === 'conSiO' ? 'con SiO' : 'senza SiO'}) ${delProgetto(step)} per ${alunnoInLettera(step)}, con i piani di lavoro per disciplina e il piano finanziario comprensivo del cofinanziamento e degli oneri riflessi.`,
      allegati: [
        ...(deliberaCollegio ? [`Delibera del Collegio dei docenti n. ${deliberaCollegio.numero} del ${giorno(deliberaCollegio.data)};`] : []),
        ...(modelloP ? [`Delibera del Consiglio di Istituto n. ${modelloP.deliberaConsiglioIstituto.numero} del ${giorno(modelloP.deliberaConsiglioIstituto.data)}, per un cofinanziamento di ${euro(modelloP.deliberaConsiglioIstituto.importoCents)};`] : []),
        ...(referente ? [`Referente del progetto: ${referente.nome}.`] : []),
      ],
      seguito: [
        ...(pianoFinanziario ? [{ paragraph: `Il costo previsto è di ${euro(pianoFinanziario.costoCents)}; il contributo richiesto alla scuola polo è di ${euro(pianoFinanziario.quotaPoloCents)}.` }] : []),
        { paragraph: "Si chiede l'autorizzazione delle ore." },
      ],
    });
  },
  readBy: READERS,
};
