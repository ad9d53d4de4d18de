/** How letters and forms write dates, money, hours and names: as Italian offices do. */
import type { LocalDate } from '../../contract.ts';
import { centesimiDiOra } from '../process/accountability.ts';
import { mergePeriods } from '../process/periods.ts';
import type { Alunno, Contesto, Periodo } from '../process/types.ts';

/** `2026-10-05` is 05/10/2026. */
export const giorno = (date: LocalDate): string => `${date.slice(8, 10)}/${date.slice(5, 7)}/${date.slice(0, 4)}`;
/** Dates that stand in a text, e.g. in the reference of an act. */
export const conDateScritte = (text: string): string => text.replace(/\d{4}-\d{2}-\d{2}/g, giorno);
/** Of what may not be there yet. */
export const giornoOppure = (date: LocalDate | null | undefined, altrimenti = ''): string => (date ? giorno(date) : altrimenti);

const migliaia = (whole: number): string => String(whole).replace(/\B(?=(\d{3})+$)/g, '.');
export const intero = migliaia;
/** Hundredths, with two decimals: 123456 is 1.234,56. */
export const decimale = (hundredths: number): string => `${migliaia(Math.trunc(hundredths / 100))},${String(hundredths % 100).padStart(2, '0')}`;
/** Whole cents. */
export const euro = (cents: number): string => `${decimale(cents)} €`;
/** Minutes, as hours with two decimals. */
export const oreDi = (minuti: number): string => decimale(centesimiDiOra(minuti));
/** Hours as a form holds them: 12.5 is 12,50. */
export const oreScritte = (ore: number): string => decimale(Math.round(ore * 100));
/** In groups of four, as it is read and typed. */
export const ibanScritto = (iban: string): string => iban.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ');
/** Ten-thousandths: 2420 is 24,20 %. */
export const percentuale = (tenThousandths: number): string => `${decimale(tenThousandths)} %`;
/** `1 giorno`, `12 giorni`. */
export const conta = (quanti: number, uno: string, molti: string): string => `${intero(quanti)} ${quanti === 1 ? uno : molti}`;

export const periodoScritto = ({ dal, al }: Periodo): string => (dal === al ? `il ${giorno(dal)}` : `dal ${giorno(dal)} al ${giorno(al)}`);
/** `dal 12/10/2026 al 20/12/2026 e dal …`: in order of time, each day once. */
export const periodiScritti = (periodi: readonly Periodo[]): string => elenco(mergePeriods(periodi).map(periodoScritto));
/** `a`, `a e b`, `a, b e c`. */
export const elenco = (voci: readonly string[]): string => (voci.length < 2 ? voci.join('') : `${voci.slice(0, -1).join(', ')} e ${voci.at(-1)!}`);
export const maiuscola = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

export const nomeIntero = ({ nome, cognome }: Alunno): string => `${cognome} ${nome}`;
/** `A.R.`: in letters that also those read who need not know who it is (art. 5 of Regolamento (UE) 2016/679: no more data than needed). */
export const iniziali = ({ nome, cognome }: Alunno): string => `${nome} ${cognome}`.split(/\s+/).filter(Boolean).map(part => `${Array.from(part)[0]!.toUpperCase()}.`).join('');

const parola = (table: Record<string, string>) => (word: string): string => (Object.hasOwn(table, word) ? table[word]! : word);
export const ordineScritto = parola({ primaria: 'scuola primaria', secondariaPrimoGrado: 'scuola secondaria di primo grado', secondariaSecondoGrado: 'scuola secondaria di secondo grado' });
export const emittenteScritto = parola({
  strutturaOspedaliera: 'struttura sanitaria ospedaliera', medicoFamiglia: 'medico di famiglia o di medicina generale', medicoCurante: 'medico curante', specialistaPrivato: 'medico specialista privato',
});
export const provenienzaScritta = parola({ classe: 'docente della classe', istituto: 'altro docente della scuola', viciniore: 'docente di scuola viciniore', esterno: 'docente esterno' });
export const qualitaScritta = parola({ genitore: 'genitore', tutore: 'tutore', altro: 'altro' });
const fontiScritte = parola({ progetto: 'progetto', FIS: 'FIS della scuola', altro: 'altra forma di finanziamento' });

/** Who pays this teacher. */
export function fonteScritta({ disponibilita }: Contesto, docente: string, fonte: string): string {
  const descrizione = disponibilita[docente]?.fonteDescrizione;
  return fonte === 'altro' && descrizione ? descrizione : fontiScritte(fonte);
}
/** The teacher's name; the code, when the availability is not recorded. */
export const docenteScritto = ({ disponibilita }: Contesto, docente: string): string => disponibilita[docente]?.nome ?? docente;
