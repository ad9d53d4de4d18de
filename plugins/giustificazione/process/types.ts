import type { Instant, LocalDate } from '../../contract.ts';

export type Tipo = 'assenza' | 'ritardo' | 'uscita';
export type Stato = 'notificato' | 'giustificato' | 'accettato' | 'daChiarire' | 'scaduto' | 'annullato';

/** A day or a part of it that the pupil was not at school. */
export interface Evento {
  giorno: LocalDate;
  tipo: Tipo;
  /** Of entering or leaving: `HH:MM`. */
  ora: string | null;
  /** Of lessons missed. */
  minuti: number;
  stato: Stato;
  /** Last day on which the family justifies it. */
  entro: LocalDate;
  motivo: string | null;
  giustificatoIl: LocalDate | null;
  /** What the school asked, or why it was annulled. */
  nota: string | null;
  /** When it was taken in: a summary tells what came since the last one, of whichever day it is. */
  registrato: Instant;
  /** Ids of what was handed in with the justification. */
  allegati: string[];
}
export interface Conto { assenze: number; ritardi: number; uscite: number; minuti: number }

export interface Ultimi {
  chiavi: string[];
  nota: string | null;
  scaduti: Record<string, Evento>;
  entro: LocalDate | null;
  /** Of those that the family may have heard of: what is not so any more, and what is so instead. */
  rettifica: { tolti: string[]; ora: string[] };
  /** Hours of these events, where the register tells them. */
  orari: Record<string, string>;
}

/** A pupil's absences of one school year. */
export interface Contesto {
  alunno: { codice: string; nome: string; cognome: string; nascita?: LocalDate };
  classe: string;
  annoScolastico: string;
  /** Those that wait for the family, by key. */
  aperti: Record<string, Evento>;
  totale: Conto;
  /** Since the last summary. */
  periodo: Conto;
  periodoDal: LocalDate;
  /** When the last summary was made. */
  riepilogoDel: Instant | null;
  /** What the last summary told. */
  riepilogato: Conto & { dal: LocalDate };
  /** What the last command brought, for the messages of its step. */
  ultimi: Ultimi;
}
