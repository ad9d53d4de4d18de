/** The appointment that a case is: derived from where it stands and what it remembers. Pure. */
import type { CalendarEntry } from '../../plugins/contract.ts';
import { instantOf } from '../../plugins/calendar.ts';
import { restore } from './decide.ts';
import { asDecisionError } from './step.ts';
import { topState, type CompiledProcess } from './compile.ts';
import { plain } from './plain.ts';
import { DecisionError, type CaseState } from './types.ts';

/** As it is written: instants in their one form, parties that this case has. Null where the case is no appointment. Throws {@link DecisionError}. */
export function calendarEntry(process: CompiledProcess, state: CaseState): CalendarEntry | null {
  const { plugin } = process;
  // A draft is its author's: nobody is invited to it.
  if (!plugin.calendar || plugin.drafts.includes(topState(state.value))) return null;
  const states = restore(process, state)._nodes.map(node => node.path.join('.')).filter(path => path !== '');
  try {
    const entry = plugin.calendar({ context: state.context, parties: state.parties, states });
    if (entry === null) return null;
    const { organizer } = entry, from = instantOf(entry.from), to = instantOf(entry.to);
    if (from >= to) throw new DecisionError(`${plugin.process}: the calendar entry ends (${to}) before it begins (${from})`);
    if (plugin.parties[organizer]?.kind !== 'organisation' || state.parties[organizer] === undefined) throw new DecisionError(`${plugin.process}: the calendar entry is organised by "${organizer}", which is no organisation of this case`);
    // An optional party that this case has not takes no part.
    return plain({ ...entry, from, to, attendees: entry.attendees.filter(party => state.parties[party] !== undefined) }, 'calendar');
  } catch (error) {
    throw asDecisionError(process, error);
  }
}
