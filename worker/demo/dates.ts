/** The dates of the story, counted from today: the absence began weeks ago, so that its lessons can be recorded today. */
import { addDays, dayOfWeek, romeDate, schoolYearOf } from '../../plugins/calendar.ts';
import type { Person } from './person.ts';
import { note } from './narrator.ts';

export interface Period { dal: string; al: string }
export interface StoryDates {
  oggi: string;
  annoScolastico: string;
  /** Two periods, 19 + 25 days: more than 30, not continuous, still going on. */
  periodi: Period[];
  /** Too short to begin with. */
  troppoBreve: Period[];
  proroga: Period[];
  /** Of past lessons, oldest first; of one week three days, which is beyond the weekly cap. */
  lezioni: string[];
}
interface Calendario { inizioLezioni: string; fineLezioni: string; chiusure: Period[]; esami: Period }

const REGIONE = 'Puglia', CALENDARIO = 'calendarioScolastico';
const MARTEDI = 2, GIOVEDI = 4, VENERDI = 5;

export function storyDates(oggi = romeDate(new Date().toISOString())): StoryDates {
  const day = (days: number) => addDays(oggi, days);
  const periodi = [{ dal: day(-38), al: day(-20) }, { dal: day(-17), al: day(7) }];
  const past = Array.from({ length: 38 }, (_, i) => day(i - 38)).filter(date => periodi.some(({ dal, al }) => dal <= date && date <= al));
  const weeks = past.filter(date => dayOfWeek(date) === GIOVEDI && past.includes(addDays(date, MARTEDI - GIOVEDI)) && past.includes(addDays(date, VENERDI - GIOVEDI))).slice(-3);
  const lezioni = weeks.flatMap((giovedi, i) => [addDays(giovedi, MARTEDI - GIOVEDI), giovedi, ...(i === 0 ? [addDays(giovedi, VENERDI - GIOVEDI)] : [])]);
  return {
    oggi, annoScolastico: schoolYearOf(periodi[0]!.dal), periodi, troppoBreve: [{ dal: day(-12), al: day(7) }], proroga: [{ dal: day(8), al: day(28) }], lezioni,
  };
}

/** Between two school years nobody is at home instead of at school: then the polo enters a calendar of its own for the demo: one proposes it, the head approves. */
export async function ensureSchoolTime({ polo, dirigentePolo }: Record<'polo' | 'dirigentePolo', Person>, dates: StoryDates): Promise<void> {
  const inizioAnno = `${dates.annoScolastico.slice(0, 4)}-09-01`;
  const { status, body } = await polo.call('GET', `/parameters/${CALENDARIO}?at=${inizioAnno}`);
  const first = dates.periodi[0]!.dal, last = dates.proroga[0]!.al;
  const now = status === 200 ? (body.value as Record<string, Calendario>)[REGIONE] : undefined;
  // A month before the end of lessons is the last day to begin, and the proroga must still find lessons.
  if (now && now.inizioLezioni <= first && last <= addDays(now.fineLezioni, -31)) return;
  const value = status === 200 ? structuredClone(body.value) : await anyCalendar(polo);
  value[REGIONE] = { ...value[REGIONE], inizioLezioni: addDays(first, -20), fineLezioni: addDays(last, 60), chiusure: [], esami: { dal: addDays(last, 61), al: addDays(last, 80) } };
  const put = await polo.call('PUT', `/parameters/${CALENDARIO}`, { value, from: inizioAnno, to: addDays(inizioAnno, 364), reason: 'Calendario di prova: oggi non è tempo di lezioni' });
  if (put.status !== 202) throw new Error(`il calendario di prova non è stato accettato: ${put.status} ${JSON.stringify(put.body)}`);
  const approved = await dirigentePolo.call('POST', `/parameters/proposals/${put.body.id}/approve`);
  if (approved.status !== 200) throw new Error(`il calendario di prova non è stato approvato: ${approved.status} ${JSON.stringify(approved.body)}`);
  note(`(Oggi, ${dates.oggi}, il calendario ${dates.annoScolastico} non lascia il tempo al racconto: la scuola polo ne registra uno di prova.)`);
}

/** The shape of a calendar, from a year that has one. */
async function anyCalendar(polo: Person): Promise<Record<string, Calendario>> {
  return structuredClone((await polo.get(`/parameters/${CALENDARIO}?at=2026-09-01`)).value);
}
