import type { LocalDate } from '../../contract.ts';

export interface Contesto {
  alunno: { nome: string; cognome: string; classe: string };
  tipo: string;
  destinazione: 'privato' | 'pubblicaAmministrazione';
  presentataIl: LocalDate | null;
  numero: string | null;
  motivo: string | null;
}
