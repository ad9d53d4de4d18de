/** What letters and forms say: complete, in Italian, with figures that add up; and what they must not say. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parameterReader } from '../../engine/decide/step.ts';
import { plain } from '../../engine/decide/plain.ts';
import { projectIn, type Journey, type Stage } from '../../test/journeys/istruzioneDomiciliare.ts';
import { morning, PureWorld, type PureCase } from '../../test/pureCase.ts';
import { romeDate } from '../calendar.ts';
import type { DocumentModel, Item, JsonObject, ParameterRow, Step } from '../contract.ts';
import { documents } from './documents/documents.ts';
import { rigaCosto } from './documents/money.ts';
import { parametroModelli, type ModelliDocumenti } from './documents/template.ts';
import { decimale, elenco, euro, giorno, iniziali, oreDi } from './documents/words.ts';
import { disponibilita, lezione, modelloP } from './examples.ts';
import { istruzioneDomiciliare } from './plugin.ts';
import { defaultParameters } from './process/parameters.ts';
import type { Contesto, Lezione } from './process/types.ts';
import { createContext } from './process/updates.ts';

const PARTI = { scuola: 'BAIC847001', polo: 'POLOPUGLIA', usr: 'USRPUGLIA', famiglia: 'famiglia.rossi' };
const DIRIGENTE: Step['actor'] = { kind: 'user', id: 'dirigente.user', role: 'dirigente', name: 'Paolo De Santis' };

/** A step as a decision would have it: the context, and what the command brought. */
function step(context: Contesto, changes: Partial<Step<Contesto>> & { modelli?: Record<string, Partial<ModelliDocumenti>> } = {}): Step<Contesto> {
  const { modelli = {}, ...rest } = changes;
  const at = rest.at ?? '2026-10-12T08:00:00.000Z', parties = rest.parties ?? PARTI;
  const rows: ParameterRow[] = [...defaultParameters, parametroModelli].map(row => ({ ...row, organisation: null, version: 1 }));
  for (const [organisation, value] of Object.entries(modelli)) rows.push({ name: 'modelliDocumenti', organisation, from: '2000-01-01', to: null, value: value as any, version: 2 });
  return {
    context, data: {}, at, today: romeDate(at), actor: DIRIGENTE, parties, case: { id: 'c', process: 'istruzione-domiciliare', number: context.numero, createdAt: at },
    facts: { items: [], members: [], attachments: [] }, number: null, parameter: parameterReader(rows, romeDate(at), parties), params: {}, ...rest,
  };
}
const say = (name: string, made: Step<Contesto>): DocumentModel => plain(documents[name]!.content(made) as unknown as JsonObject, name) as unknown as DocumentModel;
/** Every word of a document, in the order of the page. */
const words = (value: unknown): string[] => (typeof value === 'string' ? [value] : value && typeof value === 'object' ? Object.values(value).flatMap(words) : []);
const textOf = (model: DocumentModel): string => words(model).join('\n');

const BOZZA = createContext({ data: { alunno: { nome: 'Anna', cognome: 'Rossi', classe: '2B' }, ordine: 'secondariaPrimoGrado', esameDiStato: false, regione: 'Puglia' }, today: '2026-10-05' } as any);
const project = (stage: Stage, journey: Journey = {}): PureCase => projectIn(new PureWorld([istruzioneDomiciliare], morning('2026-10-05')), stage, { ...journey, parties: { usr: 'USRPUGLIA', ...journey.parties } });
const itemsOf = (pure: PureCase): Item[] => [...pure.items.values()];
const of = (pure: PureCase, name: string, changes: Parameters<typeof step>[1] = {}): DocumentModel =>
  say(name, step(pure.context, { parties: pure.caseState.parties, at: pure.world.now, facts: { items: itemsOf(pure), members: [], attachments: [] }, ...changes }));

const LEZIONI = [lezione('2026-10-19', '15:00', '17:00', { verifiche: 'Verifica scritta' }), lezione('2026-10-20', '15:00', '15:50', { docente: 'verdi', disciplina: 'matematica' }), lezione('2026-10-21', '16:00', '17:00', { modalita: 'online', oltreServizio: true })];

/** Words of program code and of another language: none has a place on paper. */
const FOREIGN = /\b(undefined|null|NaN|Infinity|true|false|object Object|the|and|of|hours|teacher|pupil|school|date|request|conSiO|senzaSiO|inAttesa|autorizzata[A-Z]|secondariaPrimoGrado|secondariaSecondoGrado|medicoFamiglia|strutturaOspedaliera)\b/;

