/** A teacher's hours and the bookings of them, in virtual time: Monday evenings of autumn 2026, twelve slots each. */
import type { Actor, JsonObject, Plugin, Refusal } from '../../plugins/contract.ts';
import { instantOfLocal } from '../../plugins/calendar.ts';
import { colloquio } from '../../plugins/colloquio/plugin.ts';
import { disponibilita } from '../../plugins/disponibilita/plugin.ts';
import { morning, PureCase, PureWorld } from '../pureCase.ts';

export const SCUOLA = 'BAIC847001', DOCENTE = 'verdi';
/** A Monday with slots, and the one after. */
export const LUNEDI = '2026-10-19', LUNEDI_DOPO = '2026-10-26';
export const REGOLA = { dal: '2026-10-05', al: '2026-12-14', fasce: [{ giorno: 1, dalle: '17:00', alle: '19:00' }], durataMinuti: 10, modalita: 'presenza', luogo: 'aula 3' };
export const slot = (time: string, date = LUNEDI): string => instantOfLocal(date, time);
export const ALUNNO = (codice: string): JsonObject => ({ codiceAlunno: codice, alunno: { nome: 'Nina', cognome: 'Rossi', classe: '2B' } });

const docente: Actor = { kind: 'user', id: DOCENTE, role: 'docente', organisation: SCUOLA };

export class Reception {
  readonly world: PureWorld;
  readonly hours: PureCase;

  constructor({ at = morning('2026-10-12'), regola = {}, condizioni = {}, parameters = [] }: { at?: string; regola?: JsonObject; condizioni?: JsonObject; parameters?: ConstructorParameters<typeof PureWorld>[2] } = {}) {
    this.world = new PureWorld([disponibilita, colloquio] as Plugin[], at, parameters);
    this.hours = this.world.create('disponibilita', { regola: { ...REGOLA, ...regola } as JsonObject, condizioni: { perGenitore: 2, confermaAutomatica: true, ...condizioni } }, { scuola: SCUOLA, docente: DOCENTE }, docente);
    this.give('pubblica', {});
  }

  /** The teacher asks something of the own hours. Throws where it is refused. */
  give(command: string, data: JsonObject): this {
    this.hours.must(command, data as never, 'docente', { user: DOCENTE });
    return this;
  }

  ask(family: string, data: JsonObject, { parties = {}, role = 'genitore' }: { parties?: Record<string, string>; role?: string } = {}): PureCase | { why: string; refusals: Refusal[] } {
    const actor: Actor = { kind: 'user', id: role === 'delegato' ? parties['delegato']! : family, role };
    return this.world.begin('colloquio', { disponibilita: this.hours.id, ...ALUNNO(`A-${family}`), ...data }, { scuola: SCUOLA, docente: DOCENTE, genitore: family, ...parties }, actor);
  }

  book(family: string, time: string, more: JsonObject = {}, date = LUNEDI, who: Parameters<Reception['ask']>[2] = {}): PureCase {
    return this.made(this.ask(family, { inizio: slot(time, date), ...more }, who));
  }

  wait(family: string, dal = LUNEDI, al = dal, who: Parameters<Reception['ask']>[2] = {}): PureCase {
    return this.made(this.ask(family, { attesa: { dal, al } }, who));
  }

  private made(asked: ReturnType<Reception['ask']>): PureCase {
    if (!(asked instanceof PureCase)) throw new Error(`${asked.why} ${JSON.stringify(asked.refusals)}`);
    return asked;
  }

  /** Every slot of a day is booked, by families f0, f1 … */
  fill(date = LUNEDI, prefix = 'f'): PureCase[] {
    const { slots } = this.world.offersOf({ scope: `colloqui/${this.hours.id}`, from: date, to: date })[0]!;
    return slots.filter(({ free }) => free).map(({ from }, n) => this.made(this.ask(`${prefix}${n}`, { inizio: from })));
  }

  /** Until nothing is to be told any more: what was put off for a moment, too. */
  settle(): void {
    this.world.deliver();
    for (let round = 0; round < 100 && (this.hours.value as any).aperta === 'inPausa'; round += 1) {
      this.world.passUntil(this.hours.dueOf('ripresa')!);
      this.world.deliver();
    }
  }

  /** Who holds what: no two at once of one resource. */
  get doubles(): string[] {
    const { reservations } = this.world;
    return reservations.flatMap((a, n) => reservations.slice(n + 1).filter(b => a.resource === b.resource && a.from < b.to && b.from < a.to).map(b => `${a.resource} ${a.owner.id} ${b.owner.id}`));
  }
}

export const by = (family: string) => ({ user: family });
