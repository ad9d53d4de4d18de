/**
 * A few real schools of Bari and Milano, so that the demo and the tests need no download: codes, names and places as in
 * the ministry's registry of non-state schools and the schools' own published plans (PTOF) and sites.
 * Without addresses for mail: a demonstration must never write to a real school.
 */
import type pg from 'pg';
import type { SchoolRow } from './registryRows.ts';
import { schoolLevel } from './schoolCode.ts';
import { SCHOOLS_SEED } from './upserts.ts';

/** Old enough for any registry that is imported afterwards to replace it. */
const SCHOOL_YEAR = '202324';

const CITIES = {
  BARI: { region: 'PUGLIA', province: 'BARI', municipality: 'BARI', municipality_code: 'A662' },
  MILANO: { region: 'LOMBARDIA', province: 'MILANO', municipality: 'MILANO', municipality_code: 'F205' },
};

const INSTITUTES: Record<string, string> = { BAIC818001: 'IC "MASSARI GALILEI"', MIIC8B9003: 'IC MOROSINI MANARA' };

interface Listed { code: string; name: string; kind: string; address?: string; cap?: string; institute?: string }

const STATE_SCHOOLS: Record<keyof typeof CITIES, Listed[]> = {
  BARI: [
    { code: 'BAIC818001', name: 'IC "MASSARI GALILEI"', kind: 'ISTITUTO COMPRENSIVO', address: 'VIA DANIELE PETRERA, 80', cap: '70124', institute: 'BAIC818001' },
    { code: 'BAAA81801T', name: 'SCUOLA INFANZIA "MONTELLO"', kind: 'SCUOLA INFANZIA', address: 'VIA DE GEMMIS, 13', cap: '70100', institute: 'BAIC818001' },
    { code: 'BAAA81802V', name: 'SCUOLA INF. "VIA MANDRAGORA"', kind: 'SCUOLA INFANZIA', address: 'VIA LEMBO', cap: '70100', institute: 'BAIC818001' },
    { code: 'BAEE818013', name: 'SCUOLA PRIMARIA "MONTELLO"', kind: 'SCUOLA PRIMARIA', address: 'VIA DE GEMMIS', cap: '70100', institute: 'BAIC818001' },
    { code: 'BAEE818024', name: 'SCUOLA PRIMARIA S.FILIPPO NERI', kind: 'SCUOLA PRIMARIA', address: 'VIALE SALANDRA 18', cap: '70100', institute: 'BAIC818001' },
    { code: 'BAMM818012', name: 'S.S. I G. "MASSARI" - "GALILEI"', kind: 'SCUOLA PRIMO GRADO', address: 'VIA DANIELE PETRERA, 80', cap: '70124', institute: 'BAIC818001' },
    { code: 'BAIC847001', name: 'I.C. "MAZZINI - MODUGNO"', kind: 'ISTITUTO COMPRENSIVO', address: 'VIA SUPPA, 7' },
    { code: 'BAPC13000V', name: 'LICEO CLASSICO "Q. ORAZIO FLACCO"', kind: 'LICEO CLASSICO', address: 'VIA PIZZOLI 58', cap: '70100' },
    { code: 'BAPS01000X', name: 'LICEO SCIENTIFICO "A. SCACCHI"', kind: 'LICEO SCIENTIFICO', address: 'CORSO CAVOUR, 241', cap: '70121' },
    { code: 'BAIS062007', name: 'I.I.S.S. "DOMENICO ROMANAZZI"', kind: 'ISTITUTO SUPERIORE' },
  ],
  MILANO: [
    { code: 'MIIC8B9003', name: 'IC MOROSINI MANARA', kind: 'ISTITUTO COMPRENSIVO', institute: 'MIIC8B9003' },
    { code: 'MIEE8B9015', name: 'SCUOLA PRIMARIA MOROSINI', kind: 'SCUOLA PRIMARIA', institute: 'MIIC8B9003' },
    { code: 'MIMM8B9014', name: 'SCUOLA SECONDARIA DI I GRADO MANARA', kind: 'SCUOLA PRIMO GRADO', institute: 'MIIC8B9003' },
    { code: 'MIEE8C1048', name: 'PRIMARIA I.NIEVO', kind: 'SCUOLA PRIMARIA' },
    { code: 'MIPC170001', name: 'LICEO CLASSICO G. PARINI', kind: 'LICEO CLASSICO', address: 'VIA GOITO, 4' },
    { code: 'MIPS08000T', name: 'L. SCIENTIFICO - A. VOLTA', kind: 'LICEO SCIENTIFICO' },
  ],
};

