/** The register's daily export: one row for each absence, late entry or early leave of a pupil. */
import { schoolYearOf } from '../calendar.ts';
import type { ImportDefinition } from '../contract.ts';
import { SCUOLA } from './process/commands.ts';
import { chiave } from './process/events.ts';

function ritirati(key: string): string[] {
  const [giorno, what] = key.split('/').slice(-2) as [string, string];
  return (what === 'uscita' ? ['uscita' as const] : ['assenza' as const, 'ritardo' as const]).map(tipo => chiave({ giorno, tipo }));
}

export const imports: Record<string, ImportDefinition> = {
  absences: {
    by: SCUOLA, pupil: 'codice', day: 'giorno', command: 'registra', family: 'aggiornaFamiglia',
    columns: {
      codice: { type: 'text', required: true, headings: ['Codice alunno', 'Codice', 'Matricola', 'Id alunno', 'Codice SIDI', 'Codice fiscale'] },
      giorno: { type: 'date', required: true, headings: ['Data', 'Giorno', 'Data assenza', 'Data evento'] },
      tipo: {
        type: 'choice', required: true, headings: ['Tipo', 'Evento', 'Tipo evento', 'Assenza'],
        // Registers list the others too.
        ignored: ['P', 'Presente', 'Presenza', 'FC', 'Fuori classe'],
        words: { assenza: ['A', 'Ass', 'Assente', 'Assenza'], ritardo: ['R', 'Rit', 'Ritardo', 'Entrata in ritardo', 'Ingresso in ritardo', 'RB'], uscita: ['U', 'Usc', 'Uscita', 'Uscita anticipata'] },
      },
      ora: { type: 'time', headings: ['Ora', 'Orario', 'Ora entrata', 'Ora ingresso', 'Ora uscita'] },
      minuti: { type: 'whole', headings: ['Minuti', 'Minuti persi'], min: 0, max: 600 },
    },
    // Of a morning one thing is true: absent, or in late. Who was marked absent and then came in is late, also where a file says both.
    key: ({ codice, giorno, tipo }) => `${codice}/${giorno}/${tipo === 'uscita' ? 'uscita' : 'ingresso'}`,
    merge: (one, other) => (one.tipo === other.tipo ? null : one.tipo === 'ritardo' ? one : other),
    check: ({ giorno }, today) => (giorno as string > today ? { rule: 'giornoFuturo', column: 'giorno' } : schoolYearOf(giorno as string) !== schoolYearOf(today) ? { rule: 'annoChiuso', column: 'giorno' } : null),
    target: ({ code, class: classe, year, name, birth, own, contacts: [famiglia, secondoGenitore] }, scuola) => ({
      data: { alunno: { codice: code, ...name, ...(birth ? { nascita: birth } : {}) }, classe, annoScolastico: year },
      parties: { scuola, ...(famiglia ? { famiglia } : {}), ...(secondoGenitore ? { secondoGenitore } : {}), ...(own ? { studente: own } : {}) },
    }),
    input: (rows, withdrawn) => ({
      eventi: rows.map(({ data: { giorno, tipo, ora, minuti } }) => ({ giorno: giorno!, tipo: tipo!, ...(ora === null ? {} : { ora: ora! }), ...(minuti === null ? {} : { minuti: minuti! }) })),
      ...(withdrawn.length > 0 ? { ritirati: withdrawn.flatMap(ritirati) } : {}),
    }),
  },
};
