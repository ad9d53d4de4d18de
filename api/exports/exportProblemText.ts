/** What is wrong with an export, as the office reads it: the field says what to mend. */
import type { Language } from '../language.ts';
import type { ExportProblem } from './exportError.ts';

/** In English the writers say it themselves, with the figures. */
const ITALIAN: Record<string, string> = {
  'messageId': 'il riferimento del file non è ammesso dalla banca',
  'executeOn': 'la data di esecuzione non è valida',
  'debtor.name': 'manca l’intestatario del conto da cui si paga, o è più lungo di 70 caratteri',
  'debtor.iban': 'manca l’IBAN del conto da cui si paga, o non è un IBAN dell’area SEPA: va registrato tra i parametri dell’organizzazione',
  'debtor.bic': 'il BIC del conto da cui si paga non è valido',
  'transfers': 'non c’è nulla da pagare, o i bonifici sono troppi per un file',
  'endToEndId': 'il riferimento del bonifico non è ammesso o è ripetuto',
  'name': 'manca il nome del beneficiario, o è più lungo di 70 caratteri',
  'iban': 'manca l’IBAN del beneficiario, o non è un IBAN dell’area SEPA',
  'bic': 'il BIC del beneficiario non è valido',
  'amountCents': 'l’importo non è ammesso',
  'remittance': 'manca la causale, o è più lunga di 140 caratteri',
};

export const exportProblemText = ({ field, message }: ExportProblem, language: Language): string => (language === 'it' ? ITALIAN[field] ?? message : message);
