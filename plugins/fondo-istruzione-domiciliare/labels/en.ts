import type { Labels } from '../../contract.ts';
import type { it } from './it.ts';

/** The same words in English. */
export const en = {
  process: 'Fund for home schooling',
  states: { aperto: 'Open', liquidato: 'Paid', chiuso: 'Closed' },
  commands: {
    registraProgetto: 'Record a project', registraRendiconto: 'Record a report', togliProgetto: 'Take a project out',
    registraFinanziamento: 'Record the MIUR funding', liquida: 'Pay the shares', chiudi: 'Close the fund',
  },
  roles: { operatorePolo: "Polo's office", dirigentePolo: "Polo's head", funzionarioUsr: 'Official of the USR' },
  parties: { polo: 'Regional polo', usr: 'Regional school office (USR)' },
  deadlines: {},
  effects: { liquidaProgetti: "Share to the project", notificaLiquidazione: 'Notice of the payment' },
  attachments: {},
  fields: {
    annoScolastico: 'School year', finanziamenti: 'Funding', finanziatoCents: 'Funded (cents)', dovutoCents: 'Shares due (cents)', liquidatoCents: 'Paid (cents)',
    residuoCents: 'Left (cents)', progetti: 'Projects', rendicontati: 'Reported', liquidazioni: 'Payments',
  },
  refusals: {
    dataFutura: 'The date {data} is after today ({oggi}).',
    attoGiaRegistrato: 'The act {numero} of {data} is recorded already.',
    finanziamentoMancante: 'The MIUR funding for {annoScolastico} is not recorded ({finanziatoCents} cents).',
    rendicontiMancanti: '{mancano} reports are missing of {attivati} activated projects ({rendicontati} received): {progetti}.',
    rendicontiInArrivo: '{inArrivo} reports were sent but have not reached the fund yet: {progetti}. Try again shortly.',
    nessunProgettoDaLiquidare: 'No project to pay: {progetti} projects, {rendicontati} reported, {liquidazioni} payments made.',
    progettiAperti: '{aperti} projects are still open: {progetti}.',
  },
} satisfies Labels<typeof it>;