function expectOfficial(model: DocumentModel, name: string): void {
  const text = textOf(model);
  expect({ name, foreign: text.match(FOREIGN)?.[0] }).toEqual({ name, foreign: undefined });
  expect({ name, isoDate: /\b\d{4}-\d{2}-\d{2}\b/.test(text) }).toEqual({ name, isoDate: false });
  expect(text).not.toMatch(/diagnosi(?!\.)|ICD-?\d/i);
  expect(model).toMatchObject({ language: 'it', letterhead: { organisation: expect.any(String) } });
  expect(model.title.length).toBeGreaterThan(3);
  // A form that is not signed yet has no date.
  if (model.placeAndDate !== undefined) expect(model.placeAndDate).toMatch(/\d{2}\/\d{2}\/\d{4}$/);
  // A letter's subject stands in the protocollo: it names the project, never the pupil.
  if (model.subject !== undefined) {
    expect(model.subject).toContain('Progetto Istruzione Domiciliare');
    expect(model.subject).not.toMatch(/Rossi|A\.R\./);
  }
  for (const block of model.blocks) {
    if (!('table' in block)) continue;
    const { columns, rows, foot = [] } = block.table;
    for (const row of [...rows, ...foot]) expect({ name, cells: row.length }).toEqual({ name, cells: columns.length });
  }
}

describe('every document', () => {
  const STAGES: Stage[] = ['bozza', 'presentata', 'numerata', 'inAutorizzazione', 'autorizzata', 'inCorso', 'conclusa', 'rendicontata'];

  it.each(STAGES)('is official Italian in the stage %s, also where nothing is there yet', stage => {
    const pure = project(stage, { lezioni: LEZIONI });
    for (const name of Object.keys(documents)) expectOfficial(of(pure, name), name);
  });

  it('has its reader, a label in both languages, and is protected where it tells the name or the certificate', () => {
    const { roles, labels } = istruzioneDomiciliare;
    const pure = project('rendicontata', { lezioni: LEZIONI });
    for (const [name, { readBy, protected: isProtected }] of Object.entries(documents)) {
      expect(readBy.length).toBeGreaterThan(0);
      for (const role of readBy) expect(Object.keys(roles)).toContain(role);
      expect(labels.it.documents![name]).toBeTruthy();
      expect(labels.en.documents![name]).toBeTruthy();
      const tells = /Anna|Rossi|12\/10\/2026 al/.test(textOf(of(pure, name)).replaceAll('Maria Rossi', ''));
      if (tells) expect({ name, isProtected }).toEqual({ name, isProtected: true });
      // The USR supervises; it need not know who is ill.
      if (readBy.includes('funzionarioUsr')) expect({ name, tells }).toEqual({ name, tells: false });
    }
  });

  it('stands whatever people write into names, reasons and extra fields', () => {
    const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    fc.assert(fc.property(anyText, anyText, anyText, (nome, motivo, valore) => {
      const base = project('numerata').context as Contesto;
      const context: Contesto = {
        ...base, alunno: { ...base.alunno, nome, cognome: motivo }, chiusura: { esito: 'rinuncia', il: '2026-10-12', motivo }, integrazione: { motivi: motivo, entro: '2026-10-20' },
        modelloG: { ...base.modelloG!, campiAggiuntivi: { domanda: valore, numero: 1.5, si: true } },
      };
      for (const name of Object.keys(documents)) expect(words(say(name, step(context))).some(text => text.includes('undefined'))).toBe([nome, motivo, valore].some(text => text.includes('undefined')));
    }), { numRuns: 25 });
  });
});

