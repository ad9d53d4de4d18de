/** Modello G: the family asks for the service and declares that it receives the teachers at home. */
import { personName, type DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { campiAggiuntivi, datiProgetto, documento, named, SANITARI } from './letter.ts';
import { giorno, nomeIntero, qualitaScritta } from './words.ts';

export const modelloG: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { modelloG: dati, alunno } = context;
    const recapiti = [['Indirizzo del domicilio', dati?.indirizzo], ['Telefono', dati?.telefono], ['Indirizzo e-mail', dati?.email]].filter((riga): riga is [string, string] => Boolean(riga[1]));
    return documento(step, {
      nome: 'modelloG', titolo: 'Modello G - Richiesta di servizio scolastico domiciliare', da: 'scuola', data: dati?.firmatoIl ?? null,
      blocchi: [
        datiProgetto(step),
        { heading: 'Richiesta e dichiarazione di disponibilità', level: 2 },
        { fields: [{ label: 'Il/La sottoscritto/a', value: dati?.firmatario ?? '' }, { label: 'In qualità di', value: dati ? qualitaScritta(dati.qualita) : '' }, ...recapiti.map(([label, value]) => ({ label, value }))] },
        { paragraph: `chiede per l'alunno/a ${nomeIntero(alunno)}, frequentante la classe ${alunno.classe}, l'attivazione del servizio di istruzione domiciliare per l'anno scolastico ${context.annoScolastico} e dichiara:` },
        {
          list: [
            "di essere disponibile a ricevere l'istruzione domiciliare e ad accogliere i docenti presso il domicilio, negli orari concordati con la scuola;",
            'che un familiare firmerà il registro del docente (Modello OF) per ogni lezione in presenza;',
            'di aver consegnato alla scuola il certificato sanitario (Modello S o, in alternativa, Modello M).',
          ],
        },
        { note: 'I dati personali sono trattati dalla scuola e dalla scuola polo per le sole finalità del progetto, ai sensi del Regolamento (UE) 2016/679.' },
        ...campiAggiuntivi(step, 'modelloG', dati),
      ],
      firme: [{
        role: dati ? `Il/La richiedente (${qualitaScritta(dati.qualita)})` : 'Il/La richiedente', ...named(dati?.firmatario),
        ...(dati ? { note: dati.firma ? `firmato con l'account di ${personName(dati.firma.utente)} il ${giorno(dati.firma.il)}` : `firma autografa del ${giorno(dati.firmatoIl)} sull'originale, la cui scansione è agli atti` } : {}),
      }],
    });
  },
  readBy: SANITARI, protected: true,
};
