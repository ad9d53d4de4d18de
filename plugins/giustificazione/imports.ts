/** The register's daily export: one row for each absence, late entry or early leave of a pupil. */
import type { ImportDefinition } from '../contract.ts';
import { SCUOLA } from './process/commands.ts';
import { chiave } from './process/events.ts';

export const imports: Record<string, ImportDefinition> = {
  absences: {
    by: SCUOLA, pupil: 'codice', day: 'giorno', command: 'registra',
    columns: {
      codice: { type: 'text', required: true, headings: ['Codice alunno', 'Codice', 'Matricola', 'Id alunno', 'Codice SIDI', 'Codice fiscale'] },
      giorno: { type: 'date', required: true, headings: ['Data', 'Giorno', 'Data assenza', 'Data evento'] },
      tipo: {
        type: 'choice', required: true, headings: ['Tipo', 'Evento', 'Tipo evento', 'Assenza'],
        words: { assenza: ['A', 'Ass', 'Assente', 'Assenza'], ritardo: ['R', 'Rit', 'Ritardo', 'Entrata in ritardo', 'Ingresso in ritardo', 'RB'], uscita: ['U', 'Usc', 'Uscita', 'Uscita anticipata'] },
      },
      ora: { type: 'time', headings: ['Ora', 'Orario', 'Ora entrata', 'Ora ingresso', 'Ora uscita'] },
      minuti: { type: 'whole', headings: ['Minuti', 'Minuti persi'], min: 0, max: 600 },
    },
    key: ({ codice, giorno, tipo }) => `${codice}/${giorno}/${tipo}`,
    check: ({ giorno }, today) => (giorno as string > today ? { rule: 'giornoFuturo', column: 'giorno' } : null),
    target: ({ code, class: classe, year, name, contacts: [famiglia, secondoGenitore] }, scuola) => ({
      data: { alunno: { codice: code, ...name }, classe, annoScolastico: year }, parties: { scuola, ...(famiglia ? { famiglia } : {}), ...(secondoGenitore ? { secondoGenitore } : {}) },
    }),
    input: (rows, withdrawn) => ({
      eventi: rows.map(({ data: { giorno, tipo, ora, minuti } }) => ({ giorno: giorno!, tipo: tipo!, ...(ora === null ? {} : { ora: ora! }), ...(minuti === null ? {} : { minuti: minuti! }) })),
      ...(withdrawn.length > 0 ? { ritirati: withdrawn.map(key => { const [giorno, tipo] = key.split('/').slice(-2) as [string, 'assenza']; return chiave({ giorno, tipo }); }) } : {}),
    }),
  },
};