describe('letterhead and fixed sentences', () => {
  const modelli = {
    BAIC847001: { intestazione: ['I.C. «Massari Galilei»', 'Via Roma 1, Bari', 'C.F. 93423180725'], piede: 'Codice BAIC847001', luogo: 'Bari', firmatario: { nome: 'Paolo De Santis', ruolo: 'La Dirigente scolastica' }, testi: { trasmissione: { premessa: 'Per {alunno}, progetto {numero}, {sconosciuto}.', chiusura: '{scuola}, {oggi}' } } },
    POLOPUGLIA: { intestazione: ['Scuola polo Puglia', 'Bari'], firmatario: { nome: 'Lucia Greco', ruolo: 'Il Dirigente scolastico' } },
  };

  it('are those of who writes, and name who is written to', () => {
    const pure = project('presentata');
    const model = of(pure, 'trasmissione', { modelli });
    expect(model).toMatchObject({
      letterhead: { organisation: 'I.C. «Massari Galilei»', lines: ['Via Roma 1, Bari', 'C.F. 93423180725'] }, recipients: [['Alla Scuola polo regionale', 'Scuola polo Puglia'], ["All'Ufficio Scolastico Regionale", '\ue000organisation:USRPUGLIA\ue001']],
      placeAndDate: 'Bari, 05/10/2026', footer: expect.stringContaining('Codice BAIC847001'),
    });
    expect(model.blocks[0]).toEqual({ paragraph: 'Per A.R., progetto in attesa di assegnazione, {sconosciuto}.' });
    expect(model.blocks.at(-1)).toEqual({ paragraph: 'I.C. «Massari Galilei», 05/10/2026' });
    expect(of(pure, 'numeroProgetto', { modelli }).letterhead).toEqual({ organisation: 'Scuola polo Puglia', lines: ['Bari'] });
  });

  it('ask the registry for names where the organisation has no letterhead', () => {
    expect(of(project('presentata'), 'trasmissione')).toMatchObject({ letterhead: { organisation: '\ue000organisation:BAIC847001\ue001', lines: [] }, recipients: [['Alla Scuola polo regionale', '\ue000organisation:POLOPUGLIA\ue001'], ["All'Ufficio Scolastico Regionale", '\ue000organisation:USRPUGLIA\ue001']] });
  });

  it('say who signed with the account and when, or who is responsible', () => {
    const pure = project('presentata');
    expect(of(pure, 'trasmissione', { modelli }).signatures).toEqual([{ role: 'La Dirigente scolastica', name: '\ue000person:dirigente.user\ue001', note: "firmato con l'account il 05/10/2026 alle ore 10:00" }]);
    const deputy: Step['actor'] = { kind: 'user', id: 'vicaria', role: 'dirigente', deputyFor: 'titolare' };
    expect(of(pure, 'trasmissione', { modelli, actor: deputy }).signatures).toEqual([{ role: 'Per la Dirigente scolastica', name: '\ue000person:vicaria\ue001', note: "in sostituzione di \ue000person:titolare\ue001, firmato con l'account il 05/10/2026 alle ore 10:00" }]);
    const segreteria: Step['actor'] = { kind: 'user', id: 's', role: 'segreteria', name: 'Anna Lorusso' };
    expect(of(pure, 'trasmissione', { modelli, actor: segreteria }).signatures).toEqual([{ role: 'La Dirigente scolastica', name: 'Paolo De Santis', note: 'indicazione a stampa del responsabile, art. 3, c. 2, d.lgs. 39/1993' }]);
    expect(of(pure, 'trasmissione', { actor: segreteria }).signatures).toEqual([{ role: 'Il Dirigente scolastico' }]);
  });

  it('go to the parties that there are', () => {
    expect(of(project('presentata'), 'trasmissione', { parties: { scuola: 'S', polo: 'P' } }).recipients).toHaveLength(1);
  });
});

