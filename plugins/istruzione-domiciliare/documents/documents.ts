/** Every letter and form of a project, by name. What each says is frozen with the decision that asks for it. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { attestazione } from './attestazione.ts';
import { autorizzazione, numeroProgetto, proroga, richiestaIntegrazione, rifiutoProroga } from './autorizzazioni.ts';
import { avvisoPagamento } from './avvisoPagamento.ts';
import { modelloM, modelloS } from './certificazione.ts';
import { conclusione } from './conclusione.ts';
import { annullamento, decadenza, respingimento, rinuncia, sollecito } from './esiti.ts';
import { modelloG } from './modelloG.ts';
import { modelloP } from './modelloP.ts';
import { modelloV } from './modelloV.ts';
import { modelloZ } from './modelloZ.ts';
import { notaScrutinio } from './notaScrutinio.ts';
import { propostaProcedura } from './propostaProcedura.ts';
import { registroOF } from './registroOF.ts';
import { richiestaProroga } from './richiestaProroga.ts';
import { integrazione, trasmissione, trasmissioneModelloP, trasmissioneProroga, trasmissioneRendiconto } from './trasmissioni.ts';

export const documents: Record<string, DocumentDefinition<Contesto>> = {
  // The forms.
  propostaProcedura, modelloS, modelloM, modelloG, modelloP, richiestaProroga, registroOF, modelloV, modelloZ,
  // The school's letters.
  trasmissione, trasmissioneModelloP, integrazione, trasmissioneProroga, conclusione, trasmissioneRendiconto, rinuncia, annullamento,
  // The polo's letters.
  numeroProgetto, richiestaIntegrazione, respingimento, autorizzazione, proroga, rifiutoProroga, sollecito, decadenza, avvisoPagamento,
  // For the family and for the Consiglio di classe.
  attestazione, notaScrutinio,
};
