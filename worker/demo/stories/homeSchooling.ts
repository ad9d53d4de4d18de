/** One project of istruzione domiciliare, from the certificate to the payment, as the people of the school and of the polo live it. */
import { addDays } from '../../../plugins/calendar.ts';
import type { Cast } from '../cast.ts';
import type { StoryDates } from '../dates.ts';
import { chapter, euro, localDay, note, ore, tell } from '../narrator.ts';
import { StepError, type Person } from '../person.ts';
import { cannotSee, figures } from '../steps.ts';

interface Told { progetto: string; fondo: string; numero: string; liquidato: boolean }

const PROCESSO = 'istruzione-domiciliare', FONDO = 'fondo-istruzione-domiciliare';
/** Teachers by their codes: the first has an account (docente.bari), the second has none. */
const COLELLA = 'colella', VERDI = 'verdi';

export async function tellHomeSchooling(cast: Cast, dates: StoryDates): Promise<Told> {
  const { oggi } = dates;
  const progetto = await richiesta(cast, dates);
  const numero = await numerazione(cast, progetto);
  await pianificazione(cast, dates, progetto);
  await lezioni(cast, dates, progetto);
  await proroga(cast, dates, progetto);
  const fondo = await finanziamento(cast, dates, progetto);
  await rendicontazione(cast, oggi, progetto);
  const liquidato = await liquidazione(cast, oggi, { progetto, numero }, fondo);
  return { progetto, fondo, numero, liquidato };
}

const certificato = (rilasciatoIl: string, periodi: unknown) => ({ modello: 'S', emittente: 'strutturaOspedaliera', rilasciatoIl, periodi });

async function richiesta({ segreteria, docente, famiglia, altraScuola, polo, scuola, codicePolo, famigliaId }: Cast, dates: StoryDates): Promise<string> {
  chapter('La richiesta');
  const bozza = await segreteria.begin(PROCESSO, {
    alunno: { nome: 'Anna', cognome: 'Rossi', classe: '2B' }, ordine: 'secondariaPrimoGrado', esameDiStato: false, regione: 'Puglia',
  }, { scuola, polo: codicePolo, famiglia: famigliaId }, 'apre la bozza del progetto per Anna Rossi, classe 2B');
  const id: string = bozza.id;
  await cannotSee(polo, id, 'cerca la bozza, che non gli è ancora stata inviata');
  await cannotSee(altraScuola, id, 'cerca la pratica di un’altra scuola');
  await segreteria.attach(id, 'modelloS', 'Modello S - certificazione sanitaria', ['Si certifica che l’alunna non può frequentare la scuola.', `Periodi: ${dates.periodi.map(({ dal, al }) => `${localDay(dal)} - ${localDay(al)}`).join('; ')}`]);
  const scritto = await famiglia.write(id, 'modelloG', { firmatario: 'Giulia Rossi', qualita: 'genitore' }, 'comincia il modello G dal telefono: la bozza si salva da sé');
  note(`Mancano ancora: ${scritto.errors.map((error: any) => error.pointer).join(', ')}.`);
  await famiglia.write(id, 'modelloG', { firmatoIl: dates.oggi, telefono: '080 5551234' }, 'la riprende e la completa');
  const modelloG = (await famiglia.get(`/cases/${id}/forms/modelloG/draft`)).data;
  await segreteria.isRefused(id, 'firmaModelloG', { modelloG }, 'prova a firmare al posto del genitore', 403);
  await famiglia.give(id, 'firmaModelloG', { modelloG }, 'firma il modello G con il proprio account');
  const firma = addDays(dates.periodi[0]!.dal, -1);
  const presenta = (periodi: unknown, cognome = 'Rossi') => ({ certificato: { ...certificato(firma, periodi), intestatario: { nome: 'Anna', cognome } } });
  await docente.isRefused(id, 'presenta', presenta(dates.periodi), 'prova a presentare il progetto', 403);
  await segreteria.isRefused(id, 'presenta', presenta(dates.periodi, 'Russo'), 'presenta il certificato di un’altra alunna', 422, ['certificatoDiAltroAlunno']);
  const refusal = await segreteria.isRefused(id, 'presenta', presenta(dates.troppoBreve), 'presenta il progetto con un’assenza breve', 422, ['assenzaTroppoBreve']);
  figures(refusal, ['giorni', 'soglia']);
  const presentata = await segreteria.give(id, 'presenta', presenta(dates.periodi), 'presenta il progetto con il certificato giusto (due periodi, 44 giorni)', 'presentata');
  note(`Giorni di assenza contati: ${presentata.data.giorniAssenza}. La PEC alla scuola polo parte da sola.`);
  await spedita(segreteria, id, 'vede partire la PEC con la lettera, i modelli e la segnatura');
  const mine = await famiglia.get(`/cases?process=${PROCESSO}`);
  if (!mine.items.some((item: any) => item.id === id)) throw new StepError('la famiglia non vede la propria pratica');
  tell('·', famiglia.label, 'vede la pratica della figlia nel portale');
  return id;
}