describe('the letters of a whole procedure', () => {
  it('are made by the decisions themselves, in their order', () => {
    const pure = project('rendicontata', { lezioni: LEZIONI });
    for (const { name, model } of pure.documents) expectOfficial(model, name);
    expect(pure.documents.map(({ name }) => name)).toEqual(expect.arrayContaining(['trasmissione', 'modelloS', 'modelloG', 'numeroProgetto', 'trasmissioneModelloP', 'modelloP', 'autorizzazione', 'attestazione', 'trasmissioneRendiconto', 'modelloV', 'modelloZ', 'registroOF']));
  });

  it('carry the number in every subject once it is assigned', () => {
    const pure = project('rendicontata', { lezioni: LEZIONI });
    expect(of(pure, 'trasmissioneRendiconto').subject).toBe('Progetto Istruzione Domiciliare - ID-2026/27-0001 - rendicontazione');
    expect(of(project('presentata'), 'trasmissione').subject).toBe('Progetto Istruzione Domiciliare - trasmissione dei modelli di avvio');
  });

  it('explain the authorised hours: weeks × weekly cap', () => {
    const text = textOf(of(project('autorizzata'), 'autorizzazione'));
    for (const part of ['AUTORIZZA', '40,00 ore', 'dal 12/10/2026 al 20/12/2026', '70, pari a 10 settimane', '10 settimane × 5,00 ore settimanali in presenza = 50,00', 'non può essere superato', 'possono variare le ore attribuite ai docenti o i nominativi degli stessi', 'VISTA la Procedura per avviare, attivare, rendicontare progetti di istruzione domiciliare']) expect(text).toContain(part);
  });

  it('tell whose account signed Modello G, whatever name was typed', () => {
    const base = project('presentata').context as Contesto;
    const signed = say('modelloG', step({ ...base, modelloG: { ...base.modelloG!, firmatario: 'Qualcun Altro', firma: { utente: 'u1', il: '2026-10-05' } } }));
    expect(signed.signatures).toMatchObject([{ name: 'Qualcun Altro', note: "firmato con l'account di \ue000person:u1\ue001 il 05/10/2026" }]);
  });

  it('add the exam weeks for exam pupils', () => {
    const pure = project('autorizzata', { bozza: { esameDiStato: true } });
    expect(textOf(of(pure, 'autorizzazione'))).toContain('12 settimane × 5,00 ore settimanali in presenza = 60,00');
  });

  it('tell proroga, refusal and what then counts', () => {
    const base = project('inCorso').context as Contesto;
    const proroga = { richiestaIl: '2026-12-10', certificato: { ...base.certificato!, rilasciatoIl: '2026-12-09', periodi: [{ dal: '2026-12-21', al: '2027-01-31' }] }, oreRichieste: 12.5, motivazione: null, stato: 'inAttesa' as const, decisaIl: null, minutiAutorizzati: 0, motivo: null };
    const asked = step({ ...base, proroghe: [proroga] }, { at: '2026-12-10T09:00:00.000Z', data: { campiAggiuntivi: { protocolloAsl: '12/2026' } } });
    expect(textOf(say('richiestaProroga', asked))).toMatch(/12,50[\s\S]*protocolloAsl[\s\S]*12\/2026/);
    const granted = textOf(say('proroga', step({ ...base, minutiAutorizzati: base.minutiAutorizzati + 600, proroghe: [{ ...proroga, stato: 'autorizzata', decisaIl: '2026-12-12', minutiAutorizzati: 600 }] })));
    expect(granted).toContain('dal 21/12/2026 al 31/01/2027, con ulteriori 10,00 ore');
    expect(granted).toContain('sono in tutto 50,00');
    const refused = textOf(say('rifiutoProroga', step({ ...base, proroghe: [{ ...proroga, stato: 'rifiutata', motivo: 'Il certificato è incompleto' }] })));
    for (const part of ['Il certificato è incompleto', 'Restano autorizzate 40,00 ore', 'oltre tale periodo (dal 21/12/2026)']) expect(refused).toContain(part);
  });

  it('pay the share in full, or say what part of it and why', () => {
    const base = project('rendicontata', { lezioni: LEZIONI }).context as Contesto;
    const paid = (quotaCents: number) => textOf(say('avvisoPagamento', step({ ...base, rendiconto: { ...base.rendiconto!, iban: 'IT60X0542811101000000123456' }, liquidazione: { il: '2027-07-01', quotaCents, dovutaCents: base.rendiconto!.quotaPoloCents, atto: 'n. 7 del 2027-07-01' } })));
    expect(paid(base.rendiconto!.quotaPoloCents)).toMatch(/n\. 7 del 01\/07\/2027[\s\S]*IT60 X054 2811 1010 0000 0123 456[\s\S]*per intero/);
    expect(paid(1_000)).toMatch(/non copre tutte le quote[\s\S]*resti maggiori/);
    expect(paid(1_000)).not.toContain('per intero');
  });
});

