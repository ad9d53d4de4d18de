/** Steps that several stories take. */
import { tell } from './narrator.ts';
import { StepError, type Person } from './person.ts';

/** Of what was seen, in an error. */
const LONGEST = 800;

export async function cannotSee(person: Person, caseId: string, told: string): Promise<void> {
  const { status } = await person.call('GET', `/cases/${caseId}`);
  if (status !== 404) throw new StepError(`${person.label}: ${told}: doveva dare 404, ha dato ${status}`);
  tell('✗', person.label, `${told}: non esiste (404)`);
}

/** The figures of a refusal: they must be there. */
export function figures(problem: any, names: string[]): Record<string, unknown> {
  const missing = names.filter(name => problem.figures?.[name] === undefined);
  if (missing.length > 0) throw new StepError(`il rifiuto "${problem.rule}" doveva dire ${missing.join(', ')}: ${JSON.stringify(problem.figures)}`);
  return problem.figures;
}

/** Ends the demo where something seen is not what the story says. */
export function must(holds: boolean, told: string, seen?: unknown): asserts holds {
  if (!holds) throw new StepError(`${told}${seen === undefined ? '' : `: ${JSON.stringify(seen).slice(0, LONGEST)}`}`);
}
