/** The few words that the page itself says, whatever the document. */
import type { DocumentModel, PrintedProtocol } from '../../plugins/documentModel.ts';

export interface DocumentWords {
  /** BCP 47, of the whole file. */
  language: string;
  subject: string;
  direction: Record<PrintedProtocol['direction'], string>;
  protocol(registration: PrintedProtocol): string;
  pageOf(page: number, pages: number): string;
}

const dayMonthYear = (date: string) => date.split('-').reverse().join('/');

export const DOCUMENT_WORDS: Record<DocumentModel['language'], DocumentWords> = {
  it: {
    language: 'it-IT',
    subject: 'Oggetto:',
    direction: { entrata: 'in entrata', uscita: 'in uscita', interno: 'interno' },
    protocol: ({ number, date }) => `Prot. n. ${number} del ${dayMonthYear(date)}`,
    pageOf: (page, pages) => `pagina ${page} di ${pages}`,
  },
  en: {
    language: 'en-GB',
    subject: 'Subject:',
    direction: { entrata: 'incoming', uscita: 'outgoing', interno: 'internal' },
    protocol: ({ number, date }) => `Prot. no. ${number} of ${dayMonthYear(date)}`,
    pageOf: (page, pages) => `page ${page} of ${pages}`,
  },
};