describe('Modello P', () => {
  it('prints both variants', () => {
    const base = project('inAutorizzazione').context as Contesto;
    const senza = textOf(say('modelloP', step(base)));
    const con = textOf(say('modelloP', step({ ...base, modelloP: { ...base.modelloP!, variante: 'conSiO', scuolaInOspedale: { nome: 'SiO Policlinico di Bari', sentitaIl: '2026-10-04' } } })));
    expect(senza).toContain('Modello P (senza SiO)');
    expect(senza).not.toContain('Sentita il');
    expect(con).toContain('Modello P (con SiO)');
    expect(con).toMatch(/SiO Policlinico di Bari[\s\S]*04\/10\/2026/);
    for (const part of ['Italiano', 'Matematica', 'Comprensione e produzione del testo', '30,00', '20,00', '2.554,48 €', '629,48 €', '1.277,24 €', '1.300,00 €', 'n. 45', 'n. 12 - PTOF 2025-28, par. 4.3', 'Carla Bianchi', 'Docente verdi']) expect(senza).toContain(part);
  });

  it('keeps teachers paid by others out of what is shared, and shows the fields that the polo added', () => {
    const pure = project('numerata');
    for (const docente of ['bianchi', 'verdi']) pure.must('registraDisponibilita', disponibilita(docente, docente === 'verdi' ? { provenienza: 'viciniore', fonte: 'altro', fonteDescrizione: 'Comune di Bari', assenzaAdesioni: 'nota del 3 ottobre' } : {}), 'dirigente');
    const context: Contesto = { ...pure.context, modelloP: { ...modelloP(), inviatoIl: '2026-10-06', campiAggiuntivi: { sede: 'Via Roma', dataVisita: '2026-11-03', concordato: true } } };
    const text = textOf(say('modelloP', step(context)));
    expect(text).toMatch(/Comune di Bari[\s\S]*A carico del FIS o di altre forme\n1\.021,79 €[\s\S]*A carico del progetto\n1\.532,69 €/);
    expect(text).toMatch(/Altri dati[\s\S]*Via Roma[\s\S]*03\/11\/2026[\s\S]*sì/);
  });
});

describe('Modello Z', () => {
  const docenti = (...minuti: number[]) => minuti.map((value, i) => ({ docente: `d${i}`, minuti: value, costoCents: 0, fonte: 'progetto' }));
  const at2024 = (context: Contesto): Contesto => ({ ...context, annoScolastico: '2024/25' });

  it('of 20 hours at 35.00 € is 928.90 €: gross 700.00, INPDAP 169.40, IRAP 59.50', () => {
    const context = at2024({ ...BOZZA, numero: 'ID-2024/25-0001', rendiconto: { il: '2025-06-20', modello: 'modelloZ', compilatoDa: 'DSGA Neri', minutiContabili: 1_200, docenti: [{ docente: 'bianchi', minuti: 1_200, costoCents: 92_890, fonte: 'progetto' }], costoCents: 92_890, quotaPoloCents: 46_445, iban: null } });
    const text = textOf(say('modelloZ', step(context)));
    for (const part of ['20,00', '35,00 €', '700,00 €', '169,40 €', '59,50 €', '928,90 €', '464,45 €', 'Modello Z', 'DSGA Neri']) expect(text).toContain(part);
    expect(text).not.toContain('445');
  });

  it('as self-certification cites the norm', () => {
    const context = { ...BOZZA, rendiconto: { il: '2026-12-20', modello: 'autocertificazione' as const, compilatoDa: 'DSGA Neri', minutiContabili: 0, docenti: [], costoCents: 0, quotaPoloCents: 0, iban: 'IT60X0542811101000000123456' } };
    const text = textOf(say('modelloZ', step(context)));
    for (const part of ['artt. 46 e 47', 'd.P.R. 28 dicembre 2000, n. 445', 'art. 76', 'IT60 X054 2811 1010 0000 0123 456']) expect(text).toContain(part);
  });

  it('adds up in every row and every column, whatever the minutes', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 12 }), minuti => {
      const righe = docenti(...minuti).map(riga => rigaCosto(step(BOZZA), riga));
      for (const { lordoCents, inpdapCents, irapCents, costoCents } of righe) {
        expect(lordoCents + inpdapCents + irapCents).toBe(costoCents);
        expect(Math.min(lordoCents, inpdapCents, irapCents)).toBeGreaterThanOrEqual(0);
      }
      const rendiconto = { il: '2026-12-20', modello: 'modelloZ' as const, compilatoDa: 'x', minutiContabili: minuti.reduce((a, b) => a + b, 0), docenti: righe.map(({ docente, minuti: m, costoCents, fonte }) => ({ docente, minuti: m, costoCents, fonte })), costoCents: righe.reduce((sum, { costoCents }) => sum + costoCents, 0), quotaPoloCents: 0, iban: null };
      const table = say('modelloZ', step({ ...BOZZA, rendiconto })).blocks.find(block => 'table' in block) as Extract<DocumentModel['blocks'][number], { table: unknown }>;
      const cents = (cell: string) => Number(cell.replace(/[ .€]/g, '').replace(',', ''));
      for (const column of [4, 5, 6, 7]) expect(table.table.rows.reduce((sum, row) => sum + cents(row[column]!), 0)).toBe(cents(table.table.foot![0]![column]!));
      expect(table.table.foot![0]![7]).toBe(euro(rendiconto.costoCents));
    }), { numRuns: 100 });
  });
});

