/** What one booking remembers. Names of minors and free words are sealed (plugin.ts). */
import type { Instant, LocalDate } from '../../contract.ts';

export interface Posto { inizio: Instant; fine: Instant; modalita: string; luogo: string | null }

/** What the reception asked for when the slot was taken. */
export interface Condizioni { preavvisoOre: number; disdettaOre: number; confermaAutomatica: boolean; promemoriaOre: number[] }

export interface Contesto {
  /** The reception's case. */
  disponibilita: string;
  /** As the family knows the teacher, when it was asked for: several interviews of an evening must be told apart. */
  nomeDocente: string | null;
  /** The slot that is held, or was last. */
  posto: Posto | null;
  /** Address of the meeting online. */
  collegamento: string | null;
  /** On which days a slot is waited for. */
  attesa: { dal: LocalDate; al: LocalDate } | null;
  /** Until when the offer stands. */
  offertaFino: Instant | null;
  chiestoIl: Instant;
  /** The pupil's code in the school's software. */
  codiceAlunno: string;
  alunno: { nome: string; cognome: string; classe: string };
  argomento: string | null;
  /** Parties of the family that come: nobody else has to be free. */
  partecipano: string[];
  /** Asked for by a delegated adult. */
  conDelega: boolean;
  /** The school looks at who asks before it confirms: it does not know the pupil, or nothing of the delega. */
  daVerificare: boolean;
  condizioni: Condizioni;
  /** What the last step let go. */
  liberato: { inizio: Instant; fine: Instant } | null;
  esito: { da: string; motivo: string | null; il: LocalDate } | null;
  spostamenti: number;
}
