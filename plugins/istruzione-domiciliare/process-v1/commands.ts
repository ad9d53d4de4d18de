/** Who may ask what of a project, with which form and which papers. What must hold is in rules.ts. */
import { Type } from 'typebox';
import type { CommandDefinition, ScopeRule } from '../../contract.ts';
import type { Contesto } from './types.ts';
import {
  ATTO_CITATO, CERTIFICATO, DISABILITA, DISPONIBILITA, FREQUENZA_OSPEDALE, INVIO, LEZIONE, MODELLO_G, MODELLO_P, MODELLO_V, MODELLO_Z, MOTIVO, ORE_AUTORIZZATE, PROPOSTA, RICHIESTA_PROROGA,
  date, form, text,
} from './schemas.ts';

const SCUOLA = ['segreteria', 'dirigente'];
const POLO = ['operatorePolo', 'dirigentePolo'];
const REGISTRO = ['docente', 'referente'];

/** All projects whose reports the polo's fund of that school year waits for. The fund's process uses the same words. */
const fondo: ScopeRule<Contesto> = ({ context, parties }) => `fondo/${parties.polo}/${context.annoScolastico}`;

const docente = Type.String({ title: 'Docente (codice)', pattern: '^[A-Za-z0-9._-]{1,60}$' });
const lezione = Type.String({ title: 'Lezione', pattern: '^L[0-9]{4,}$' });