async function numerazione({ polo, segreteria }: Cast, id: string): Promise<string> {
  chapter('Il numero');
  await segreteria.isRefused(id, 'assegnaNumero', {}, 'prova ad assegnarsi il numero', 403);
  const numerata = await polo.give(id, 'assegnaNumero', {}, 'assegna il numero dal registro dell’anno scolastico', 'numerata');
  note(`Numero di progetto: ${numerata.number}.`);
  await spedita(polo, id, 'vede partire la comunicazione del numero');
  return numerata.number;
}

async function pianificazione({ segreteria, dirigente, referente, polo, dirigentePolo, docenteId }: Cast, dates: StoryDates, id: string): Promise<void> {
  chapter('La pianificazione e l’autorizzazione');
  const atto = addDays(dates.periodi[0]!.dal, -3);
  await referente.isRefused(id, 'inviaModelloP', modelloP(atto, 999_999), 'invia il modello P prima degli atti', 422);
  await segreteria.give(id, 'registraDeliberaCollegio', { numero: '12', data: atto, ptof: 'PTOF, par. 4.3' }, 'registra la delibera generale del Collegio dei docenti');
  await segreteria.give(id, 'informaConsiglioClasse', { data: atto, verbale: 'verbale n. 2' }, 'registra che il Consiglio di classe è informato');
  await segreteria.give(id, 'registraDisponibilita', {
    docente: COLELLA, nome: 'Marco Colella', provenienza: 'classe', discipline: ['italiano', 'storia'], dichiarazione: { data: atto }, fonte: 'progetto', utente: docenteId,
  }, 'registra la disponibilità del prof. Colella (della classe)');
  await segreteria.give(id, 'registraDisponibilita', {
    docente: VERDI, nome: 'Paolo Verdi', provenienza: 'istituto', discipline: ['matematica'], dichiarazione: { data: atto }, fonte: 'progetto', assenzaAdesioni: 'Nessun docente di matematica della classe ha aderito.',
  }, 'registra la disponibilità del prof. Verdi (dell’istituto)');
  await segreteria.give(id, 'nominaReferente', { nome: 'Lucia Fanelli', data: atto }, 'nomina la referente del progetto');
  await referente.attach(id, 'modelloP', 'Modello P - progetto senza SiO', ['Piani di lavoro: italiano 16 ore, matematica 8 ore.', 'Piano finanziario e delibera del Consiglio di Istituto.']);
  const refusal = await referente.isRefused(id, 'inviaModelloP', modelloP(atto, 10_000), 'invia il modello P con una delibera insufficiente', 422, ['cofinanziamentoInsufficiente']);
  const { dovutoCents } = figures(refusal, ['deliberatoCents', 'dovutoCents', 'costoCents']);
  const inviata = await referente.give(id, 'inviaModelloP', modelloP(atto, dovutoCents as number), `invia il modello P con il cofinanziamento di ${euro(dovutoCents as number)}`, 'inAutorizzazione');
  const piano = inviata.data.pianoFinanziario;
  note(`Piano finanziario: ${euro(piano.costoCents)}, di cui oneri riflessi ${euro(piano.oneriRiflessiCents)}; quota della scuola polo ${euro(piano.quotaPoloCents)}.`);
  await spedita(segreteria, id, 'vede partire la PEC con il modello P');
  await dirigente.isRefused(id, 'autorizza', { oreAutorizzate: 24 }, 'prova ad autorizzarsi le ore', 403);
  const troppe = await polo.isRefused(id, 'autorizza', { oreAutorizzate: 60 }, 'autorizza 60 ore', 422, ['oreOltreMassimo']);
  figures(troppe, ['richieste', 'massime', 'settimane', 'tettoSettimanale']);
  await polo.give(id, 'autorizza', { oreAutorizzate: 24 }, 'autorizza 24 ore', 'inControfirma');
  await polo.isRefused(id, 'controfirma', {}, 'prova a controfirmare da sé', 403);
  await dirigentePolo.give(id, 'controfirma', {}, 'controfirma l’autorizzazione', 'autorizzata');
  await spedita(polo, id, 'vede partire l’autorizzazione firmata');
}