describe('Modello OF', () => {
  it('prints every lesson, corrected and withdrawn ones too, with what counts and why not', () => {
    const pure = project('inCorso', { lezioni: LEZIONI });
    pure.must('rettificaLezione', { lezione: 'L0001', motivo: 'orario errato', nuova: lezione('2026-10-19', '15:00', '16:30') }, 'docente').must('annullaLezione', { lezione: 'L0002', motivo: 'non svolta' }, 'docente');
    const model = of(pure, 'registroOF');
    const text = textOf(model);
    expect(model.landscape).toBe(true);
    for (const part of ['Lezione L0001', 'Sostituita da L0004', 'Rettifica di L0001: orario errato', 'Annullata il 21/10/2026: non svolta', '15:00 - 16:30', 'Online oltre il servizio, non ancora certificata dal dirigente', 'Docente: Docente bianchi', 'Docente: Docente verdi', 'Verifica scritta']) expect(text).toContain(part);
    // 1.5 h in presence and 1 h online that nobody certified: replaced and withdrawn ones are not summed.
    expect(model.blocks.flatMap(block => ('table' in block ? block.table.foot! : [])).map(row => row.filter(Boolean))).toEqual([['Totale', '2,50', '1,50'], ['Totale', '0,00', '0,00'], ['Totale', '2,50', '1,50']]);
  });

  it('is of one teacher where the command names one, signed and visaed', () => {
    const pure = project('rendicontata', { lezioni: LEZIONI });
    const model = of(pure, 'registroOF', { data: { docente: 'verdi' } });
    expect(textOf(model)).not.toContain('bianchi');
    expect(model.signatures).toEqual([
      { role: 'Il docente', name: 'Docente verdi', note: "registro firmato con l'account di \ue000person:docente.user\ue001 il 21/10/2026, vistato dal Dirigente scolastico il 21/10/2026" },
      { role: 'Visto: Il Dirigente scolastico', name: '\ue000person:dirigente.user\ue001', note: "vistato con l'account il 21/10/2026" },
    ]);
  });

  it('totals are those of the accounts, for any lessons', () => {
    const pure = project('autorizzata');
    const anyLezione = fc.record({ giorno: fc.integer({ min: 12, max: 31 }), ora: fc.integer({ min: 8, max: 18 }), minuti: fc.integer({ min: 1, max: 59 }), docente: fc.constantFrom('bianchi', 'verdi', 'altri'), online: fc.boolean() });
    fc.assert(fc.property(fc.array(anyLezione, { maxLength: 30 }), lessons => {
      const items = lessons.map(({ giorno: day, ora, minuti, docente, online }, i): Item<Lezione> => ({ kind: 'lezione', key: `L${String(i + 1).padStart(4, '0')}`, data: { ...lezione(`2026-10-${day}`, `${String(ora).padStart(2, '0')}:00`, `${String(ora).padStart(2, '0')}:${String(minuti).padStart(2, '0')}`, { docente, modalita: online ? 'online' : 'presenza' }), registrataIl: '2026-11-01' } as unknown as Lezione }));
      const model = of(pure, 'registroOF', { facts: { items, members: [], attachments: [] } });
      expectOfficial(model, 'registroOF');
      const tables = model.blocks.flatMap(block => ('table' in block ? [block.table] : []));
      expect(tables.flatMap(({ columns, rows }) => (columns.length === 10 ? rows : []))).toHaveLength(items.length);
    }), { numRuns: 40 });
  });
});

