/**
 * The chart of a project of istruzione domiciliare: names only. Rules, updates, terms and effects stand beside it.
 * Regions begin in `verifica`, which looks at what the case remembers: so a state can be entered again, e.g. when
 * a proroga is granted, without losing what is pending.
 */
import { createMachine } from 'xstate';

const to = (state: string) => `#istruzione-domiciliare.${state}`;

/** The school's acts of planning, recorded in any order (Procedura ID, "Pianificazione"). */
const ATTI = {
  registraDeliberaCollegio: { guard: 'attoNonFuturo', actions: 'registraDelibera' },
  informaConsiglioClasse: { guard: 'attoNonFuturo', actions: 'registraInformativa' },
  registraDisponibilita: { guard: 'disponibilitaRegolare', actions: 'registraDocente' },
  nominaReferente: { guard: 'attoNonFuturo', actions: 'registraReferente' },
};
/** "I giorni di frequenza presso la scuola in ospedale o di ID … vengono conteggiati al fine della validità dell'anno." */
const FREQUENZA = {
  registraFrequenzaOspedale: { guard: 'frequenzaRegolare', actions: 'registraFrequenza' },
  rilasciaAttestazione: { actions: 'attestaFrequenza' },
};
/** "Possono variare le ore attribuite ai docenti o i nominativi degli stessi": also later. */
const DOCENTI = { registraDisponibilita: ATTI.registraDisponibilita, nominaReferente: ATTI.nominaReferente };

const RESPINGI = { target: to('respinta'), actions: ['registraRespingimento', 'notificaRespingimento', 'avvisaRespingimento'] };
const CHIEDI_INTEGRAZIONE = { guard: 'termineRichiestaFuturo', target: to('integrazione'), actions: ['registraRichiestaIntegrazione', 'notificaRichiestaIntegrazione'] };
const RICORDA_RISPOSTA = { rispostaPolo: { actions: 'ricordaRisposta' } };
const MODELLO_P = ['registraModelloP', 'notificaModelloP'];
const PROPONI = { target: to('inControfirma'), actions: 'registraProposta' };
const AUTORIZZA = ['registraAutorizzazione', 'notificaAutorizzazione', 'avvisaAutorizzazione', 'iscriviAlFondo'];
const ANNULLA = { target: to('annullata'), actions: ['registraAnnullamento', 'notificaAnnullamento', 'avvisaAnnullamento'] };
const RINUNCIA = { target: to('rinuncia'), actions: ['registraRinuncia', 'notificaRinuncia', 'avvisaRinuncia'] };
const DECADENZA = { guard: 'decadenzaDichiarabile', target: to('decadenza'), actions: ['registraDecadenza', 'notificaDecadenza', 'avvisaDecadenza'] };
/** Once authorised, the fund must know that it waits for this project no more. */
const USCITE_DAL_FONDO = {
  rinuncia: { ...RINUNCIA, actions: [...RINUNCIA.actions, 'togliDalFondo'] },
  dichiaraDecadenza: { ...DECADENZA, actions: [...DECADENZA.actions, 'togliDalFondo'] },
};
const REGISTRO = {
  rettificaLezione: { guard: 'lezioneRettificabile', actions: ['contaRettifica', 'scriviRettifica'] },
  annullaLezione: { guard: 'lezioneAnnullabile', actions: ['contaAnnullamento', 'scriviAnnullamento'] },
  certificaOreOnline: { guard: 'oreCertificabili', actions: 'scriviCertificazione' },
};
const LEZIONE = ['contaLezione', 'scriviLezione'];

/** A silent school is reminded by the polo; when the term is over, decadenza may be declared. */
const SOLLECITA = { guard: 'termineRichiestaFuturo', target: 'inviato', reenter: true, actions: ['registraSollecito', 'notificaSollecito'] };
const sollecito = () => ({
  initial: 'verifica',
  states: {
    verifica: { always: [{ guard: 'haSollecito', target: 'inviato' }, { target: 'nessuno' }] },
    nessuno: { on: { sollecita: SOLLECITA } },
    inviato: {
      on: { sollecita: SOLLECITA },
      after: { termineSollecito: [{ guard: 'haSollecito', target: 'scaduto', actions: 'avvisaSollecitoScaduto' }, { target: 'nessuno' }] },
    },
    scaduto: { on: { sollecita: SOLLECITA } },
  },
});