export const commands: Record<string, CommandDefinition<Contesto>> = {
  // Avvio
  aggiornaBozza: { schema: PROPOSTA, by: SCUOLA, forms: { propostaProcedura: '' } },
  // "La famiglia consegna alla scuola i seguenti modelli": on paper to the office, or here with its own account.
  consegnaCertificato: { schema: form({ certificato: CERTIFICATO }), by: ['genitore'], attachments: [['modelloS', 'modelloM']], forms: { modelloS: 'certificato', modelloM: 'certificato' } },
  firmaModelloG: { schema: form({ modelloG: MODELLO_G }), by: ['genitore'], forms: { modelloG: 'modelloG' } },
  presenta: {
    schema: form({ certificato: Type.Optional(CERTIFICATO), modelloG: Type.Optional(MODELLO_G), disabilita: Type.Optional(DISABILITA), invio: Type.Optional(INVIO) }),
    by: SCUOLA, mayAttach: ['modelloS', 'modelloM', 'modelloG'], forms: { modelloS: 'certificato', modelloM: 'certificato', modelloG: 'modelloG' },
  },
  chiediIntegrazione: { schema: form({ motivi: MOTIVO, entro: Type.Optional(date('Entro il')) }), by: POLO },
  integra: {
    schema: form({ nota: MOTIVO, certificato: Type.Optional(CERTIFICATO), modelloG: Type.Optional(MODELLO_G), disabilita: Type.Optional(DISABILITA), invio: Type.Optional(INVIO) }),
    by: SCUOLA, attachments: [['integrazione', 'modelloS', 'modelloM', 'modelloG']], forms: { modelloS: 'certificato', modelloM: 'certificato', modelloG: 'modelloG' },
  },
  respingi: { schema: form({ motivo: MOTIVO }), by: POLO },
  assegnaNumero: {
    schema: form({ oreAutorizzate: Type.Optional(ORE_AUTORIZZATE) }), by: POLO, joins: fondo,
    number: { register: 'progetti', of: 'polo', year: 'school', format: (value, year) => `ID-${year}-${String(value).padStart(4, '0')}`, asCaseNumber: true },
  },
  annulla: { schema: form({ motivo: MOTIVO }), by: SCUOLA },

  // Pianificazione
  registraDeliberaCollegio: { schema: form({ ...ATTO_CITATO, ptof: Type.Optional(text('Riferimento al PTOF')) }), by: SCUOLA },
  informaConsiglioClasse: { schema: form({ data: date('Data'), verbale: Type.Optional(text('Verbale o circolare')) }), by: SCUOLA },
  registraDisponibilita: { schema: DISPONIBILITA, by: [...SCUOLA, 'referente'] },
  nominaReferente: { schema: form({ nome: text('Nome e cognome'), data: date('Data della nomina') }), by: SCUOLA },
  inviaModelloP: { schema: MODELLO_P, by: ['dirigente', 'segreteria', 'referente'], attachments: [['modelloP']], forms: { modelloPConSiO: '', modelloPSenzaSiO: '' } },
  autorizza: { schema: form({ oreAutorizzate: ORE_AUTORIZZATE }), by: POLO, joins: fondo },

  // Lezioni
  registraLezione: { schema: LEZIONE, by: REGISTRO, joins: fondo, forms: { modelloOF: '' } },
  rettificaLezione: { schema: form({ lezione, motivo: MOTIVO, nuova: LEZIONE }), by: REGISTRO, items: ['lezione'], joins: fondo, forms: { modelloOF: 'nuova' } },
  annullaLezione: { schema: form({ lezione, motivo: MOTIVO }), by: REGISTRO, items: ['lezione'], joins: fondo },
  certificaOreOnline: { schema: form({ lezioni: Type.Array(lezione, { minItems: 1, maxItems: 200, uniqueItems: true }) }), by: ['dirigente'], items: ['lezione'] },
  firmaRegistro: { schema: form({ docente }), by: ['docente'] },
  vistaRegistro: { schema: form({ docente }), by: ['dirigente'] },

  // Proroga
  chiediProroga: {
    schema: RICHIESTA_PROROGA,
    by: SCUOLA, attachments: [['modelloSAggiornato', 'modelloMAggiornato'], ['richiestaProroga']], forms: { richiestaProroga: '', modelloS: 'certificato', modelloM: 'certificato' },
  },
  autorizzaProroga: { schema: form({ oreAutorizzate: ORE_AUTORIZZATE }), by: POLO, joins: fondo },
  rifiutaProroga: { schema: form({ motivo: MOTIVO }), by: POLO },

  // Conclusione e rendicontazione
  concludi: { schema: form({ data: Type.Optional(date('Data di conclusione')), nota: Type.Optional(MOTIVO) }), by: SCUOLA, items: ['lezione'], joins: fondo },
  registraFrequenzaOspedale: { schema: FREQUENZA_OSPEDALE, by: [...SCUOLA, 'referente'] },
  rilasciaAttestazione: { schema: form({ nota: Type.Optional(MOTIVO) }), by: ['dirigente'], items: ['lezione'] },
  consegnaRelazione: { schema: form({ docente, data: Type.Optional(date('Data')) }), by: REGISTRO, attachments: [['relazioneFinale']] },
  rendiconta: {
    schema: form({ modelloV: MODELLO_V, modelloZ: MODELLO_Z, invio: Type.Optional(INVIO) }), by: ['dirigente'],
    attachments: [['modelloV'], ['modelloZ', 'autocertificazione'], ['modelloOF']], mayAttach: ['relazioneFinale'], items: ['lezione'], joins: fondo, forms: { modelloV: 'modelloV', modelloZ: 'modelloZ' },
  },
  registraLiquidazione: {
    schema: form({ quotaCents: Type.Integer({ minimum: 0 }), dovutaCents: Type.Integer({ minimum: 0 }), atto: text('Atto di liquidazione') }),
    by: [], from: ['fondo-istruzione-domiciliare'], hidden: true, joins: fondo,
  },

  // Uscite
  rinuncia: { schema: form({ motivo: MOTIVO }), by: SCUOLA, joins: fondo },
  sollecita: { schema: form({ entro: Type.Optional(date('Entro il')), nota: Type.Optional(MOTIVO) }), by: POLO },
  dichiaraDecadenza: { schema: form({ motivo: MOTIVO }), by: POLO, joins: fondo },
};
