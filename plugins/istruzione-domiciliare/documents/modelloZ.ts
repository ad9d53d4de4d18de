/** Modello Z, or the self-certification in its place: hours and cost, teacher by teacher, declared by the head of the school and compiled by the DSGA. */
import type { DocumentBlock, DocumentDefinition } from '../../contract.ts';
import { centesimiDiOra } from '../process/accountability.ts';
import { isOnProject } from '../process/money.ts';
import { percentualePolo } from '../process/parameters.ts';
import type { Contesto, Rendiconto } from '../process/types.ts';
import { campiAggiuntivi, documento, firmaDirigente, named, numeroScritto, POLO, SCUOLA, USR, type ProjectStep } from './letter.ts';
import { perCentoScritto, tabellaCosti } from './money.ts';
import { nomeOf } from './template.ts';
import { euro, giorno, giornoOppure, ibanScritto, iniziali, oreDi, ordineScritto } from './words.ts';

const DICHIARAZIONE = {
  modelloZ: { titolo: 'Modello Z - Dichiarazione del Dirigente scolastico a consuntivo', formula: "Il Dirigente scolastico, sulla base del prospetto compilato dal DSGA, dichiara che nell'ambito del progetto sono state svolte le ore e sostenute le spese di seguito indicate." },
  autocertificazione: {
    titolo: 'Autocertificazione in alternativa al Modello Z',
    formula: "Il Dirigente scolastico, ai sensi degli artt. 46 e 47 del d.P.R. 28 dicembre 2000, n. 445, consapevole delle sanzioni previste dall'art. 76 dello stesso decreto per le dichiarazioni mendaci, dichiara sotto la propria responsabilità che nell'ambito del progetto sono state svolte le ore e sostenute le spese di seguito indicate.",
  },
};

function riparto(step: ProjectStep, { docenti, costoCents, quotaPoloCents, iban }: Rendiconto): DocumentBlock {
  const aCarico = docenti.filter(({ fonte }) => isOnProject(fonte)).reduce((sum, riga) => sum + riga.costoCents, 0);
  const polo = percentualePolo(step);
  return {
    fields: [
      { label: 'Spesa complessiva', value: euro(costoCents) },
      ...(costoCents > aCarico ? [{ label: 'A carico del FIS o di altre forme', value: euro(costoCents - aCarico) }] : []),
      { label: 'A carico del progetto', value: euro(aCarico) },
      { label: `Cofinanziamento della scuola (${perCentoScritto(100 - polo)})`, value: euro(aCarico - quotaPoloCents) },
      { label: `Quota a carico della scuola polo (${perCentoScritto(polo)})`, value: euro(quotaPoloCents) },
      { label: "IBAN dell'istituto", value: iban ? ibanScritto(iban) : 'agli atti della scuola polo' },
    ],
  };
}

export const modelloZ: DocumentDefinition<Contesto> = {
  content: step => {
    const { context, data } = step;
    const { rendiconto, deliberaCollegio, modelloP } = context;
    const { titolo, formula } = DICHIARAZIONE[rendiconto?.modello ?? 'modelloZ'];
    const docenti = rendiconto?.docenti ?? [];
    const somma = docenti.reduce((sum, { minuti }) => sum + centesimiDiOra(minuti), 0);
    return documento(step, {
      nome: 'modelloZ', titolo, da: 'scuola',
      blocchi: [
        {
          fields: [
            { label: 'Scuola di appartenenza', value: nomeOf(step, 'scuola') },
            { label: 'Progetto', value: `n. ${numeroScritto(context)}, anno scolastico ${context.annoScolastico}` },
            // Who pays needs the number, not the name.
            { label: 'Alunno/a', value: `${iniziali(context.alunno)}, classe ${context.alunno.classe}, ${ordineScritto(context.ordine)}` },
            { label: 'Autorizzazione', value: `${oreDi(context.minutiAutorizzati)} ore${context.autorizzataIl ? `, prima autorizzazione del ${giorno(context.autorizzataIl)}` : ''}` },
            { label: 'Conclusione del progetto', value: giornoOppure(context.conclusaIl) },
            ...(deliberaCollegio ? [{ label: 'Delibera del Collegio dei docenti', value: `n. ${deliberaCollegio.numero} del ${giorno(deliberaCollegio.data)}` }] : []),
            ...(modelloP ? [{ label: 'Delibera del Consiglio di Istituto', value: `n. ${modelloP.deliberaConsiglioIstituto.numero} del ${giorno(modelloP.deliberaConsiglioIstituto.data)}, cofinanziamento deliberato ${euro(modelloP.deliberaConsiglioIstituto.importoCents)}` }] : []),
          ],
        },
        { paragraph: `${formula} Le ore coincidono, docente per docente e in totale, con quelle contabili dei registri individuali (Modello OF), firmati dai docenti e vistati dal Dirigente scolastico.` },
        tabellaCosti(step, docenti, 'Ore svolte e spesa per docente'),
        ...(rendiconto && somma !== centesimiDiOra(rendiconto.minutiContabili) ? [{ note: 'Le ore di ciascun docente sono arrotondate al centesimo; il totale è la somma dei minuti.' }] : []),
        { note: 'Il costo di ciascun docente (ore × compenso orario lordo × oneri riflessi) è arrotondato una sola volta al centesimo; lordo e INPDAP sono arrotondati al centesimo e l\'IRAP è la parte che rimane, così che la somma è esatta.' },
        ...(rendiconto ? [{ heading: 'Riparto della spesa', level: 2 as const }, riparto(step, rendiconto)] : []),
        ...campiAggiuntivi(step, 'modelloZ', data.modelloZ),
      ],
      firme: [{ role: 'Il DSGA', ...named(rendiconto?.compilatoDa), ...(rendiconto ? { note: 'compilatore del prospetto' } : {}) }, firmaDirigente(step, 'scuola')],
    });
  },
  readBy: [...SCUOLA, ...POLO, ...USR],
};
