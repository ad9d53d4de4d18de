/** Every letter and form of a project, by name. What each says is frozen with the decision that asks for it. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { annullamento } from './annullamento.ts';
import { attestazione } from './attestazione.ts';
import { autorizzazione } from './autorizzazione.ts';
import { avvisoPagamento } from './avvisoPagamento.ts';
import { decadenza } from './decadenza.ts';
import { integrazione } from './integrazione.ts';
import { modelloG } from './modelloG.ts';
import { modelloM } from './modelloM.ts';
import { modelloP } from './modelloP.ts';
import { modelloS } from './modelloS.ts';
import { modelloV } from './modelloV.ts';
import { modelloZ } from './modelloZ.ts';
import { notaScrutinio } from './notaScrutinio.ts';
import { numeroProgetto } from './numeroProgetto.ts';
import { propostaProcedura } from './propostaProcedura.ts';
import { proroga } from './proroga.ts';
import { registroOF } from './registroOF.ts';
import { respingimento } from './respingimento.ts';
import { richiestaIntegrazione } from './richiestaIntegrazione.ts';
import { richiestaProroga } from './richiestaProroga.ts';
import { rifiutoProroga } from './rifiutoProroga.ts';
import { rinuncia } from './rinuncia.ts';
import { sollecito } from './sollecito.ts';
import { trasmissione } from './trasmissione.ts';
import { trasmissioneModelloP } from './trasmissioneModelloP.ts';
import { trasmissioneProroga } from './trasmissioneProroga.ts';
import { trasmissioneRendiconto } from './trasmissioneRendiconto.ts';

export const documents: Record<string, DocumentDefinition<Contesto>> = {
  // The forms.
  propostaProcedura, modelloS, modelloM, modelloG, modelloP, richiestaProroga, registroOF, modelloV, modelloZ,
  // The school's letters.
  trasmissione, trasmissioneModelloP, integrazione, trasmissioneProroga, trasmissioneRendiconto, rinuncia, annullamento,
  // The polo's letters.
  numeroProgetto, richiestaIntegrazione, respingimento, autorizzazione, proroga, rifiutoProroga, sollecito, decadenza, avvisoPagamento,
  // For the family and for the Consiglio di classe.
  attestazione, notaScrutinio,
};