/** The certified period: before it ends the school is told to ask for a proroga or to conclude. */
const periodo = () => ({
  initial: 'verifica',
  states: {
    verifica: { always: [{ guard: 'periodoFinito', target: 'finito' }, { guard: 'periodoInFine', target: 'inFine' }, { target: 'coperto' }] },
    coperto: { after: { preavvisoFinePeriodo: { target: 'inFine', actions: 'ricordaFinePeriodo' } } },
    inFine: { after: { finePeriodo: { target: 'finito', actions: 'avvisaFinePeriodo' } } },
    finito: {},
  },
});

/** The request of a proroga, beside the lessons, which go on meanwhile. */
const proroga = (state: string, requests: object) => ({
  initial: 'verifica',
  states: {
    verifica: { always: [{ guard: 'haProrogaInAttesa', target: 'richiesta' }, { target: 'nessuna' }] },
    nessuna: { ...requests },
    richiesta: {
      after: { rispostaProroga: { actions: 'ricordaRispostaProroga' } },
      on: {
        // The whole state again: the certified period has a new end.
        autorizzaProroga: { guard: 'oreProrogaEntroMassimo', target: to(state), reenter: true, actions: ['registraProroga', 'notificaProroga', 'avvisaProroga', 'iscriviAlFondo'] },
        rifiutaProroga: { target: 'nessuna', actions: ['registraRifiutoProroga', 'notificaRifiutoProroga', 'avvisaRifiutoProroga'] },
      },
    },
  },
});
const CHIEDI_PROROGA = { on: { chiediProroga: { guard: 'prorogaRichiedibile', target: 'richiesta', actions: ['registraRichiestaProroga', 'notificaRichiestaProroga'] } } };

