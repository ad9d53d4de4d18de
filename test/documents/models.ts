/** A letter, a form and a register as the procedure of Istruzione domiciliare makes them, with the names that schools really have. */
import { encode } from 'fast-png';
import type { DocumentModel, PrintedProtocol } from '../../plugins/documentModel.ts';
import type { PdfOptions } from '../../activities/documents/renderPdf.ts';

/** A disc with a soft edge. `channels` 2 and 4 have transparency. */
export function pngLogo({ channels = 4, depth = 8, size = 40 }: { channels?: 1 | 2 | 3 | 4; depth?: 8 | 16; size?: number } = {}): string {
  const top = 2 ** depth - 1;
  const data = depth === 8 ? new Uint8Array(size * size * channels) : new Uint16Array(size * size * channels);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const distance = Math.hypot((pixel % size) - size / 2, Math.floor(pixel / size) - size / 2);
    for (let channel = 0; channel < channels; channel++) data[pixel * channels + channel] = Math.round(top * (channel === 2 ? 0.6 : 0.2));
    if (channels % 2 === 0) data[pixel * channels + channels - 1] = Math.round(top * Math.max(0, Math.min(1, size / 2 - distance)));
  }
  return Buffer.from(encode({ width: size, height: size, data, channels, depth })).toString('base64');
}

/** 6 by 8 pixels: red, green and blue; and the same in inks. */
export const JPEG_LOGO = '/9j/4AAQSkZJRgABAQEAAAAAAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCAAIAAYDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDXQAHCqQP0ooooA//Z';
export const JPEG_IN_INKS = '/9j/4AAQSkZJRgABAQEAAAAAAAD/7gAOQWRvYmUAZAAAAAAC/9sAQwAoHB4jHhkoIyEjLSsoMDxkQTw3Nzx7WF1JZJGAmZaPgIyKoLTmw6Cq2q2KjMj/y9ru9f///5vB////+v/m/f/4/9sAQwErLS08NTx2QUF2+KWMpfj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4/8AAFAgACAAGBAEiAAIRAQMRAQQiAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/EAB8BAAMBAQEBAQEBAQEAAAAAAAABAgMEBQYHCAkKC//EALURAAIBAgQEAwQHBQQEAAECdwABAgMRBAUhMQYSQVEHYXETIjKBCBRCkaGxwQkjM1LwFWJy0QoWJDThJfEXGBkaJicoKSo1Njc4OTpDREVGR0hJSlNUVVZXWFlaY2RlZmdoaWpzdHV2d3h5eoKDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uLj5OXm5+jp6vLz9PX29/j5+v/aAA4EAQACEQMRBAAAPwDGJJ60UUUAbC46AEUUUV//2Q==';

const letterhead = {
  organisation: 'I.C. «Don Lorenzo Milani» – Scuola Polo regionale per la Puglia',
  lines: ['Via Giuseppe Mazzini 12 – 70121 Bari (BA)', 'C.M. BAIC8XX00L – C.F. 93000000000', 'baic8xx00l@pec.istruzione.it'],
  logo: pngLogo(),
};
const protocol: PrintedProtocol = { number: '0000123', date: '2026-11-12', organisation: letterhead.organisation, direction: 'uscita' };
const options = { createdAt: new Date('2026-11-12T09:30:00.000Z'), author: letterhead.organisation };

const lettera: DocumentModel = {
  title: 'Autorizzazione delle ore', language: 'it', letterhead,
  recipients: [['Al Dirigente scolastico', 'Liceo scientifico «A. Scacchi»'], ['e p.c. all’Ufficio Scolastico Regionale per la Puglia', 'Ufficio II']],
  subject: 'Progetto Istruzione Domiciliare n. 2026/0042 – autorizzazione di 120 ore',
  blocks: [
    { paragraph: 'Vista la richiesta di attivazione del progetto, corredata del Modello S e del Modello G sottoscritto dal genitore;' },
    { heading: 'Si autorizza' },
    { paragraph: 'lo svolgimento delle ore di seguito indicate. Il numero di ore autorizzate non può essere superato.' },
    {
      table: {
        columns: [{ title: 'Docente' }, { title: 'Disciplina' }, { title: 'Ore', align: 'right' }, { title: 'Totale', align: 'right' }],
        rows: [['Ștefan Đorđević', 'Matematica', '40', '€ 1.540,00'], ['Łukasz Wiśniewski', 'Fisica', '30', '€ 1.155,00'], ['Nguyễn Thị Hồng', 'Italiano', '35', ''], ['Ольга Иванова', 'Inglese', '15', '']],
        foot: [['Totale', '', '120', '€ 2.695,00']],
      },
    },
    { heading: 'Adempimenti', level: 2 },
    { list: ['annotare ogni lezione nel registro individuale (Modello OF);', 'trasmettere al termine il Modello V e il Modello Z.'], ordered: true },
    { note: 'Non si accettano progetti resi noti alla Scuola polo solo in fase di rendicontazione (Procedura ID, «Avvio»).' },
  ],
  placeAndDate: 'Bari, 12/11/2026',
  signatures: [{ role: 'Il Direttore S.G.A.', name: 'Giuseppe Rossi' }, { role: 'Il Dirigente scolastico', name: 'Maria Bianchi', note: 'Firmato con l’account il 12/11/2026' }],
  footer: 'Fascicolo n. 2026/0042',
};

const modelloG: DocumentModel = {
  title: 'Modello G – Richiesta di servizio scolastico domiciliare', language: 'it',
  recipients: [['Al Dirigente scolastico']],
  blocks: [
    { heading: 'Dati dell’alunno' },
    { fields: [{ label: 'Cognome e nome', value: 'Παπαδοπούλου Καλλιόπη' }, { label: 'Nome del padre', value: 'محمد علي حسن' }, { label: 'Telefono', value: '' }] },
    { list: ['certificazione sanitaria (Modello S)', 'copia di un documento d’identità'] },
  ],
  placeAndDate: 'Bari, 05/11/2026', signatures: [{ role: 'Firma del genitore' }],
};

/** A register of `lessons` rows. */
export function register(lessons: number): DocumentModel {
  return {
    title: 'Modello OF – Registro individuale del docente', language: 'it', landscape: true, letterhead,
    blocks: [
      { fields: [{ label: 'Docente', value: 'Ștefan Đorđević' }] },
      {
        table: {
          caption: 'Lezioni svolte',
          columns: [{ title: 'Numero' }, { title: 'Attività svolte' }, { title: 'Modalità' }, { title: 'Ore', align: 'right' }],
          rows: Array.from({ length: lessons }, (_, index) => [`lezione-${index + 1}`, 'Spiegazione ed esercizi '.repeat(1 + (index % 13)), index % 5 ? 'in presenza' : 'online', '2,00']),
          foot: [['Totale', '', '', `${lessons * 2},00`]],
        },
      },
    ],
    signatures: [{ role: 'Il docente', name: 'Ștefan Đorđević' }, { role: 'Il referente' }, { role: 'Visto: il Dirigente scolastico' }],
    footer: 'Registro OF',
  };
}

export const SAMPLES: Record<'lettera' | 'modelloG' | 'registro', { model: DocumentModel; options: PdfOptions }> = {
  lettera: { model: lettera, options: { ...options, protocol } },
  modelloG: { model: modelloG, options },
  registro: { model: register(60), options: { ...options, protocol: { ...protocol, number: '0000456', direction: 'interno' } } },
};
