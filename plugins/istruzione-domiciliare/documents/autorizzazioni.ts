/** The polo's answers: number, further papers, hours, proroga. Hours are explained: weeks × weekly cap, and what remains of it. */
import type { DocumentBlock, DocumentDefinition } from '../../contract.ts';
import { oreMassime, periodiAmmessi } from '../process/accountability.ts';
import { firstDay } from '../process/periods.ts';
import { minutiPianificati } from '../process/planning.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto, documento, FAMIGLIA, numeroScritto, POLO, preambolo, SCUOLA, VISTA_PROCEDURA, VISTE_NORME, type ProjectStep } from './letter.ts';
import { conta, giorno, giornoOppure, intero, oreDi, oreScritte, periodiScritti } from './words.ts';

/** Weeks of certified absence × hours a week, and the exam weeks: the most that may be authorised, and what is. */
function monteOre(step: ProjectStep): DocumentBlock[] {
  const periodi = periodiAmmessi(step.context);
  if (periodi.length === 0) return [];
  const { giorni, settimane, settimaneEsame, tettoSettimanale, minuti } = oreMassime(step, periodi);
  return [
    { heading: 'Come è determinato il monte ore', level: 2 },
    {
      fields: [
        { label: 'Periodo certificato', value: periodiScritti(periodi) },
        { label: 'Giorni entro le lezioni', value: intero(giorni) },
        { label: 'Settimane', value: `${conta(settimane, 'settimana', 'settimane')} (anche se iniziata)` },
        ...(settimaneEsame > 0 ? [{ label: "Settimane per l'esame di Stato", value: intero(settimaneEsame) }] : []),
        { label: 'Ore settimanali in presenza', value: oreScritte(tettoSettimanale) },
        { label: 'Ore massime', value: `${settimane + settimaneEsame} × ${oreScritte(tettoSettimanale)} = ${oreDi(minuti)}` },
        { label: 'Ore autorizzate in tutto', value: oreDi(step.context.minutiAutorizzati) },
      ],
    },
  ];
}

const CONDIZIONI: DocumentBlock[] = [
  { heading: 'Condizioni', level: 2 },
  {
    list: [
      'Il numero di ore autorizzate non può essere superato: le ore in più restano nel registro e non sono rimborsate.',
      "Nell'ambito del monte ore autorizzato possono variare le ore attribuite ai docenti o i nominativi degli stessi.",
      'Il limite settimanale riguarda le ore in presenza; le ore svolte online, oltre il proprio orario di servizio, devono essere certificate dal Dirigente scolastico sul registro.',
      "Se il progetto prosegue rispetto al periodo certificato occorre inviare il Modello S aggiornato e la richiesta di proroga.",
      'Il numero di progetto va indicato in ogni comunicazione successiva.',
    ],
  },
];

