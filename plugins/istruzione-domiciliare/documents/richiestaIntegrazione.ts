/** The polo asks for further papers, with its reasons and by when. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto, documento, POLO, SCUOLA } from './letter.ts';
import { giornoOppure } from './words.ts';

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