const modelloP = (data: string, importoCents: number) => ({
  variante: 'senzaSiO',
  pianiDiLavoro: [
    { disciplina: 'italiano', docente: COLELLA, ore: 16, obiettivi: 'Comprensione e produzione del testo' },
    { disciplina: 'matematica', docente: VERDI, ore: 8, obiettivi: 'Frazioni e proporzioni' },
  ],
  deliberaConsiglioIstituto: { numero: '45', data, importoCents },
});

const lezione = (data: string, docente: string, changes: object = {}) => ({
  data, inizio: '15:00', fine: '17:00', docente, disciplina: docente === COLELLA ? 'italiano' : 'matematica', modalita: 'presenza', attivita: 'Lezione a domicilio', firmaFamiliare: 'Giulia Rossi', ...changes,
});

async function lezioni({ docente, referente, dirigente, famiglia }: Cast, { lezioni: dates, oggi }: StoryDates, id: string): Promise<void> {
  chapter('Le lezioni (registro, modello OF)');
  await docente.isRefused(id, 'registraLezione', lezione(addDays(oggi, 1), COLELLA), 'registra una lezione di domani', 422, ['lezioneFutura']);
  let seen: any;
  for (const [i, data] of dates.entries()) {
    const who = i % 2 === 0 ? COLELLA : VERDI;
    const person = who === COLELLA ? docente : referente;
    // One entry was written without the signature of the family.
    const forgotten = i === dates.length - 1;
    seen = await person.give(id, 'registraLezione', lezione(data, who, forgotten ? { firmaFamiliare: undefined } : {}), `registra la lezione di ${localDay(data)}, 15–17 (${who})`, 'inCorso');
  }
  const unsigned = seen.data.registro.find((row: any) => row.motivo === 'mancaFirmaFamiliare');
  if (!unsigned) throw new StepError('una lezione senza firma del familiare doveva risultare non contabile');
  note('La lezione senza firma del familiare è nel registro, ma non è contabile.');
  seen = await docente.give(id, 'rettificaLezione', { lezione: unsigned.lezione, motivo: 'Mancava la firma del familiare', nuova: lezione(unsigned.data, unsigned.docente) }, 'la rettifica con la firma: la prima scrittura resta');
  const beyond = seen.data.registro.filter((row: any) => row.motivo === 'oltreTettoSettimanale');
  if (beyond.length !== 1) throw new StepError(`una lezione doveva superare il tetto settimanale, sono ${beyond.length}`);
  note(`La lezione di ${localDay(beyond[0].data)} supera le 5 ore settimanali: registrata, contabile solo per ${ore(beyond[0].oreContabili)} su ${ore(beyond[0].ore)}.`);
  const online = await docente.give(id, 'registraLezione', lezione(dates.at(-1)!, COLELLA, { inizio: '18:00', fine: '19:00', modalita: 'online', oltreServizio: true, firmaFamiliare: undefined }), 'registra un’ora online oltre il servizio');
  const { lezione: key } = online.data.registro.find((row: any) => row.motivo === 'onlineNonCertificata');
  seen = await dirigente.give(id, 'certificaOreOnline', { lezioni: [key] }, 'certifica l’ora online: ora è contabile');
  const { autorizzate, contabili, residue } = seen.data.ore;
  note(`Ore autorizzate ${ore(autorizzate)}, contabili ${ore(contabili)}, residue ${ore(residue)}.`);
  const parent = await famiglia.get(`/cases/${id}`);
  const { oreLezione, giorniLezione } = parent.data.attestazione;
  tell('·', famiglia.label, `legge l’attestazione: ${ore(oreLezione)} di lezione in ${giorniLezione} giorni`);
}

