/** The families of the demo school, as the table that a secretariat's software exports: three classes, parents with and without an account, and one family for each way of being reached. */
import { parse } from 'csv-parse/sync';
import { createPools } from '../database/pools.ts';
import type { MasterKeys } from '../database/masterKeys.ts';
import { createEngine } from '../engine/engine.ts';
import { createProcesses } from '../engine/processes.ts';
import { romeDate, schoolYearOf } from '../plugins/calendar.ts';
import { plugins } from '../plugins/registry.ts';

export const DEMO_SCHOOL = 'BAIC818001', DEMO_SCHOOL_YEAR = (): string => schoolYearOf(romeDate(new Date().toISOString()));

/** "sì": a consent, signed on the first day of school. Numbers that end in 550 are nobody's for the simulator of SMS. */
const ROWS = `Codice alunno;Cognome alunno;Nome alunno;Classe;Codice genitore;Cognome genitore;Nome genitore;Relazione;Utente;E-mail;Consenso e-mail;Cellulare;Consenso SMS;Lingua
A1A01;Rossi;Luca;1A;G01;Rossi;Giulia;genitore;famiglia.rossi;famiglia.rossi@example.org;sì;333 1230101;sì;it
A1A01;Rossi;Luca;1A;G02;Rossi;Paolo;genitore;;paolo.rossi@example.org;sì;;;it
A1A02;Conte;Elena;1A;G03;Conte;Rita;genitore;;rita.conte@example.org;sì;333 1230103;sì;it
A1A03;Bianchi;Sofia;1A;G06;Bianchi;Andrea;genitore;famiglia.bianchi;famiglia.bianchi@example.org;sì;;;it
A2B01;Rossi;Anna;2B;G01;Rossi;Giulia;genitore;famiglia.rossi;famiglia.rossi@example.org;sì;333 1230101;sì;it
A2B01;Rossi;Anna;2B;G02;Rossi;Paolo;genitore;;paolo.rossi@example.org;sì;;;it
A2B02;Bianchi;Eva;2B;G06;Bianchi;Andrea;genitore;famiglia.bianchi;famiglia.bianchi@example.org;sì;;;it
A2B03;Verdi;Ugo;2B;G07;Verdi;Sara;genitore;famiglia.verdi;famiglia.verdi@example.org;;;;it
A2B04;El Fassi;Omar;2B;G08;El Fassi;Leila;genitore;;leila.elfassi@example.org;;333 1230108;sì;en
A2B05;Lorusso;Chiara;2B;G09;Lorusso;Pina;genitore;;;;333 1230550;sì;it
A2B06;Greco;Matteo;2B;G10;Greco;Nicola;tutore;;;;;;it
A3C01;Verdi;Davide;3C;G07;Verdi;Sara;genitore;famiglia.verdi;famiglia.verdi@example.org;;;;it
A3C02;De Luca;Marta;3C;G11;De Luca;Ines;genitore;;ines.deluca@example.org;sì;333 1230111;sì;it
`;

/** As CSV. `mobiles`: only where no provider would really write to them. */
export function demoFamilies(schoolYear: string, mobiles: boolean): string {
  const [headings, ...rows] = parse(ROWS, { delimiter: ';' }) as string[][], firstDay = `01/09/${schoolYear.slice(0, 4)}`;
  const isMobile = headings!.map(heading => heading === 'Cellulare' || heading === 'Consenso SMS');
  return [headings!, ...rows.map(row => row.map((cell, n) => (isMobile[n] && !mobiles ? '' : cell === 'sì' ? firstDay : cell)))].map(row => row.join(';')).join('\n');
}

/** Where the demo school has no pupils of this school year yet; otherwise nothing is changed. */
export async function seedFamilies({ databaseUrl, masterKeys, mobiles }: { databaseUrl: string; masterKeys: MasterKeys; mobiles: boolean }): Promise<void> {
  const pools = createPools(databaseUrl, masterKeys, { read: 1, commit: 2, worker: 1 }), silent = { info: () => {}, warn: () => {}, error: () => {} };
  try {
    const { families } = createEngine({ pools, processes: createProcesses(plugins), masterKey: masterKeys, log: silent }), school = DEMO_SCHOOL, year = DEMO_SCHOOL_YEAR();
    if ((await families.listClasses(school, year)).length > 0) return;
    const { errors } = await families.importFamilies({ school, year, content: Buffer.from(demoFamilies(year, mobiles)), preview: false, by: 'demo' });
    if (errors.length > 0) throw new Error(`The demo families do not fit: ${JSON.stringify(errors)}`);
  } finally {
    await pools.end();
  }
}
