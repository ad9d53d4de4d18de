/**
 * Folds an exported history again through the released chart: what the row says must be what follows from the entries.
 * Each payload holds the input of its decision and all that the decision looked at, so nothing else is needed.
 */
import type { Item, Json, JsonObject } from '../../plugins/contract.ts';
import { topState, type CompiledProcess } from '../decide/compile.ts';
import { begin, decide } from '../decide/decide.ts';
import { itemsShown } from '../decide/facts.ts';
import { move } from '../decide/move.ts';
import { DecisionError, type Accepted, type CaseState, type Decision, type StepEnvironment } from '../decide/types.ts';
import { UnknownVersionError, type Processes } from '../processes.ts';
import { contextDigest, itemsDigest, type ExportedEntry, type HistoryExport } from './export.ts';
import { broken, isSame, payloadOf, type Check } from './verifyExport.ts';

const NAME = 'refold';

/** Verify the export first: what is folded here is taken as recorded. Never throws for what the export holds. */
export function refold(document: HistoryExport, processes: Processes): Check {
  const { process: name, processVersion } = document.case;
  if (document.entries.some(({ salted }) => salted === null)) return { name: NAME, result: 'unchecked', said: `${document.withheld.length > 0 ? 'withheld' : 'erased'} payloads cannot be folded` };
  try {
    return new Refold(document, version => processes.version(name, version)).run();
  } catch (error) {
    if (error instanceof UnknownVersionError) return { name: NAME, result: 'unchecked', said: `this program has no version ${processVersion} of "${name}": use one that has` };
    throw error;
  }
}

class Refold {
  private readonly document: HistoryExport;
  private readonly versionOf: (version: number) => CompiledProcess;
  /** As of the entry that is folded: a migration moves the case to another. */
  private process: CompiledProcess;
  private readonly items = new Map<string, Item>();

  constructor(document: HistoryExport, versionOf: (version: number) => CompiledProcess) {
    this.document = document;
    this.versionOf = versionOf;
    const [first] = document.entries;
    this.process = versionOf((first && payloadOf(first)?.input?.processVersion) ?? document.case.processVersion);
  }

  run(): Check {
    const { case: exported, entries } = this.document;
    let state: CaseState | null = null, folded = 0;
    for (const [index, entry] of entries.entries()) {
      const seq = index + 1, raised = entry.version > (entries[index - 1]?.version ?? 0);
      const wrong = (said: string) => broken(NAME, `entry ${seq} (${entry.kind} ${entry.name}): ${said}`, seq);
      let decision: Decision | null;
      try {
        decision = this.decide(entry, state);
      } catch (error) {
        // A chart that throws, or a payload that no commit writes: either way this entry is where it ends.
        return wrong(`folding it fails: ${(error as Error).message}`);
      }
      const accepted = decision?.accepted ? decision : null;
      if (accepted === null && raised) return wrong(`it was accepted then, and is refused now${decision && !decision.accepted ? ` (${decision.why} ${decision.refusals.map(({ rule }) => rule).join(', ')})` : ''}`);
      if (accepted !== null && !raised) return wrong('it left the case as it was, and is accepted now');
      if (accepted === null) continue;
      folded += 1;
      // As the row keeps it: JSON, without what is undefined.
      state = JSON.parse(JSON.stringify(accepted.next)) as CaseState;
      this.applyItems(accepted);
      if (topState(state.value) !== entry.to) return wrong(`it leads to ${topState(state.value)}, not to ${entry.to}`);
    }
    if (this.process.plugin.version !== exported.processVersion) return broken(NAME, `the row is of version ${exported.processVersion}; the entries leave it at ${this.process.plugin.version}`);
    return this.compare(state!, exported) ?? { name: NAME, result: 'ok', said: `${folded} decisions folded again through ${exported.process} version ${exported.processVersion}: state, context and items are those of the row` };
  }

  /** Null: the entry decided nothing (a refusal, an attachment, an operator's note, an outcome that nobody waited for). */
  private decide(entry: ExportedEntry, state: CaseState | null): Decision | null {
    const payload = payloadOf(entry);
    const input = payload?.input;
    const environment = { at: payload?.at, actor: payload?.actor, facts: payload?.facts, parameters: payload?.parameters, number: payload?.number ?? null };
    if (state === null) return begin(this.process, { data: input.data, state: { id: entry.caseId, createdAt: environment.at, parties: input.parties }, environment });
    switch (entry.kind) {
      case 'command':
        this.compareFacts(entry, input.data, payload.facts?.items ?? []);
        return decide(this.process, state, input, environment);
      case 'deadline': return decide(this.process, state, input, environment);
      case 'migration': return this.move(input, state, environment);
      case 'effect':
      case 'operator': return payload?.delivered === true ? decide(this.process, state, input, environment) : null;
      default: return null;
    }
  }

  private move({ from, to }: { from: number; to: number }, state: CaseState, environment: StepEnvironment): Decision {
    if (from !== this.process.plugin.version) throw new DecisionError(`it moves a case of version ${from}, which is of version ${this.process.plugin.version}`);
    const path = Array.from({ length: to - from + 1 }, (_each, index) => this.versionOf(from + index));
    this.process = path.at(-1)!;
    const moved = move({ path, state, items: [...this.items.values()], environment });
    return moved.accepted ? moved : { accepted: false, why: 'rule', refusals: [{ rule: moved.refused }], allowed: [] };
  }

  /** The items that a decision was shown must be those that the decisions before it made. */
  private compareFacts(entry: ExportedEntry, data: Json, shown: Item[]): void {
    const definition = this.process.plugin.commands[entry.name];
    const own = definition ? itemsShown(definition, data, this.items.values()) : [];
    if (itemsDigest(own) !== itemsDigest(shown)) throw new DecisionError('the items that it was shown are not those that the entries before it made');
  }

  private applyItems({ items }: Accepted): void {
    for (const item of items) {
      const key = `${item.kind} ${item.key}`;
      if ('remove' in item) this.items.delete(key);
      else this.items.set(key, { kind: item.kind, key: item.key, data: JSON.parse(JSON.stringify(item.data)) });
    }
  }

  private compare(state: CaseState, exported: HistoryExport['case']): Check | null {
    const differs = (what: string, row: unknown, made: unknown) => broken(NAME, `${what} of the row is ${JSON.stringify(row)}; the entries make it ${JSON.stringify(made)}`);
    if (!isSame(exported.value, state.value)) return differs('the state', exported.value, state.value);
    if (!isSame(exported.historyValue, state.historyValue)) return differs('the remembered states', exported.historyValue, state.historyValue);
    if (exported.done !== state.done) return differs('whether it is over', exported.done, state.done);
    if (exported.number !== state.number) return differs('the number', exported.number, state.number);
    if (!isSame(exported.parties, state.parties)) return differs('the parties', exported.parties, state.parties);
    if (exported.contextDigest !== contextDigest(state.context as JsonObject)) return broken(NAME, 'the data of the row are not what the entries make of them');
    if (exported.itemsDigest !== itemsDigest(this.items.values())) return broken(NAME, 'the items of the case are not what the entries make of them');
    return null;
  }
}
