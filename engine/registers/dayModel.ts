/** The daily register as it is printed. In Italian: it is an act of an Italian office, whoever reads it. */
import type { DocumentModel, LocalDate } from '../../plugins/contract.ts';
import type { EntryRow } from './daySeal.ts';
import { protocolText } from './protocol.ts';

export interface DayToPrint { organisation: { code: string; name: string }; day: LocalDate; entries: EntryRow[]; /** Of the entries. */ digest: string; previous: string | null }

const DIRECTIONS = { entrata: 'Entrata', uscita: 'Uscita', interno: 'Interno' } as const;
const ROME_TIME = new Intl.DateTimeFormat('it', { timeZone: 'Europe/Rome', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

export function dayModel({ organisation, day, entries, digest, previous }: DayToPrint): DocumentModel {
  const date = day.split('-').reverse().join('/'), [first, last] = [entries[0], entries.at(-1)];
  return {
    title: `Registro giornaliero di protocollo del ${date}`, language: 'it', landscape: true,
    letterhead: { organisation: organisation.name, lines: [`Codice ${organisation.code}`] },
    blocks: [
      {
        fields: [
          { label: 'Giorno', value: date },
          { label: 'Registrazioni', value: first && last ? `${entries.length}, dalla n. ${protocolText(first.number)} alla n. ${protocolText(last.number)}` : '0' },
          { label: 'Impronta delle registrazioni (SHA-256)', value: grouped(digest) },
          { label: 'Impronta del registro del giorno precedente (SHA-256)', value: previous === null ? 'nessuno: è il primo giorno del registro' : grouped(previous) },
        ],
      },
      entries.length === 0 ? { paragraph: 'Nessuna registrazione.' } : {
        table: {
          columns: [
            { title: 'Numero', weight: 2 }, { title: 'Ora', weight: 2 }, { title: 'Tipo', weight: 2 }, { title: 'Mittente', weight: 4 }, { title: 'Destinatari', weight: 4 }, { title: 'Oggetto', weight: 6 },
            { title: 'Documento e allegati, con l’impronta (SHA-256)', weight: 7 },
          ],
          rows: entries.map(entry => [protocolText(entry.number), ROME_TIME.format(entry.at), DIRECTIONS[entry.direction], `${entry.sender}${senderNumber(entry)}`, entry.recipients.join('; '), entry.subject, documentsOf(entry)]),
        },
      },
    ],
    footer: 'Registro giornaliero di protocollo, DPR 445/2000, art. 53 c. 3',
  };
}

function senderNumber({ sender_protocol: protocol }: EntryRow): string {
  return protocol ? `, prot. n. ${protocolText(protocol.number)} del ${protocol.day.split('-').reverse().join('/')}` : '';
}

function documentsOf({ document, sha256, attachments }: EntryRow): string {
  return [{ name: document, sha256 }, ...attachments].map(each => `${each.name}: ${grouped(each.sha256)}`).join('\n');
}

/** Eight digits at a time: a line can break between them, and people can compare them. */
const grouped = (digest: string): string => digest.replace(/(.{8})(?=.)/g, '$1 ');
