/** What plugin code is shown while it decides, and what becomes of what it throws. */
import type { Facts, LocalDate, ParameterRow, Step } from '../../plugins/contract.ts';
import { romeDate } from '../../plugins/calendar.ts';
import { NOTHING_ADDED } from '../../plugins/formFields.ts';
import { FORM_PARAMETERS } from '../../plugins/formNames.ts';
import type { CompiledProcess } from './compile.ts';
import { freeze } from './plain.ts';
import { DecisionError, type CaseState, type StepEnvironment } from './types.ts';

const NO_FACTS: Facts = { items: [], members: [], attachments: [] };

/** Finds the value in force: the latest version, the organisation's own before the general one; of one party's organisation where it is named. */
export function parameterReader(rows: ParameterRow[], today: LocalDate, parties: Record<string, string>, used?: (row: ParameterRow) => void) {
  return <T>(name: string, date: LocalDate = today, party?: string): T => {
    let best: ParameterRow | undefined;
    for (const row of rows) {
      if (row.name !== name || row.from > date || (row.to !== null && row.to < date)) continue;
      if (party !== undefined && row.organisation !== null && row.organisation !== parties[party]) continue;
      if (!best || Number(row.organisation !== null) > Number(best.organisation !== null)
        || (row.organisation !== null) === (best.organisation !== null) && row.version > best.version) best = row;
    }
    // Most organisations add nothing to a form: that is no gap in the parameters.
    if (!best && name.startsWith(FORM_PARAMETERS)) return NOTHING_ADDED as T;
    if (!best) throw new DecisionError(`parameter "${name}" has no value in force on ${date}`);
    used?.(best);
    return best.value as T;
  };
}

export function stepFor(environment: StepEnvironment, state: Pick<CaseState, 'id' | 'createdAt' | 'number' | 'parties'>, process: string, data: unknown): Omit<Step, 'context' | 'params'> {
  const today = romeDate(environment.at);
  return {
    data: freeze(data), at: environment.at, today, actor: environment.actor, parties: state.parties,
    case: { id: state.id, process, number: state.number, createdAt: state.createdAt },
    facts: environment.facts ?? NO_FACTS, number: environment.number ?? null,
    parameter: parameterReader(environment.parameters ?? [], today, state.parties),
  };
}

export function guarded<T>(process: CompiledProcess, step: Omit<Step, 'context' | 'params'>, run: () => T): T {
  process.current.step = step;
  process.current.refusals = [];
  try {
    return run();
  } catch (error) {
    throw asDecisionError(process, error);
  } finally {
    process.current.step = null;
  }
}

/** Whatever plugin code threw, as the plugin's fault. */
export function asDecisionError({ plugin }: CompiledProcess, error: unknown): DecisionError {
  return error instanceof DecisionError ? error : new DecisionError(`${plugin.process}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
