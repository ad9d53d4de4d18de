/** What a project waits for, and from whom. */
import type { TaskRule } from '../contract.ts';
import { docentiCheHannoInsegnato } from './process/reporting.ts';
import { SEGRETERIA } from './parties.ts';
import type { Contesto } from './process/types.ts';

const POLO = ['operatorePolo', 'dirigentePolo'];
const ovunque = (region: string) => ['autorizzata', 'inCorso', 'conclusa'].map(state => `${state}.${region}`);

const registri = ({ context }: { context: Contesto }) => docentiCheHannoInsegnato(context).map(docente => context.registri[docente]!);

export const tasks: Record<string, TaskRule<Contesto>> = {
  completaBozza: { in: ['bozza'], by: SEGRETERIA, command: 'presenta' },
  consegnaCertificato: { in: ['bozza'], by: ['genitore'], command: 'consegnaCertificato', when: ({ context }) => context.certificato === null },
  firmaModelloG: { in: ['bozza'], by: ['genitore'], command: 'firmaModelloG', when: ({ context }) => context.modelloG === null },
  rispondi: { in: ['presentata'], by: POLO, command: 'assegnaNumero', deadline: 'rispostaPolo' },
  integra: { in: ['integrazione.richiesta'], by: SEGRETERIA, command: 'integra', deadline: 'termineIntegrazione' },
  inviaModelloP: { in: ['numerata'], by: [...SEGRETERIA, 'referente'], command: 'inviaModelloP', due: ({ context }) => context.sollecito?.entro ?? null },
  autorizza: { in: ['inAutorizzazione'], by: POLO, command: 'autorizza', deadline: 'rispostaPolo' },
  controfirma: { in: ['inControfirma'], by: ['dirigentePolo'], command: 'controfirma', deadline: 'rispostaPolo' },
  registraLezioni: { in: ['autorizzata', 'inCorso'], by: ['docente', 'referente'], command: 'registraLezione', deadline: 'finePeriodo' },
  chiediProrogaOConcludi: { in: ['inCorso.periodo.inFine', 'inCorso.periodo.finito', 'autorizzata.periodo.inFine', 'autorizzata.periodo.finito'], by: SEGRETERIA, command: 'chiediProroga', deadline: 'finePeriodo', when: ({ context }) => context.proroghe.at(-1)?.stato !== 'inAttesa' },
  decidiProroga: { in: ovunque('proroga.richiesta'), by: POLO, command: 'autorizzaProroga', deadline: 'rispostaProroga' },
  firmaRegistri: { in: ['conclusa'], by: ['docente'], command: 'firmaRegistro', when: step => registri(step).some(({ firmatoIl }) => firmatoIl === null) },
  vistaRegistri: { in: ['conclusa'], by: ['dirigente'], command: 'vistaRegistro', when: step => registri(step).some(({ firmatoIl, vistatoIl }) => firmatoIl !== null && vistatoIl === null) },
  consegnaRelazioni: { in: ['conclusa'], by: ['docente', 'referente'], command: 'consegnaRelazione', when: ({ context }) => docentiCheHannoInsegnato(context).some(docente => !Object.hasOwn(context.relazioni, docente)) },
  compilaModelloZ: { in: ['conclusa'], by: ['DSGA'], deadline: 'termineRendicontazione' },
  rendiconta: { in: ['conclusa'], by: ['dirigente'], command: 'rendiconta', deadline: 'termineRendicontazione' },
  dichiaraDecadenza: { in: ['numerata.scaduto', ...ovunque('sollecito.scaduto')], by: POLO, command: 'dichiaraDecadenza' },
};
