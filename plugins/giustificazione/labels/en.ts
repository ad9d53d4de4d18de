import type { Labels } from '../../contract.ts';
import type { it } from './it.ts';

export const en = {
  process: 'Absences and justifications',
  states: {
    aperto: 'Open', chiuso: 'Closed',
    'aperto.giustificazioni': 'Justifications', 'aperto.giustificazioni.verifica': 'Check', 'aperto.giustificazioni.inRegola': 'In order', 'aperto.giustificazioni.daGiustificare': 'To be justified',
    'aperto.soglia': 'Limit of absences', 'aperto.soglia.sotto': 'Below the limit', 'aperto.soglia.vicina': 'Near the limit', 'aperto.soglia.superata': 'Beyond the limit',
    'aperto.riepilogo': 'Summary', 'aperto.riepilogo.attesa': 'Until the next summary',
  },
  commands: {
    registra: 'Record absences and lateness', giustifica: 'Justify', accetta: 'Accept the justification', chiediDiNuovo: 'Ask again', riapri: 'Reopen the term', annulla: 'Annul (recorded by mistake)',
    cambiaClasse: 'Change the class', aggiornaFamiglia: 'Bring the family up to date', chiudi: 'Close the year',
  },
  roles: { segreteria: 'School office', dirigente: 'Head', docente: 'Teacher', genitore: 'Parent', altroGenitore: 'Other parent', studente: 'Student' },
  parties: { scuola: 'School', famiglia: 'Family', secondoGenitore: 'Second parent', studente: 'Student' },
  deadlines: { fineAnno: 'End of the school year', termineGiustificazione: 'Term for justifying', riepilogo: 'Periodic summary' },
  effects: {
    avvisaRettifica: 'Correction of a notice', avvisaFamiglia: 'Notice of absence or lateness', avvisaRichiesta: 'Request of explanation', avvisaScadenza: 'Notice of the term’s end', avvisaSoglia: 'Warning of the limit of absences',
    avvisaSuperamento: 'Notice that the limit is passed', inviaRiepilogo: 'Summary of absences',
  },
  attachments: { certificato: 'Certificate or other document' },
  tasks: { giustifica: 'Absences or lateness to justify', giustificaAltroGenitore: 'Absences or lateness to justify', giustificaStudente: 'Absences or lateness to justify (if of age)', valutaSuperamento: 'Limit of absences passed: to be assessed' },
  imports: { absences: 'Absences and lateness' },
  fields: {
    alunno: 'Pupil', codice: 'Pupil’s code', nome: 'Name', nascita: 'Date of birth', cognome: 'Surname', classe: 'Class', annoScolastico: 'School year', eventi: 'Absences and lateness', giorno: 'Day', tipo: 'Kind', ora: 'Time', minuti: 'Minutes of lessons missed',
    stato: 'State', entro: 'To be justified by', motivo: 'Reason', giustificatoIl: 'Justified on', nota: 'Note', registrato: 'Recorded', allegati: 'Attachments', totale: 'Total', limiteOre: 'Limit in hours', daGiustificare: 'To be justified', chiave: 'Key', ritirati: 'Withdrawn',
    notificato: 'Notified', giustificato: 'Justified', accettato: 'Accepted', daChiarire: 'To be explained', scaduto: 'Expired', annullato: 'Annulled', assenza: 'Absence', ritardo: 'Lateness', uscita: 'Early leave',
  },
  refusals: {
    famigliaNota: 'The school does not say who answers for the pupil in this year: import the families first.',
    alunnoMinorenne: 'Nothing says that the pupil is of age: whoever answers for them justifies.',
    eventoSconosciuto: 'There is no {evento}.', eventiDaGiustificare: '{evento} is not to be justified: it is {stato}.', eventiGiustificati: '{evento} is not justified: it is {stato}.', eventiScaduti: '{evento} has not expired: it is {stato}.',
    eventiEsistenti: '{evento} is {stato} already.', giornoFuturo: 'The day is still to come.', altroAnno: '{giorno} is not of the school year {annoScolastico}.', annoChiuso: 'The day is of another school year.',
  },
} satisfies Labels<typeof it>;