async function proroga({ segreteria, docente, polo }: Cast, dates: StoryDates, id: string): Promise<void> {
  chapter('La proroga, accanto alle lezioni');
  const [periodo] = dates.proroga;
  await segreteria.attach(id, 'modelloSAggiornato', 'Modello S aggiornato', [`Ulteriore periodo: ${localDay(periodo!.dal)} - ${localDay(periodo!.al)}`]);
  await segreteria.attach(id, 'richiestaProroga', 'Modello di richiesta di proroga', ['Si chiede la proroga del progetto per altre 6 ore.']);
  const request = (periodi: unknown) => ({ certificato: certificato(dates.oggi, periodi), oreRichieste: 6 });
  await segreteria.isRefused(id, 'chiediProroga', request([dates.periodi[1]]), 'chiede la proroga con il vecchio periodo', 422, ['prorogaSenzaUlteriorePeriodo']);
  await segreteria.give(id, 'chiediProroga', request(dates.proroga), `chiede la proroga fino a ${localDay(periodo!.al)}`, 'inCorso');
  await docente.give(id, 'registraLezione', lezione(dates.lezioni.at(-2)!, COLELLA, { inizio: '09:00', fine: '10:00' }), 'intanto registra una lezione dimenticata', 'inCorso');
  const granted = await polo.give(id, 'autorizzaProroga', { oreAutorizzate: 6 }, 'autorizza la proroga per altre 6 ore', 'inCorso');
  note(`Ore autorizzate in tutto: ${ore(granted.data.ore.autorizzate)}.`);
  await spedita(polo, id, 'vede partire la proroga');
}

async function finanziamento({ polo, dirigentePolo }: Cast, { oggi, annoScolastico }: StoryDates, id: string): Promise<string> {
  chapter('Il fondo della scuola polo');
  const fondo = await polo.waitFor(`vede il fondo dell’a.s. ${annoScolastico}, aperto dal primo progetto autorizzato`, async () => {
    const { items } = await polo.get(`/cases?process=${FONDO}&limit=50`);
    const found = items.find((item: any) => item.row.annoScolastico === annoScolastico);
    if (!found) return null;
    const seen = await polo.get(`/cases/${found.id}`);
    return seen.data.progetti.some((riga: any) => riga.progetto === id && riga.attivato) ? seen : null;
  });
  const atto = { numero: `prova-${Date.now()}`, data: oggi };
  await polo.isRefused(fondo.id, 'liquida', { atto }, 'prova a liquidare senza essere il dirigente', 403);
  await dirigentePolo.isRefused(fondo.id, 'liquida', { atto }, 'prova a liquidare senza soldi e senza rendiconti', 422, ['finanziamentoMancante', 'rendicontiMancanti']);
  const funded = await polo.give(fondo.id, 'registraFinanziamento', { importoCents: 100_000, atto }, `registra il finanziamento MIUR di ${euro(100_000)}`);
  note(`Residuo del fondo: ${euro(funded.data.residuoCents)}.`);
  const missing = await dirigentePolo.isRefused(fondo.id, 'liquida', { atto }, 'prova a liquidare prima dei rendiconti', 422, ['rendicontiMancanti']);
  figures(missing, ['attivati', 'rendicontati', 'mancano']);
  return fondo.id;
}

async function rendicontazione({ segreteria, dirigente, dsga, docente, referente }: Cast, oggi: string, id: string): Promise<void> {
  chapter('La conclusione e la rendicontazione');
  await segreteria.give(id, 'concludi', { nota: 'L’alunna torna a scuola' }, 'conclude il progetto', 'conclusa');
  await dirigente.isRefused(id, 'vistaRegistro', { docente: COLELLA }, 'vista il registro prima della firma', 422, ['registroNonFirmato']);
  for (const [codice, person] of [[COLELLA, docente], [VERDI, referente]] as const) {
    await person.attach(id, 'relazioneFinale', `Relazione finale (${codice})`, ['Il percorso si è svolto come previsto.']);
    await person.give(id, 'consegnaRelazione', { docente: codice, data: oggi }, `consegna la relazione finale (${codice})`);
    await docente.give(id, 'firmaRegistro', { docente: codice }, codice === COLELLA ? 'firma il proprio registro' : 'firma il registro del prof. Verdi, che non ha un’utenza propria');
    await dirigente.give(id, 'vistaRegistro', { docente: codice }, `vista il registro (${codice})`);
  }
  await dirigente.attach(id, 'modelloV', 'Modello V - verifica e valutazione', ['Obiettivi raggiunti.']);
  await dsga.attach(id, 'modelloZ', 'Modello Z - rendicontazione', ['Ore per docente e in totale.']);
  await referente.attach(id, 'modelloOF', 'Modello OF - registri (scansione)', ['Registri individuali firmati e vistati.']);
  const { data: { registri, ore: { contabili } } } = await dsga.get(`/cases/${id}`);
  const docenti = registri.map((registro: any) => ({ docente: registro.docente, ore: registro.oreContabili }));
  const declared = (righe: unknown, totaleOre: number) => ({
    modelloV: { data: oggi, valutazione: 'L’alunna ha seguito le lezioni con interesse e ha raggiunto gli obiettivi previsti.', discipline: [{ disciplina: 'italiano', esito: 'Obiettivi raggiunti' }, { disciplina: 'matematica', esito: 'Obiettivi raggiunti in parte' }] },
    modelloZ: { tipo: 'modelloZ', compilatoDa: 'DSGA Rosa Cassano', docenti: righe, totaleOre, iban: 'IT60X0542811101000000123456' },
  });
  const wrong = docenti.map((riga: any, i: number) => ({ ...riga, ore: riga.ore + (i === 0 ? 1 : 0) }));
  const refusal = await dirigente.isRefused(id, 'rendiconta', declared(wrong, contabili + 1), 'invia il modello Z con un’ora di troppo', 422, ['oreNonCoincidenti']);
  for (const { docente: codice, registro, dichiarate } of refusal.figures.docenti) note(`  ${codice}: nei registri ${ore(registro)}, nel modello Z ${ore(dichiarate)}`);
  note(`  in totale: nei registri ${ore(refusal.figures.totaleRegistro)}, nel modello Z ${ore(refusal.figures.totaleDichiarato)}`);
  const reported = await dirigente.give(id, 'rendiconta', declared(docenti, contabili), `invia la rendicontazione con le ore giuste (${ore(contabili)})`, 'rendicontata');
  const { costoCents, quotaPoloCents } = reported.data.rendiconto;
  note(`Costo ${euro(costoCents)}, quota a carico della scuola polo ${euro(quotaPoloCents)}.`);
  await spedita(segreteria, id, 'vede partire la rendicontazione con i modelli V, Z e OF');
}

