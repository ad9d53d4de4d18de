/** For the Consiglio di classe: whether lessons at home or in hospital prevail, with the figures, and who then assesses (art. 22, d.lgs. 62/2017). */
import type { DocumentBlock, DocumentDefinition } from '../../contract.ts';
import { docentiCheHannoInsegnato } from '../process/reporting.ts';
import type { Contesto } from '../process/types.ts';
import type { Validita } from '../process/validity.ts';
import { lezioniTenute, tabellaDiscipline, tabellaGiorni, tabellaOspedale } from './frequenza.ts';
import { datiProgetto, documento, SCUOLA, type ProjectStep } from './letter.ts';
import { conta, docenteScritto, elenco, intero } from './words.ts';

function prevalenza(step: ProjectStep, { prevalente, giorniDomicilio, giorniOspedale, giorniClasse }: Validita): DocumentBlock[] {
  const { context } = step;
  if (prevalente === 'ospedale') {
    return [
      { paragraph: `La frequenza della scuola in ospedale (${conta(giorniOspedale, 'giorno', 'giorni')}) ha durata prevalente rispetto a quella della classe di appartenenza (${conta(giorniClasse, 'giorno', 'giorni')}).` },
      { note: 'I docenti ospedalieri che hanno impartito l\'insegnamento, se non appartenenti al Consiglio di classe, effettuano lo scrutinio previa intesa con la scuola di riferimento, la quale fornisce gli elementi di valutazione eventualmente elaborati dai docenti di classe. Analogamente si procede per gli esami conclusivi, se l\'alunno/a è ricoverato/a nel periodo in cui si svolgono.' },
      { paragraph: `Si invita pertanto il Consiglio di classe a trasmettere gli elementi di valutazione a: ${elenco([...new Set(context.frequenzeOspedale.map(({ scuola }) => scuola))])}.` },
    ];
  }
  if (prevalente === 'domicilio') {
    const esterni = docentiCheHannoInsegnato(context).filter(docente => context.disponibilita[docente]?.provenienza !== 'classe');
    return [
      { paragraph: `I corsi di istruzione domiciliare (${conta(giorniDomicilio, 'giorno', 'giorni')}) hanno durata prevalente rispetto a quella della classe di appartenenza (${conta(giorniClasse, 'giorno', 'giorni')}).` },
      { note: "I docenti che hanno impartito gli insegnamenti dei corsi stessi, se non appartengono al Consiglio di classe, entrano a tutti gli effetti nel Consiglio di classe e valutano l'alunno/a." },
      { paragraph: esterni.length > 0 ? `Entrano nel Consiglio di classe: ${elenco(esterni.map(docente => docenteScritto(context, docente)))}.` : 'I docenti che hanno impartito gli insegnamenti appartengono già al Consiglio di classe.' },
    ];
  }
  return [
    { paragraph: `Né le lezioni a domicilio (${intero(giorniDomicilio)} giorni) né quelle in ospedale (${intero(giorniOspedale)} giorni) hanno durata prevalente rispetto alla frequenza della classe di appartenenza (${intero(giorniClasse)} giorni).` },
    { note: 'Lo scrutinio è svolto dal Consiglio di classe; i docenti che hanno impartito gli insegnamenti trasmettono gli elementi di conoscenza sul percorso individualizzato.' },
  ];
}

export const notaScrutinio: DocumentDefinition<Contesto> = {
  content: step => {
    const { validita, blocchi } = tabellaGiorni(step);
    return documento(step, {
      nome: 'notaScrutinio', titolo: 'Nota per lo scrutinio', da: 'scuola', altri: [['Al Consiglio di classe', `Classe ${step.context.alunno.classe}`]], argomento: 'nota per lo scrutinio',
      blocchi: [
        datiProgetto(step),
        { paragraph: "VISTO l'art. 22 del d.lgs. 13 aprile 2017, n. 62, applicabile anche ai casi di istruzione domiciliare; VISTA la Procedura per avviare, attivare, rendicontare progetti di istruzione domiciliare; si comunicano gli elementi per lo scrutinio." },
        tabellaDiscipline(step, lezioniTenute(step)),
        ...tabellaOspedale(step),
        ...blocchi,
        ...(validita ? [{ heading: 'Durata prevalente', level: 2 as const }, ...prevalenza(step, validita)] : []),
        { paragraph: "Le ore di assenza dalla classe nel periodo del progetto non rientrano nel computo, durante lo scrutinio, per la validità dell'anno scolastico." },
      ],
    });
  },
  readBy: SCUOLA, protected: true,
};
