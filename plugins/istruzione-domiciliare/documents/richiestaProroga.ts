/** The form with which the school asks for a proroga (Procedura ID, "Proroga"). */
import type { DocumentDefinition } from '../../contract.ts';
import { oreMassime, periodiAmmessi } from '../process/accountability.ts';
import type { Contesto } from '../process/types.ts';
import { campiAggiuntivi, datiProgetto, documento, FAMIGLIA, firmaDirigente, firmaReferente, POLO, SEGRETERIA } from './letter.ts';
import { emittenteScritto, giorno, giornoOppure, oreDi, oreScritte, periodiScritti } from './words.ts';

export const richiestaProroga: DocumentDefinition<Contesto> = {
  content: step => {
    const { context, data } = step;
    const proroga = context.proroghe.at(-1);
    const certificato = proroga?.certificato;
    const ammessi = periodiAmmessi(context);
    const ulteriori = certificato?.periodi ?? [];
    return documento(step, {
      nome: 'richiestaProroga', titolo: 'Modello di richiesta di proroga', da: 'scuola',
      blocchi: [
        datiProgetto(step),
        { heading: 'Periodo già certificato', level: 2 },
        { fields: [{ label: 'Periodo', value: periodiScritti(ammessi) }, { label: 'Ore autorizzate', value: oreDi(context.minutiAutorizzati) }, { label: 'Autorizzazione del', value: giornoOppure(context.autorizzataIl) }] },
        { heading: 'Richiesta', level: 2 },
        { paragraph: 'Si chiede la proroga del progetto di istruzione domiciliare per l\'ulteriore periodo indicato nel certificato aggiornato.' },
        {
          fields: [
            { label: 'Certificato aggiornato', value: certificato ? `Modello ${certificato.modello} del ${giorno(certificato.rilasciatoIl)}, ${emittenteScritto(certificato.emittente)}` : '' },
            { label: 'Ulteriore periodo', value: periodiScritti(ulteriori) },
            { label: 'Ore richieste', value: proroga?.oreRichieste ? oreScritte(proroga.oreRichieste) : 'da determinare a cura della scuola polo' },
            ...(ulteriori.length > 0 ? [{ label: 'Ore massime con la proroga', value: oreDi(oreMassime(step, [...ammessi, ...ulteriori]).minuti) }] : []),
            ...(proroga?.motivazione ? [{ label: 'Motivazione', value: proroga.motivazione }] : []),
          ],
        },
        { note: "Le lezioni proseguono in attesa della risposta; quelle oltre il periodo già certificato sono contabili solo se la proroga è autorizzata." },
        ...campiAggiuntivi(step, 'richiestaProroga', data),
      ],
      firme: [firmaReferente(step), firmaDirigente(step, 'scuola')],
    });
  },
  readBy: [...SEGRETERIA, 'referente', ...POLO, ...FAMIGLIA], protected: true,
};
