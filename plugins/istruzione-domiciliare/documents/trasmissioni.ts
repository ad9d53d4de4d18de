/** The school's letters to the polo and to the USR: what comes with them, and what is asked. The pupil stands in them by initials only. */
import type { DocumentBlock, DocumentDefinition, DocumentModel } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto, documento, numeroScritto, POLO, SCUOLA, USR, type ProjectStep } from './letter.ts';
import { conta, docenteScritto, euro, giorno, oreDi, oreScritte } from './words.ts';

const READERS = [...SCUOLA, ...POLO, ...USR];

interface Trasmissione { nome: string; titolo: string; argomento: string; testo: string; allegati: string[]; seguito?: DocumentBlock[] }

function lettera(step: ProjectStep, { nome, titolo, argomento, testo, allegati, seguito = [] }: Trasmissione): DocumentModel {
  return documento(step, {
    nome, titolo, da: 'scuola', a: ['polo', 'usr'], argomento,
    blocchi: [{ paragraph: testo }, ...(allegati.length > 0 ? [{ list: allegati }] : []), ...seguito, { paragraph: 'Distinti saluti.' }],
  });
}

const allegato = (step: ProjectStep, kind: string): boolean => step.facts.attachments.some(attachment => attachment.kind === kind);

export const trasmissione: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { certificato, modelloG, modelloP } = context;
    const conP = modelloP !== null || allegato(step, 'modelloP');
    return lettera(step, {
      nome: 'trasmissione', titolo: 'Trasmissione della richiesta di istruzione domiciliare', argomento: 'trasmissione dei modelli di avvio',
      testo: `Con riferimento alla Procedura per avviare, attivare, rendicontare progetti di istruzione domiciliare, per ${alunnoInLettera(step)}, anno scolastico ${context.annoScolastico}, si trasmettono:`,
      allegati: [
        ...(certificato ? [`Modello ${certificato.modello} - ${certificato.modello === 'S' ? 'Certificazione sanitaria' : 'Certificato del medico di famiglia'}, del ${giorno(certificato.rilasciatoIl)};`] : []),
        ...(modelloG ? [`Modello G - Richiesta di servizio scolastico domiciliare, del ${giorno(modelloG.firmatoIl)}${conP ? ';' : '.'}`] : []),
        ...(conP ? ['Modello P - Progetto di istruzione domiciliare.'] : []),
      ],
      seguito: [
        { paragraph: context.numero === null ? "Si resta in attesa dell'assegnazione del numero di progetto, che sarà riportato in ogni comunicazione successiva." : `Il progetto ha il numero ${context.numero}.` },
        ...(conP ? [] : [{ paragraph: 'Il Modello P, con i piani di lavoro e il piano finanziario, sarà trasmesso successivamente.' }]),
      ],
    });
  },
  readBy: READERS,
};

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

export const integrazione: DocumentDefinition<Contesto> = {
  content: step => {
    const { data } = step;
    const nuovi = [
      ...(data.certificato ? [`Modello ${data.certificato.modello} aggiornato, del ${giorno(data.certificato.rilasciatoIl)}`] : []), ...(data.modelloG ? [`Modello G, del ${giorno(data.modelloG.firmatoIl)}`] : []),
      ...(allegato(step, 'integrazione') ? ['documenti integrativi'] : []),
    ];
    return lettera(step, {
      nome: 'integrazione', titolo: 'Trasmissione di documentazione integrativa', argomento: 'integrazione della documentazione',
      testo: `In riscontro alla richiesta di integrazione, si trasmette la documentazione integrativa ${delProgetto(step)} per ${alunnoInLettera(step)}${nuovi.length > 0 ? ':' : '.'}`,
      allegati: nuovi.map((voce, i) => `${voce}${i === nuovi.length - 1 ? '.' : ';'}`),
      seguito: data.nota ? [{ paragraph: data.nota }] : [],
    });
  },
  // What the school writes may say more than it should.
  readBy: [...SCUOLA, ...POLO], protected: true,
};

export const trasmissioneProroga: DocumentDefinition<Contesto> = {
  content: step => {
    const proroga = step.context.proroghe.at(-1);
    return lettera(step, {
      nome: 'trasmissioneProroga', titolo: 'Trasmissione della richiesta di proroga', argomento: 'richiesta di proroga',
      testo: `Poiché il progetto di istruzione domiciliare n. ${numeroScritto(step.context)}, relativo al${alunnoInLettera(step)}, prosegue rispetto al periodo indicato nella fase di avvio, si trasmettono:`,
      allegati: [...(proroga ? [`Modello ${proroga.certificato.modello} aggiornato, del ${giorno(proroga.certificato.rilasciatoIl)}, con l'ulteriore periodo di assenza;`] : []), 'Modello di richiesta di proroga.'],
      seguito: [{ paragraph: proroga?.oreRichieste ? `Si chiede l'autorizzazione di ulteriori ${oreScritte(proroga.oreRichieste)} ore.` : "Si chiede l'autorizzazione delle ulteriori ore." }],
    });
  },
  readBy: READERS,
};

export const trasmissioneRendiconto: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { rendiconto } = context;
    const insegnanti = rendiconto?.docenti ?? [];
    return lettera(step, {
      nome: 'trasmissioneRendiconto', titolo: 'Trasmissione della rendicontazione', argomento: 'rendicontazione',
      testo: `A conclusione ${delProgetto(step)} per ${alunnoInLettera(step)}, si trasmettono:`,
      allegati: [
        'Modello V - Verifica e valutazione del progetto;',
        rendiconto?.modello === 'autocertificazione' ? 'Autocertificazione, in alternativa al Modello Z;' : 'Modello Z - Dichiarazione del Dirigente scolastico a consuntivo;',
        `scansione dei registri (Modello OF) di ${conta(insegnanti.length, 'docente', 'docenti')}: ${insegnanti.map(({ docente, minuti }) => `${docenteScritto(context, docente)}, ore ${oreDi(minuti)}`).join('; ')}.`,
      ],
      seguito: rendiconto ? [{ paragraph: `Le ore svolte e contabili sono ${oreDi(rendiconto.minutiContabili)} e coincidono con quelle dei registri individuali. La spesa è di ${euro(rendiconto.costoCents)}; la quota a carico della scuola polo è di ${euro(rendiconto.quotaPoloCents)}.` }] : [],
    });
  },
  readBy: READERS,
};
