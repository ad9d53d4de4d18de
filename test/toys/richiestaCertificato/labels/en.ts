import type { Labels } from '../../contract.ts';
import type { it } from './it.ts';

export const en = {
  process: 'Request of a certificate',
  states: { bozza: 'Draft', presentata: 'Presented', inRitardo: 'Overdue', rilasciata: 'Issued', respinta: 'Refused' },
  commands: { correggi: 'Correct the request', presenta: 'Present', rilascia: 'Issue the certificate', respingi: 'Refuse' },
  roles: { segreteria: 'School office', genitore: 'Parent' },
  parties: { scuola: 'School', famiglia: 'Family' },
  deadlines: { termineRilascio: 'Term for issuing' },
  effects: { avvisaRilascio: 'Notice of issue', avvisaRifiuto: 'Notice of refusal', ricordaRilascio: 'Reminder of the term' },
  attachments: {},
  fields: { alunno: 'Pupil', tipo: 'Kind of certificate', destinazione: 'Addressee', presentataIl: 'Presented on', numero: 'Number', motivo: 'Reason' },
  refusals: { usoTraPrivati: 'Certificates are valid between private persons only: for {destinazione} a self-certification is needed (art. 40, d.P.R. 445/2000).' },
} satisfies Labels<typeof it>;
