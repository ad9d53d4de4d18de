/** What a message of the school remembers. Words and pupils are sealed: to single families it names them. */
import type { Instant, LocalDate } from '../../contract.ts';

export type Canale = 'email' | 'sms' | 'portal';
/** `sms`: what stands in an SMS instead of the text; empty: the subject. */
export interface Testo { oggetto: string; testo: string; sms: string }
/** Without English everybody reads Italian. */
export interface Testi { it: Testo; en: Testo | null }
/** The whole school, some of its classes, or single pupils: a list, or one family. */
export interface Destinatari { tipo: 'scuola' | 'classi' | 'alunni'; annoScolastico: string; classi: string[] }
/** Parameter `oreSilenzioSms`. */
export interface OreSilenzio { dalle: string; alle: string }
export interface PresaVisione { entro: LocalDate; /** Days before the date on which those who are silent are reminded. */ solleciti: number[] }
/** Parameter `modelliComunicazione`: by name. `versione` grows when the words change. */
export interface Modello extends Testi { versione: number }

export interface Contesto {
  testi: Testi | null;
  modello: { nome: string; versione: number } | null;
  destinatari: Destinatari | null;
  /** By the secretariat's codes. */
  alunni: string[];
  canali: Canale[];
  presaVisione: PresaVisione | null;
  /** SMS leave at any hour. */
  urgente: boolean;
  /** When it leaves by itself. */
  programmataPer: Instant | null;
  inviataIl: LocalDate | null;
  /** The sending was stopped: what had not left stays. */
  fermata: { il: LocalDate; motivo: string } | null;
  ritirata: { il: LocalDate; motivo: string } | null;
  /** By channel and state, as the last one was handed over. */
  esito: { channel: string; state: string; count: number }[];
  errore: string | null;
  sollecitatoIl: LocalDate[];
}
