/** Who may ask what of a project, with which form and which papers. What must hold is in rules.ts. */
import { Type } from 'typebox';
import type { CommandDefinition, ScopeRule } from '../../contract.ts';
import type { Contesto } from './types.ts';
import {
  ATTO_CITATO, CERTIFICATO, DISABILITA, DISPONIBILITA, INVIO, LEZIONE, MODELLO_G, MODELLO_P, MODELLO_Z, MOTIVO, ORE_AUTORIZZATE, PROGETTO,
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
  aggiornaBozza: { schema: Type.Partial(form(PROGETTO), { additionalProperties: false, minProperties: 1 }), by: SCUOLA },
  presenta: {
    schema: form({ certificato: CERTIFICATO, modelloG: MODELLO_G, disabilita: Type.Optional(DISABILITA), invio: Type.Optional(INVIO) }),
    by: SCUOLA, attachments: [['modelloS', 'modelloM'], ['modelloG']],
  },
  chiediIntegrazione: { schema: form({ motivi: MOTIVO, entro: Type.Optional(date('Entro il')) }), by: POLO },
  integra: {
    schema: form({ nota: MOTIVO, certificato: Type.Optional(CERTIFICATO), modelloG: Type.Optional(MODELLO_G), disabilita: Type.Optional(DISABILITA), invio: Type.Optional(INVIO) }),
    by: SCUOLA, attachments: [['integrazione', 'modelloS', 'modelloM', 'modelloG']],
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
  inviaModelloP: { schema: MODELLO_P, by: ['dirigente', 'segreteria', 'referente'], attachments: [['modelloP']] },
  autorizza: { schema: form({ oreAutorizzate: ORE_AUTORIZZATE }), by: POLO, joins: fondo },

  // Lezioni
  registraLezione: { schema: LEZIONE, by: REGISTRO, joins: fondo },
  rettificaLezione: { schema: form({ lezione, motivo: MOTIVO, nuova: LEZIONE }), by: REGISTRO, items: ['lezione'], joins: fondo },
  annullaLezione: { schema: form({ lezione, motivo: MOTIVO }), by: REGISTRO, items: ['lezione'], joins: fondo },
  certificaOreOnline: { schema: form({ lezioni: Type.Array(lezione, { minItems: 1, maxItems: 200, uniqueItems: true }) }), by: ['dirigente'], items: ['lezione'] },
  firmaRegistro: { schema: form({ docente }), by: ['docente'] },
  vistaRegistro: { schema: form({ docente }), by: ['dirigente'] },

  // Proroga
  chiediProroga: {
    schema: form({ certificato: CERTIFICATO, oreRichieste: Type.Optional(ORE_AUTORIZZATE), invio: Type.Optional(INVIO) }),
    by: SCUOLA, attachments: [['modelloSAggiornato', 'modelloMAggiornato'], ['richiestaProroga']],
  },
  autorizzaProroga: { schema: form({ oreAutorizzate: ORE_AUTORIZZATE }), by: POLO, joins: fondo },
  rifiutaProroga: { schema: form({ motivo: MOTIVO }), by: POLO },

  // Conclusione e rendicontazione
  concludi: { schema: form({ data: Type.Optional(date('Data di conclusione')), nota: Type.Optional(MOTIVO) }), by: SCUOLA, joins: fondo },
  consegnaRelazione: { schema: form({ docente, data: Type.Optional(date('Data')) }), by: REGISTRO, attachments: [['relazioneFinale']] },
  rendiconta: {
    schema: form({ modelloV: form({ data: date('Data') }), modelloZ: MODELLO_Z, invio: Type.Optional(INVIO) }), by: ['dirigente'],
    attachments: [['modelloV'], ['modelloZ', 'autocertificazione'], ['modelloOF']], items: ['lezione'], joins: fondo,
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
