/** Cases of version 1 go to their end as they began; moved to version 2 in any state, they go on by it. */
import { describe, expect, it } from '@jest/globals';
import { compile } from '../../engine/decide/compile.ts';
import { move } from '../../engine/decide/move.ts';
import { projectIn, report, type Stage } from '../../test/journeys/istruzioneDomiciliare.ts';
import { morning, PureWorld, type PureCase } from '../../test/pureCase.ts';
import { istruzioneDomiciliareV1 } from './plugin-v1.ts';
import { istruzioneDomiciliare } from './plugin.ts';
import { lezione } from './examples.ts';

const STAGES: Stage[] = ['bozza', 'presentata', 'numerata', 'inAutorizzazione', 'autorizzata', 'inCorso', 'conclusa', 'rendicontata'];
const path = [compile(istruzioneDomiciliareV1), compile(istruzioneDomiciliare)];
const old = (stage: Stage) => projectIn(new PureWorld([istruzioneDomiciliareV1], morning('2026-10-05')), stage);
const states = ({ steps }: PureCase) => steps.map(({ to }) => to).filter((to, i, all) => to !== all[i - 1]);
const operator = { kind: 'system' as const, id: 'operator:anna', role: 'operatore' };

function moved(project: PureCase): PureCase {
  const { world } = project;
  const decision = move({ path, state: project.caseState, items: [...project.items.values()], environment: { at: world.now, actor: operator, parameters: world.parameters } });
  if (!decision.accepted) throw new Error(decision.refused);
  expect(decision.agenda).toEqual({ arm: [], cancel: [], owe: [], bind: [], unbind: [] });
  return project.movedTo(path[1]!, decision);
}

describe('version 1', () => {
  it('is authorised by the operator alone, up to the payment', () => {
    expect(states(old('rendicontata'))).toEqual(['bozza', 'presentata', 'numerata', 'inAutorizzazione', 'autorizzata', 'inCorso', 'conclusa', 'rendicontata']);
  });
});

describe('moved to version 2', () => {
  it.each(STAGES)('a project in %s keeps its state, its terms and what it remembers', stage => {
    const project = old(stage), { value, context } = project.caseState, open = project.open;
    moved(project);
    expect(project.caseState).toMatchObject({ value, context: { ...context, proposta: null } });
    expect(project.open).toEqual(open);
  });

  it('a project that waits for its hours needs the countersignature', () => {
    const project = moved(old('inAutorizzazione')).must('autorizza', { oreAutorizzate: 40 }, 'operatorePolo');
    expect(project.state).toBe('inControfirma');
    expect(project.must('controfirma', {}, 'dirigentePolo').state).toBe('autorizzata');
  });

  it('a project in course goes on to its report', () => {
    const project = moved(old('inCorso'));
    project.must('registraLezione', lezione('2026-10-19', '17:30', '18:30'), 'docente').must('concludi', {}, 'dirigente');
    report(project);
    expect(project.state).toBe('rendicontata');
    expect(project.context.rendiconto.minutiContabili).toBe(180);
  });
});
