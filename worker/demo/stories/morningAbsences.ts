/** The morning's absences: the register's file is taken in once, the families are told, a parent justifies, the school accepts. */
import { addDays, dayOfWeek } from '../../../plugins/calendar.ts';
import type { Cast } from '../cast.ts';
import { chapter, localDay, note, ore, table, tell } from '../narrator.ts';
import type { Person } from '../person.ts';
import { cannotSee, must } from '../steps.ts';

const DOMENICA = 7;
/** Events of these days are told to the family (parameter `terminiGiustificazione`). */
const RECENT_DAYS = 3;
/** A child of the Rossi family and one of the Bianchi family. */
const PUPILS = [{ rossi: { code: 'A1A01', name: 'Luca Rossi' }, bianchi: 'A1A03' }, { rossi: { code: 'A2B01', name: 'Anna Rossi' }, bianchi: 'A2B02' }];
/** As the register writes them, and as the case calls them. */
const KINDS = [{ rossi: 'A', event: 'assenza', bianchi: 'R;08:25' }, { rossi: 'U;12:10', event: 'uscita', bianchi: 'A' }, { rossi: 'R;08:40', event: 'ritardo', bianchi: 'U;11:50' }];
const CHANGES: Record<string, string> = { created: 'nuova', changed: 'corretta', unchanged: 'già nota' };

interface Morning { file: string; preview: any; event: string; pupil: (typeof PUPILS)[number]['rossi'] }

/** Answers the pupil's case. */
export async function tellMorningAbsences(cast: Cast, oggi: string): Promise<string> {
  const { segreteria, famiglia, bianchi, docente } = cast;
  chapter('Le assenze della mattina');
  const { file, preview, event, pupil } = await unheardMorning(segreteria, oggi);
  tell('✓', segreteria.label, `prova il file del registro: ${preview.rows} righe, ${preview.created} nuove, ${preview.refused} da correggere`);
  table(preview.sample.map(({ line, change, data }: any) => [`riga ${line}`, data.codice, localDay(data.giorno), data.tipo, data.ora ?? '', CHANGES[change] ?? change]));
  tellErrors(preview);
  const taken = await segreteria.does('POST', '/imports/absences', file, 'importa il file');
  must(taken.created === 2 && taken.refused === 1 && taken.preview === false, 'dovevano entrare due righe su tre', taken);
  const again = await segreteria.does('POST', '/imports/absences', file, 'lo importa di nuovo, per sbaglio');
  must(again.created === 0 && again.changed === 0 && again.unchanged === 2 && again.cases === 0, 'lo stesso file non doveva fare niente', again);
  note('Nuove 0, già note 2: nessuna famiglia è avvisata due volte.');

  chapter('L’avviso e la giustificazione');
  const id = await registerOf(famiglia, pupil.code), written = event.slice(0, 10).split('-').reverse().join('/');
  const notice = await famiglia.waitFor('trova l’avviso nel portale', async () => {
    for (const { id: entry, subject } of (await famiglia.get('/inbox')).items) {
      if (!subject.includes(pupil.name)) continue;
      const message = await famiglia.get(`/inbox/${entry}`);
      if (message.text.includes(`${written} (`)) return message;
    }
    return null;
  });
  note(`${notice.subject}: ${notice.text.split('\n')[0]}`);
  await cannotSee(bianchi, id, `cerca il registro di ${pupil.name}`);
  const { items: tasks } = await famiglia.get('/tasks?process=giustificazione');
  const task = tasks.find((each: any) => each.case.id === id);
  must(task !== undefined, 'la famiglia doveva avere da giustificare', tasks);
  tell('·', famiglia.label, `vede che cosa l’aspetta: ${task.label}`);
  const stateOf = (seen: any): string => seen.data.eventi.find(({ chiave }: any) => chiave === event)?.stato;
  const justified = await famiglia.give(id, 'giustifica', { eventi: [event], motivo: 'Visita medica' }, 'giustifica');
  must(stateOf(justified) === 'giustificato', 'l’assenza doveva essere giustificata', justified.data.eventi);
  const accepted = await docente.give(id, 'accetta', { eventi: [event] }, 'accetta la giustificazione');
  must(stateOf(accepted) === 'accettato', 'la giustificazione doveva essere accettata', accepted.data.eventi);
  const { totale, limiteOre } = accepted.data;
  note(`Nell’anno: assenze ${totale.assenze}, ritardi ${totale.ritardi}, uscite ${totale.uscite}; ${ore(totale.ore)} perse, al massimo ${ore(limiteOre)}.`);
  return id;
}

/** Of these days, pupils and kinds, what no earlier telling on this installation took in: of the same again there would be nothing to tell. */
async function unheardMorning(segreteria: Person, oggi: string): Promise<Morning> {
  const days = Array.from({ length: RECENT_DAYS + 1 }, (_, n) => addDays(oggi, -n)).filter(date => dayOfWeek(date) !== DOMENICA);
  for (const giorno of days) for (const kind of KINDS) for (const { rossi, bianchi } of PUPILS) {
    const date = giorno.split('-').reverse().join('/');
    const file = ['Codice alunno;Data;Tipo;Ora', ...[`${rossi.code};${date};${kind.rossi}`, `${bianchi};${date};${kind.bianchi}`, `Z9Z99;${date};A`].map(row => (row.split(';').length === 3 ? `${row};` : row))].join('\n');
    const { status, body } = await segreteria.call('POST', '/imports/absences?preview=true', file);
    must(status === 200, 'il file doveva essere leggibile', body);
    if (body.created === 2) return { file, preview: body, event: `${giorno}-${kind.event}`, pupil: rossi };
  }
  must(false, 'le assenze di questi giorni sono già tutte in questa installazione: domani il racconto ne trova altre');
}

function tellErrors({ errors, refused }: any): void {
  must(refused === 1 && errors.length === 1 && errors[0].line === 4, 'la terza riga doveva essere rifiutata', errors);
  note(`Riga ${errors[0].line}, ${errors[0].field}: ${errors[0].message}.`);
}

/** The pupil's school year, as the family sees it. */
async function registerOf(famiglia: Person, code: string): Promise<string> {
  for (const { id } of (await famiglia.get('/cases?process=giustificazione&limit=200')).items) if ((await famiglia.get(`/cases/${id}`)).data.alunno.codice === code) return id;
  must(false, `la famiglia doveva vedere il registro dell’alunno ${code}`);
}