export const machine = createMachine({
  id: 'istruzione-domiciliare',
  initial: 'bozza',
  states: {
    bozza: {
      on: {
        aggiornaBozza: { actions: 'aggiornaDati' },
        consegnaCertificato: { guard: 'consegnabile', actions: 'registraCertificato' },
        firmaModelloG: { guard: 'firmabile', actions: 'registraModelloG' },
        ...ATTI,
        presenta: { guard: 'presentabile', target: 'presentata', actions: ['registraPresentazione', 'notificaPresentazione', 'confermaPresentazione'] },
        annulla: { target: 'annullata', actions: 'registraAnnullamento' },
      },
    },
    presentata: {
      after: RICORDA_RISPOSTA,
      on: {
        ...ATTI,
        // "Insieme ai modelli S e G è possibile anche inviare il modello P."
        inviaModelloP: { guard: 'modelloPCompleto', actions: MODELLO_P },
        assegnaNumero: [
          { guard: 'soloNumeroConP', target: 'inAutorizzazione', actions: ['registraNumero', 'notificaNumero'] },
          { guard: 'soloNumero', target: 'numerata', actions: ['registraNumero', 'notificaNumero'] },
          { guard: 'oreConNumero', target: 'inControfirma', actions: ['registraNumero', 'registraProposta'] },
        ],
        chiediIntegrazione: CHIEDI_INTEGRAZIONE,
        respingi: RESPINGI,
        annulla: ANNULLA,
      },
    },
    integrazione: {
      initial: 'richiesta',
      states: {
        richiesta: {
          after: { termineIntegrazione: { actions: 'ricordaIntegrazione' } },
          on: { integra: { guard: 'integrabile', target: 'ricevuta', actions: ['registraIntegrazione', 'notificaIntegrazione'] } },
        },
        ricevuta: { always: [{ guard: 'haNumero', target: to('inAutorizzazione') }, { target: to('presentata') }] },
      },
      on: {
        ...ATTI,
        inviaModelloP: { guard: 'modelloPCompleto', actions: MODELLO_P },
        respingi: RESPINGI,
        annulla: { ...ANNULLA, guard: 'senzaNumero' },
        rinuncia: { ...RINUNCIA, guard: 'haNumero' },
      },
    },
    numerata: {
      ...sollecito(),
      on: {
        ...ATTI,
        inviaModelloP: { guard: 'modelloPCompleto', target: 'inAutorizzazione', actions: MODELLO_P },
        rinuncia: RINUNCIA,
        dichiaraDecadenza: DECADENZA,
      },
    },
    inAutorizzazione: {
      after: RICORDA_RISPOSTA,
      on: {
        ...DOCENTI,
        inviaModelloP: { guard: 'modelloPCompleto', actions: MODELLO_P },
        autorizza: { guard: 'oreEntroMassimo', ...PROPONI },
        chiediIntegrazione: CHIEDI_INTEGRAZIONE,
        respingi: RESPINGI,
        rinuncia: RINUNCIA,
      },
    },
    /** The operator has worked out the hours; they bind the polo when its dirigente signs too. */
    inControfirma: {
      after: RICORDA_RISPOSTA,
      on: {
        ...DOCENTI,
        controfirma: { guard: 'controfirmabile', target: 'autorizzata', actions: AUTORIZZA },
        rinviaAutorizzazione: { target: 'inAutorizzazione', actions: 'registraRinvio' },
        respingi: RESPINGI,
        rinuncia: RINUNCIA,
      },
    },
    autorizzata: {
      type: 'parallel',
      states: { periodo: periodo(), proroga: proroga('autorizzata', CHIEDI_PROROGA), sollecito: sollecito() },
      on: {
        ...DOCENTI,
        registraLezione: { guard: 'lezioneAvvenuta', target: 'inCorso', actions: [...LEZIONE, 'iscriviAlFondo'] },
        ...USCITE_DAL_FONDO,
      },
    },
    inCorso: {
      type: 'parallel',
      states: { periodo: periodo(), proroga: proroga('inCorso', CHIEDI_PROROGA), sollecito: sollecito() },
      on: {
        ...DOCENTI,
        ...FREQUENZA,
        registraLezione: { guard: 'lezioneAvvenuta', actions: LEZIONE },
        ...REGISTRO,
        concludi: { guard: 'concludibile', target: 'conclusa', actions: ['registraConclusione', 'attestaFrequenza', 'notificaConclusione'] },
        ...USCITE_DAL_FONDO,
      },
    },
    conclusa: {
      type: 'parallel',
      states: {
        rendicontazione: {
          initial: 'verifica',
          states: {
            verifica: { always: [{ guard: 'rendicontazioneScaduta', target: 'scaduta' }, { target: 'attesa' }] },
            attesa: { after: { termineRendicontazione: { target: 'scaduta', actions: 'ricordaRendicontazione' } } },
            scaduta: {},
          },
        },
        // What was asked before the end is still answered; nothing new is asked.
        proroga: proroga('conclusa', {}),
        sollecito: sollecito(),
      },
      on: {
        registraDisponibilita: ATTI.registraDisponibilita,
        ...FREQUENZA,
        // A lesson held before, written late, is a fact too: its teacher signs again.
        registraLezione: { guard: 'lezioneAvvenuta', actions: LEZIONE },
        ...REGISTRO,
        firmaRegistro: { guard: 'registroFirmabile', actions: 'registraFirma' },
        vistaRegistro: { guard: 'registroVistabile', actions: 'registraVisto' },
        consegnaRelazione: { guard: 'relazioneDovuta', actions: 'registraRelazione' },
        rendiconta: { guard: 'rendicontabile', target: 'rendicontata', actions: ['registraRendiconto', 'notificaRendiconto', 'rendicontaAlFondo'] },
        ...USCITE_DAL_FONDO,
      },
    },
    rendicontata: { on: { rilasciaAttestazione: FREQUENZA.rilasciaAttestazione,  registraLiquidazione: { target: 'liquidata', actions: ['registraPagamento', 'notificaLiquidazione'] } } },
    liquidata: { type: 'final' },
    respinta: { type: 'final' },
    rinuncia: { type: 'final' },
    decadenza: { type: 'final' },
    annullata: { type: 'final' },
  },
});
