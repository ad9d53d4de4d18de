/** What a command must satisfy (a refusal carries its figures), and the plain branches of the chart. */
import type { Guard, Rule } from '../../contract.ts';
import { consegnabile, firmabile, integrabile, presentabile, termineRichiestaFuturo } from './avvio.ts';
import { finePeriodoOf, preavvisoOf, termineRendicontazioneOf } from './deadlines.ts';
import { lezioneAnnullabile, lezioneAvvenuta, lezioneRettificabile, oreCertificabili, oreProrogaEntroMassimo, prorogaRichiedibile, registroFirmabile, registroVistabile } from './lessons.ts';
import { attoNonFuturo, disponibilitaRegolare, modelloPCompleto, oreConNumero, oreEntroMassimo } from './planning.ts';
import { concludibile, decadenzaDichiarabile, frequenzaRegolare, relazioneDovuta, rendicontabile } from './reporting.ts';
import type { Contesto } from './types.ts';

export const rules: Record<string, Rule<Contesto>> = {
  consegnabile, firmabile, presentabile, integrabile, termineRichiestaFuturo,
  attoNonFuturo, disponibilitaRegolare, modelloPCompleto, oreEntroMassimo, oreConNumero,
  lezioneAvvenuta, lezioneRettificabile, lezioneAnnullabile, oreCertificabili, registroFirmabile, registroVistabile,
  prorogaRichiedibile, oreProrogaEntroMassimo,
  concludibile, frequenzaRegolare, relazioneDovuta, rendicontabile, decadenzaDichiarabile,
};

export const guards: Record<string, Guard<Contesto>> = {
  haNumero: ({ context }) => context.numero !== null,
  senzaNumero: ({ context }) => context.numero === null,
  soloNumero: ({ data }) => data.oreAutorizzate === undefined,
  soloNumeroConP: ({ context, data }) => data.oreAutorizzate === undefined && context.modelloP !== null,
  haSollecito: ({ context }) => context.sollecito !== null,
  haProrogaInAttesa: ({ context }) => context.proroghe.at(-1)?.stato === 'inAttesa',
  periodoFinito: step => { const fine = finePeriodoOf(step); return fine !== null && step.today > fine; },
  periodoInFine: step => { const preavviso = preavvisoOf(step); return preavviso !== null && step.today > preavviso; },
  rendicontazioneScaduta: step => { const termine = termineRendicontazioneOf(step); return termine !== null && step.today > termine; },
};
