/** The school attests lessons and days at home: they count for the validity of the school year (Procedura ID, "Pianificazione", note). */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto, Ordine } from '../process/types.ts';
import { periodiSvolti } from '../process/validity.ts';
import { giorniTenuti, lezioniTenute, minutiTenuti, tabellaDiscipline, tabellaGiorni, tabellaOspedale } from './frequenza.ts';
import { documento, FAMIGLIA, numeroScritto, POLO, SCUOLA } from './letter.ts';
import { conta, nomeIntero, oreDi, ordineScritto, periodiScritti } from './words.ts';

/** Three quarters of the personal timetable: a rule of the secondary school only. */
const VALIDITA: Record<Ordine, string | null> = {
  primaria: null,
  secondariaPrimoGrado: "La validità dell'anno scolastico è regolata dall'art. 5 del d.lgs. 13 aprile 2017, n. 62 (frequenza di almeno tre quarti del monte ore annuale personalizzato).",
  secondariaSecondoGrado: "La validità dell'anno scolastico è regolata dall'art. 14, comma 7, del d.P.R. 22 giugno 2009, n. 122 (frequenza di almeno tre quarti dell'orario annuale personalizzato).",
};

export const attestazione: DocumentDefinition<Contesto> = {
  content: step => {
    const { context, data } = step;
    const { alunno, ordine } = context;
    const lezioni = lezioniTenute(step);
    const { validita, blocchi } = tabellaGiorni(step);
    const norma = VALIDITA[ordine];
    return documento(step, {
      nome: 'attestazione', titolo: "Attestazione per la validità dell'anno scolastico", da: 'scuola',
      blocchi: [
        { heading: 'Si attesta', level: 2 },
        { paragraph: `che l'alunno/a ${nomeIntero(alunno)}, classe ${alunno.classe}, ${ordineScritto(ordine)}, nell'anno scolastico ${context.annoScolastico} ha seguito, con il progetto di istruzione domiciliare n. ${numeroScritto(context)}, ${oreDi(minutiTenuti(lezioni))} ore di lezione in ${conta(giorniTenuti(lezioni), 'giorno', 'giorni')}, nel periodo ${periodiScritti(periodiSvolti(context))}.` },
        tabellaDiscipline(step, lezioni),
        ...tabellaOspedale(step),
        ...blocchi,
        { heading: "Validità dell'anno scolastico", level: 2 },
        { note: "«I giorni di frequenza presso la scuola in ospedale o di ID hanno lo stesso valore dei giorni di frequenza presso la scuola di appartenenza e pertanto vengono conteggiati al fine della validità dell'anno scolastico» (Procedura per avviare, attivare, rendicontare progetti di istruzione domiciliare)." },
        ...(norma ? [{ paragraph: norma }] : []),
        { paragraph: "Le ore di assenza dalla classe nel periodo del progetto non rientrano nel computo, durante lo scrutinio, per la validità dell'anno scolastico." },
        ...(validita?.prevalente === 'domicilio' ? [{ paragraph: "Le lezioni a domicilio hanno durata prevalente rispetto a quella della classe di appartenenza: i docenti che le hanno impartite, se non vi appartengono, entrano a tutti gli effetti nel Consiglio di classe e valutano l'alunno/a." }] : []),
        ...(validita?.prevalente === 'ospedale' ? [{ paragraph: 'La frequenza della scuola in ospedale ha durata prevalente rispetto a quella della classe di appartenenza: i docenti ospedalieri che hanno impartito gli insegnamenti effettuano lo scrutinio, previa intesa con la scuola di appartenenza.' }] : []),
        ...(data.nota ? [{ paragraph: data.nota as string }] : []),
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO, ...FAMIGLIA], protected: true,
};
