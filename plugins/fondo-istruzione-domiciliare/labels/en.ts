import type { Labels } from '../../contract.ts';
import type { it } from './it.ts';

/** The same words in English. */
export const en = {
  process: 'Fund for home schooling',
  states: { aperto: 'Open', liquidato: 'Paid', chiuso: 'Closed' },
  commands: {
    registraProgetto: 'Record a project', registraRendiconto: 'Record a report', togliProgetto: 'Take a project out',
    registraIban: "Record a school's IBAN", registraFinanziamento: 'Record the MIUR funding', liquida: 'Pay the shares', chiudi: 'Close the fund',
  },
  roles: { operatorePolo: "Polo's office", dirigentePolo: "Polo's head", funzionarioUsr: 'Official of the USR' },
  parties: { polo: 'Regional polo', usr: 'Regional school office (USR)' },
  deadlines: {},
  effects: { liquidaProgetti: "Share to the project", redigeAtti: 'Plan of the shares and act of payment', notificaLiquidazione: 'Notice of the payment' },
  attachments: {},
  documents: { pianoRiparto: 'Plan of the shares', attoLiquidazione: 'Act of payment' },
  exports: { riparto: 'Distribution of the fund', bonifici: 'Transfers of the last payment (SEPA)', contabilita: 'Movements for the accounts' },
  fields: {
    annoScolastico: 'School year', finanziamenti: 'Funding', finanziatoCents: 'Funded (cents)', dovutoCents: 'Shares due (cents)', liquidatoCents: 'Paid (cents)',
    residuoCents: 'Left (cents)', progetti: 'Projects', rendicontati: 'Reported', liquidazioni: 'Payments',
  },
  refusals: {
    dataFutura: 'The date {data} is after today ({oggi}).',
    attoGiaRegistrato: 'The act {numero} of {data} is recorded already.',
    finanziamentoMancante: 'The MIUR funding for {annoScolastico} is not recorded ({finanziatoCents}).',
    rendicontiMancanti: '{mancano} reports are missing of {attivati} activated projects ({rendicontati} received): {progetti}.',
    rendicontiInArrivo: '{inArrivo} reports were sent but have not reached the fund yet: {progetti}. Try again shortly.',
    nessunProgettoDaLiquidare: 'No project to pay: {progetti} projects, {rendicontati} reported, {liquidazioni} payments made.',
    progettoNonRendicontato: 'The project {progetto} is not among those reported.',
    progettiAperti: '{aperti} projects are still open: {progetti}.',
  },
} satisfies Labels<typeof it>;
