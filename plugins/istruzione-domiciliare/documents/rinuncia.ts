/** The school gives up a numbered project. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { ESITO, motivoOf } from './esito.ts';
import { alunnoInLettera, delProgetto, documento, USR } from './letter.ts';

export const rinuncia: DocumentDefinition<Contesto> = {
  content: step => documento(step, {
    nome: 'rinuncia', titolo: 'Rinuncia al progetto', da: 'scuola', a: ['polo', 'usr'], argomento: 'rinuncia',
    blocchi: [
      { paragraph: `Si comunica la rinuncia alla prosecuzione ${delProgetto(step)} per ${alunnoInLettera(step)}, per la seguente motivazione:` },
      { note: motivoOf(step) },
      { paragraph: 'Il progetto, pertanto, non sarà rendicontato.' },
    ],
  }),
  ...ESITO, readBy: [...ESITO.readBy, ...USR],
};
