/** The ten forms of the procedure, as data: what the polo may extend, and who fills them. */
import type { FieldHint, FormDefinition } from '../contract.ts';
import { SEGRETERIA } from './parties.ts';
import { CERTIFICATO, LEZIONE, MODELLO_G, MODELLO_P, MODELLO_V, MODELLO_Z, PROPOSTA, RICHIESTA_PROROGA } from './process/schemas.ts';


const hints = (sections: Record<string, string[]>, more: Record<string, FieldHint> = {}): Record<string, FieldHint> => {
  const found: Record<string, FieldHint> = {};
  for (const [section, fields] of Object.entries(sections)) for (const field of fields) found[field] = { section, order: Object.keys(found).length + 1, ...more[field] };
  return found;
};
const model = (schema: FormDefinition['schema'], by: string[], fields: Record<string, FieldHint>): FormDefinition => ({ version: 1, schema, by, hints: fields, editableBy: 'polo' });

const CERTIFICATO_HINTS = hints({ Certificato: ['modello', 'intestatario', 'emittente', 'rilasciatoIl'], Assenza: ['periodi'] }, { rilasciatoIl: { widget: 'date' }, periodi: { widget: 'table' } });

const MODELLO_P_HINTS = { 'Piani di lavoro': ['pianiDiLavoro'], Finanziamento: ['deliberaConsiglioIstituto'] };
const TABELLE: Record<string, FieldHint> = { pianiDiLavoro: { widget: 'table' } };

export const forms: Record<string, FormDefinition> = {
  propostaProcedura: model(PROPOSTA, SEGRETERIA, hints({ Alunno: ['alunno', 'ordine', 'esameDiStato'], Scuola: ['regione'] })),
  modelloS: { ...model(CERTIFICATO, [...SEGRETERIA, 'genitore'], CERTIFICATO_HINTS), is: { modello: 'S' } },
  modelloM: { ...model(CERTIFICATO, [...SEGRETERIA, 'genitore'], CERTIFICATO_HINTS), is: { modello: 'M' } },
  modelloG: model(MODELLO_G, [...SEGRETERIA, 'genitore'], hints({ Firmatario: ['firmatario', 'qualita', 'firmatoIl'], Recapiti: ['indirizzo', 'telefono', 'email'] }, { firmatoIl: { widget: 'date' } })),
  modelloPConSiO: { ...model(MODELLO_P, [...SEGRETERIA, 'referente'], hints({ Progetto: ['variante', 'scuolaInOspedale'], ...MODELLO_P_HINTS }, TABELLE)), is: { variante: 'conSiO' } },
  modelloPSenzaSiO: { ...model(MODELLO_P, [...SEGRETERIA, 'referente'], hints({ Progetto: ['variante'], ...MODELLO_P_HINTS }, TABELLE)), is: { variante: 'senzaSiO' } },
  modelloOF: { personal: true, ...model(LEZIONE, ['docente', 'referente'], hints({ Lezione: ['data', 'inizio', 'fine', 'docente', 'disciplina', 'modalita', 'oltreServizio'], 'Attività': ['attivita', 'verifiche'], Firma: ['firmaFamiliare'] }, { data: { widget: 'date' }, attivita: { widget: 'textarea' }, verifiche: { widget: 'textarea' } })) },
  richiestaProroga: model(RICHIESTA_PROROGA, SEGRETERIA, hints({ Proroga: ['oreRichieste', 'motivazione'], Certificato: ['certificato'] }, { motivazione: { widget: 'textarea' } })),
  modelloV: model(MODELLO_V, [...SEGRETERIA, 'referente'], hints({ Valutazione: ['data', 'valutazione', 'discipline'] }, { valutazione: { widget: 'textarea' }, discipline: { widget: 'table' } })),
  modelloZ: model(MODELLO_Z, ['DSGA', ...SEGRETERIA], hints({ Consuntivo: ['tipo', 'compilatoDa', 'docenti', 'totaleOre'], Pagamento: ['iban'] }, { docenti: { widget: 'table' } })),
};