describe('attestation and note for the scrutiny', () => {
  const conclusa = (frequenzeOspedale: Contesto['frequenzeOspedale'] = [], periodi?: { dal: string; al: string }[]) => {
    const pure = project('conclusa', { lezioni: LEZIONI, ...(periodi ? { periodi } : {}) });
    return { ...pure.context, frequenzeOspedale } as Contesto;
  };
  const items = itemsOf(project('inCorso', { lezioni: LEZIONI }));
  const told = (name: string, context: Contesto) => textOf(say(name, step(context, { at: '2027-06-01T08:00:00.000Z', facts: { items, members: [], attachments: [] } })));

  it('count hours and days, quote the rule, and cite the law of the order of school', () => {
    const text = told('attestazione', conclusa());
    for (const part of ['Rossi Anna', '3,83 ore di lezione in 3 giorni', 'hanno lo stesso valore dei giorni di frequenza presso la scuola di appartenenza', 'vengono conteggiati al fine della validità', 'd.lgs. 13 aprile 2017, n. 62']) expect(text).toContain(part);
    expect(told('attestazione', { ...conclusa(), ordine: 'secondariaSecondoGrado' })).toContain("art. 14, comma 7, del d.P.R. 22 giugno 2009, n. 122");
    expect(told('attestazione', { ...conclusa(), ordine: 'primaria' })).not.toMatch(/tre quarti/);
  });

  it('count no day after the conclusion, and of two lessons at the same time one', () => {
    const context = { ...conclusa([], [{ dal: '2026-10-12', al: '2027-06-09' }]), conclusaIl: '2026-10-24' };
    const text = told('attestazione', context);
    expect(text).toContain('nel periodo dal 12/10/2026 al 24/10/2026');
    expect(text).toMatch(/Istruzione domiciliare \(periodo certificato\)\s+12\s/);
    expect(text).not.toContain('durata prevalente');
    const twice = [...items, { ...items[0]!, key: 'L0009', data: { ...items[0]!.data as unknown as Lezione, docente: 'verdi' } as never }];
    expect(textOf(say('attestazione', step(conclusa(), { at: '2027-06-01T08:00:00.000Z', facts: { items: twice, members: [], attachments: [] } })))).toContain('3,83 ore di lezione in 3 giorni');
  });

  it('say who assesses where lessons at home prevail', () => {
    const context = { ...conclusa([], [{ dal: '2026-10-12', al: '2027-06-09' }]), conclusaIl: '2027-06-09' };
    expect(told('attestazione', context)).toContain('entrano a tutti gli effetti nel Consiglio di classe');
    expect(told('notaScrutinio', context)).toMatch(/durata prevalente[\s\S]*appartengono già al Consiglio di classe/);
    const esterno = { ...context, disponibilita: { ...context.disponibilita, verdi: { ...context.disponibilita.verdi!, provenienza: 'esterno' as const } } };
    expect(told('notaScrutinio', esterno)).toContain('Entrano nel Consiglio di classe: Docente verdi.');
  });

  it('say who assesses where the hospital prevails', () => {
    const text = told('notaScrutinio', conclusa([{ scuola: 'SiO Policlinico di Bari', dal: '2026-12-21', al: '2027-06-09', giorni: 120, ore: 300.5, attestazione: 'prot. 12' }]));
    for (const part of ['SiO Policlinico di Bari', '300,50', '120', 'effettuano lo scrutinio previa intesa con la scuola di riferimento']) expect(text).toContain(part);
    expect(text).not.toContain('entrano a tutti gli effetti');
  });

  it('say so when neither prevails, and when the calendar is missing', () => {
    expect(told('notaScrutinio', conclusa())).toContain('Né le lezioni a domicilio');
    expect(told('notaScrutinio', { ...conclusa(), regione: 'Molise' })).toContain('non è disponibile');
  });
});

describe('words', () => {
  it.each([[0, '0,00 €'], [5, '0,05 €'], [92_890, '928,90 €'], [123_456, '1.234,56 €'], [100_000_000_00, '100.000.000,00 €']])('of %d cents are %s', (cents, text) => expect(euro(cents)).toBe(text));
  it.each([[50, '0,83'], [750, '12,50'], [60_000, '1.000,00']])('of %d minutes are %s hours', (minuti, text) => expect(oreDi(minuti)).toBe(text));
  it('of dates, lists and initials', () => {
    expect([giorno('2026-10-05'), elenco([]), elenco(['a']), elenco(['a', 'b']), elenco(['a', 'b', 'c']), decimale(99), iniziali({ nome: 'Anna  Maria', cognome: "d'Élia Òro", classe: '1A' })]).toEqual(['05/10/2026', '', 'a', 'a e b', 'a, b e c', '0,99', 'A.M.D.Ò.']);
  });
});