const OTHER_SCHOOLS: Record<keyof typeof CITIES, Listed[]> = {
  BARI: [
    { code: 'BA1A204007', name: 'ISTITUTO SS. ROSARIO', kind: 'SCUOLA INFANZIA NON STATALE', address: 'VIA PUTIGNANI 244', cap: '70122' },
    { code: 'BA1A24000A', name: 'SCUOLA DEI FIORI', kind: 'SCUOLA INFANZIA NON STATALE', address: 'VIA D.COTUGNO 2/4', cap: '70124' },
    { code: 'BA1E00900E', name: 'MARGHERITA', kind: 'SCUOLA PRIMARIA NON STATALE', address: 'CORSO B. CROCE 267', cap: '70125' },
    { code: 'BA1M01200G', name: 'MARGHERITA', kind: 'SCUOLA SEC. PRIMO GRADO NON STATALE', address: 'C.O CROCE 267', cap: '70125' },
    { code: 'BAPS815002', name: 'LICEO SCIENTIFICO A. VOLTA', kind: 'SCUOLA SEC. SECONDO GRADO NON STATALE', address: 'V.GIUSTINO FORTUNATO 8/M', cap: '70125' },
    { code: 'BATD01500V', name: 'NOBEL', kind: 'SCUOLA SEC. SECONDO GRADO NON STATALE', address: 'VIA DEI BERSAGLIERI 11', cap: '70126' },
  ],
  MILANO: [
    { code: 'MI1A22700G', name: 'SCUOLA DELL\'INFANZIA "BETLEM"', kind: 'SCUOLA INFANZIA NON STATALE', address: 'VIA NOVARA 540', cap: '20153' },
    { code: 'MI1E08700B', name: 'SCUOLA PRIMARIA "ISTITUTO GONZAGA"', kind: 'SCUOLA PRIMARIA NON STATALE', address: 'VIA VITRUVIO 41', cap: '20124' },
    { code: 'MI1M07300P', name: 'SCUOLA SECONDARIA DI 1° GR. FONDAZIONE SACRO CUORE', kind: 'SCUOLA SEC. PRIMO GRADO NON STATALE', address: 'VIA ROMBON78', cap: '20134' },
    { code: 'MIPC06500L', name: 'LICEO CLASSICO FONDAZIONE SACRO CUORE', kind: 'SCUOLA SEC. SECONDO GRADO NON STATALE', address: 'VIA ROMBON 78', cap: '20134' },
    { code: 'MIPC10500T', name: 'LICEO CLASSICO ISTITUTO LEONE XIII', kind: 'SCUOLA SEC. SECONDO GRADO NON STATALE', address: 'V.LEONE XIII 12', cap: '20145' },
  ],
};

/** 27 schools, of every level, of both cities. */
export const FIXTURE_SCHOOLS: SchoolRow[] = [...listRows(STATE_SCHOOLS, true), ...listRows(OTHER_SCHOOLS, false)];

function listRows(schools: Record<keyof typeof CITIES, Listed[]>, stateRun: boolean): SchoolRow[] {
  return Object.entries(schools).flatMap(([city, listed]) => listed.map(({ code, name, kind, address, cap, institute }) => ({
    code, name, level: schoolLevel(code), kind, institute_code: institute ?? null, institute_name: (institute && INSTITUTES[institute]) ?? null,
    ...CITIES[city as keyof typeof CITIES], cap: cap ?? null, address: address ?? null, email: null, pec: null, website: null,
    state_run: stateRun, school_year: SCHOOL_YEAR,
  })));
}

/** Adds the schools that are missing; one that is there, from the ministry or from before, stays as it is. */
export async function seedFixture(pool: Pick<pg.Pool, 'query'>): Promise<void> {
  await pool.query(SCHOOLS_SEED, [JSON.stringify(FIXTURE_SCHOOLS)]);
}