export const numeroProgetto: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    return documento(step, {
      nome: 'numeroProgetto', titolo: 'Assegnazione del numero di progetto', da: 'polo', a: ['scuola'], argomento: 'assegnazione del numero di progetto',
      blocchi: [
        { paragraph: `In riscontro alla richiesta presentata il ${giornoOppure(context.presentataIl, 'agli atti')} per ${alunnoInLettera(step)}, anno scolastico ${context.annoScolastico}, si comunica che al progetto è assegnato il numero:` },
        { heading: numeroScritto(context) },
        { paragraph: 'Il numero deve essere utilizzato per ogni comunicazione successiva e indicato nell\'oggetto della posta certificata insieme alla dicitura «Progetto Istruzione Domiciliare».' },
        { paragraph: context.modelloP ? 'Il Modello P è pervenuto: le ore autorizzate saranno comunicate con successiva nota.' : 'Si resta in attesa del Modello P, con i piani di lavoro per ogni disciplina, il piano finanziario comprensivo del cofinanziamento e degli oneri riflessi e la delibera del Consiglio di Istituto.' },
        ...(context.avvertenze.some(({ regola }) => regola === 'assenzaAllaSoglia') ? [{ note: "L'assenza prevista è pari al minimo richiesto dalla Procedura: la scuola polo l'ha valutata nell'accogliere la richiesta." }] : []),
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO],
};

export const richiestaIntegrazione: DocumentDefinition<Contesto> = {
  content: step => {
    const { integrazione } = step.context;
    return documento(step, {
      nome: 'richiestaIntegrazione', titolo: 'Richiesta di integrazione', da: 'polo', a: ['scuola'], argomento: 'richiesta di integrazione',
      blocchi: [
        { paragraph: `Esaminata la documentazione ${delProgetto(step)} per ${alunnoInLettera(step)}, si chiede di integrarla per i seguenti motivi:` },
        { note: integrazione?.motivi ?? '' },
        { paragraph: `La documentazione integrativa deve pervenire con posta certificata entro il ${giornoOppure(integrazione?.entro, 'termine indicato')}. La documentazione inviata tramite fax non viene presa in considerazione.` },
      ],
    });
  },
  // The reasons are free text, in which health data may be written.
  readBy: [...SCUOLA, ...POLO], protected: true,
};

export const autorizzazione: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { modelloP, minutiAutorizzati, numero } = context;
    const previste = modelloP ? Object.values(minutiPianificati(modelloP)).reduce((sum, minuti) => sum + minuti, 0) : null;
    return documento(step, {
      nome: 'autorizzazione', titolo: 'Autorizzazione delle ore', da: 'polo', a: ['scuola'], argomento: 'ore autorizzate',
      blocchi: [
        ...preambolo([
          VISTE_NORME, VISTA_PROCEDURA, `VISTA la richiesta presentata il ${giornoOppure(context.presentataIl, 'agli atti')} per ${alunnoInLettera(step)}`,
          modelloP && previste !== null ? `VISTO il Modello P (${modelloP.variante === 'conSiO' ? 'con SiO' : 'senza SiO'}) inviato il ${giorno(modelloP.inviatoIl)}, che prevede ${oreDi(previste)} ore` : null,
          modelloP ? `VISTA la delibera del Consiglio di Istituto n. ${modelloP.deliberaConsiglioIstituto.numero} del ${giorno(modelloP.deliberaConsiglioIstituto.data)}` : null,
        ], 'AUTORIZZA'),
        { paragraph: `per il progetto di istruzione domiciliare n. ${numeroScritto(context)}, anno scolastico ${context.annoScolastico}, lo svolgimento di ${oreDi(minutiAutorizzati)} ore.` },
        // Number and hours in one answer.
        ...(step.number !== null && numero !== null ? [{ paragraph: `Con la presente è assegnato al progetto il numero ${numero}, da utilizzare per ogni comunicazione successiva.` }] : []),
        ...monteOre(step),
        ...CONDIZIONI,
      ],
    });
  },
  // It tells the certified period.
  readBy: [...SCUOLA, ...POLO, ...FAMIGLIA], protected: true,
};

export const proroga: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const ultima = context.proroghe.at(-1);
    return documento(step, {
      nome: 'proroga', titolo: 'Autorizzazione della proroga', da: 'polo', a: ['scuola'], argomento: 'proroga autorizzata',
      blocchi: [
        ...preambolo([
          VISTA_PROCEDURA, context.autorizzataIl ? `VISTA l'autorizzazione del ${giorno(context.autorizzataIl)}` : null,
          ultima ? `VISTA la richiesta di proroga del ${giorno(ultima.richiestaIl)}, con il Modello ${ultima.certificato.modello} aggiornato del ${giorno(ultima.certificato.rilasciatoIl)}` : null,
        ], 'AUTORIZZA'),
        { paragraph: `la proroga ${delProgetto(step)} per ${alunnoInLettera(step)}${ultima ? `, per l'ulteriore periodo ${periodiScritti(ultima.certificato.periodi)}, con ulteriori ${oreDi(ultima.minutiAutorizzati)} ore` : ''}.` },
        { paragraph: `Le ore autorizzate sono in tutto ${oreDi(context.minutiAutorizzati)}. Le lezioni già svolte nell'ulteriore periodo sono contabili entro tale limite.` },
        ...monteOre(step),
        ...CONDIZIONI,
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO, ...FAMIGLIA], protected: true,
};

export const rifiutoProroga: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const ultima = context.proroghe.at(-1);
    const inizio = ultima && firstDay(ultima.certificato.periodi);
    return documento(step, {
      nome: 'rifiutoProroga', titolo: 'Proroga non autorizzata', da: 'polo', a: ['scuola'], argomento: 'proroga non autorizzata',
      blocchi: [
        { paragraph: `Esaminata la richiesta di proroga${ultima ? ` del ${giorno(ultima.richiestaIl)}` : ''} ${delProgetto(step)} per ${alunnoInLettera(step)}, si comunica che la proroga non è autorizzata per la seguente motivazione:` },
        { note: ultima?.motivo ?? '' },
        { paragraph: `Restano autorizzate ${oreDi(context.minutiAutorizzati)} ore per il periodo ${periodiScritti(periodiAmmessi(context))}. Le lezioni svolte oltre tale periodo${inizio ? ` (dal ${giorno(inizio)})` : ''} restano nel registro e non sono contabili.` },
        { paragraph: 'La scuola può presentare una nuova richiesta, con un nuovo certificato aggiornato.' },
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO, ...FAMIGLIA], protected: true,
};