async function liquidazione({ polo, dirigentePolo, segreteria }: Cast, oggi: string, { progetto: id, numero }: Pick<Told, 'progetto' | 'numero'>, fondo: string): Promise<boolean> {
  chapter('La liquidazione');
  await polo.waitFor('vede il rendiconto arrivare nel fondo', async () => {
    const { data } = await polo.get(`/cases/${fondo}`);
    return data.progetti.some((riga: any) => riga.progetto === id && riga.rendicontatoIl) ? data : null;
  });
  const atto = { numero: `liq-${Date.now()}`, data: oggi };
  const answer = await dirigentePolo.call('POST', `/cases/${fondo}/commands/liquida`, { atto });
  if (answer.status === 422 && answer.body.rule === 'rendicontiMancanti' && !answer.body.figures.progetti.some((riga: any) => riga.numero === numero)) {
    // On an installation in use: this is just what the rule is for.
    tell('✗', dirigentePolo.label, `liquida: rifiutato (422). ${answer.body.detail}`);
    note('Altri progetti di questa installazione sono attivati e non rendicontati: il racconto si ferma qui, come vuole la procedura.');
    return false;
  }
  if (answer.status !== 200) throw new StepError(`la liquidazione doveva riuscire, ha dato ${answer.status} ${JSON.stringify(answer.body)}`);
  tell('✓', dirigentePolo.label, `liquida il fondo → ${answer.body.stateLabel}`);
  const paid = answer.body.data.liquidazioni.at(-1);
  note(`Disponibili ${euro(paid.disponibileCents)}, dovuti ${euro(paid.dovutoCents)}, liquidati ${euro(paid.liquidatoCents)} a ${paid.progetti} progetti.`);
  const done = await segreteria.waitFor('vede il progetto liquidato', async () => {
    const seen = await segreteria.get(`/cases/${id}`);
    return seen.state === 'liquidata' ? seen : null;
  });
  note(`Alla scuola: ${euro(done.data.liquidazione.quotaCents)} (${done.data.liquidazione.atto}).`);
  return true;
}

/** Waits until what the case owes was made, registered and sent; tells the last registration. */
async function spedita(person: Person, id: string, told: string): Promise<void> {
  const seen = await person.waitFor(told, async () => {
    const answer = await person.get(`/cases/${id}`);
    return answer.agenda.effects.length === 0 ? answer : null;
  });
  const numbered = seen.documents.filter((document: any) => document.protocol);
  const last = numbered.toSorted((a: any, b: any) => (a.madeAt < b.madeAt ? -1 : 1)).at(-1);
  if (last) note(`${last.label}: protocollo n. ${last.protocol.number} del ${localDay(last.protocol.day)}, registro di ${last.organisation}.`);
}
