/** What a reception tells the cases of its bookings. Ids and times only. */
import { addMinutes, romeDate } from '../../calendar.ts';
import type { CommandInput, EffectRule, Step } from '../../contract.ts';
import { endOf, type DeadlineTable } from './terms.ts';
import { ultimoGiorno } from './rules.ts';
import { posti } from './slots.ts';
import type { Contesto, Proposta } from './types.ts';

/** Of a day that was added or moved: its own place. */
const luogoDi = (context: Contesto, inizio: string): string | null => posti(context, { festivita: [], periodi: [] }, { from: romeDate(inizio), to: romeDate(inizio) }).find(posto => posto.inizio === inizio)?.luogo ?? null;

const toColloquio = (command: string, id: string, data: CommandInput['data']): CommandInput => ({ process: 'colloquio', command, target: { id }, data });

function riesamina({ context, case: { id }, today }: Pick<Step<Contesto>, 'context' | 'case' | 'today'>): CommandInput[] {
  const waiting = context.attesa.filter(({ offerta, al }) => offerta === null && al >= today);
  if (waiting.length === 0) return [];
  const dal = waiting.map(each => each.dal).sort()[0]!, al = waiting.map(each => each.al).sort().at(-1)!;
  return [{ process: 'disponibilita', command: 'riesamina', target: { id }, data: { dal: dal > today ? dal : today, al } }];
}

export const effects: Record<string, EffectRule<Contesto>> = {
  /** An offer with a timed hold, or another time: whoever has it answers by taking it. */
  propone: {
    does: 'command',
    input: ({ context }): CommandInput => {
      const { colloquio, tipo, inizio, motivo } = context.proposte[0] as Proposta, { luogo, modalita, collegamento, durataMinuti } = context.regola;
      const posto = { inizio, durataMinuti, modalita, luogo: luogoDi(context, inizio) ?? luogo, collegamento };
      return tipo === 'spostamento' ? toColloquio('spostaDaScuola', colloquio, { ...posto, motivo })
        : toColloquio('offri', colloquio, { ...posto, minuti: context.condizioni.offertaMinuti, entro: addMinutes(inizio, -context.condizioni.preavvisoOre * 60) });
    },
  },
  /** Whoever waits again may have a slot that came free meanwhile: the case asks itself, since an answer reads no other rows. */
  riesamina: { does: 'command', mayBeLate: true, input: riesamina },
  riesaminaSeAttende: { does: 'command', mayBeLate: true, input: step => (['restaInLista', 'ritirata'].includes(step.data.esito) ? riesamina(step) : []) },
  disdice: { does: 'command', mayBeLate: true, input: ({ context }) => context.disdetti.map(id => toColloquio('annullaDaScuola', id, { motivo: context.motivo })) },
  terminaAttese: { does: 'command', mayBeLate: true, input: ({ context }) => context.attesa.map(({ colloquio }) => toColloquio('terminaAttesa', colloquio, {})) },
  terminaIscritto: { does: 'command', mayBeLate: true, input: ({ data }) => toColloquio('terminaAttesa', data.colloquio, {}) },
};

/** Bookings may still tell of slots for a while after the last interview. */
const GIORNI_ARCHIVIAZIONE = 30;

/** Until whoever holds a slot has heard that it is to be left. */
const PAUSA_MINUTI = 1 / 12;

export const deadlines: DeadlineTable = {
  ripresa: { anchor: 'entry', due: ({ at }) => ({ at: addMinutes(at, PAUSA_MINUTI), rule: 'Il posto è tenuto da chi sta per lasciarlo' }) },
  finePeriodo: { anchor: 'event', due: ({ context, today }) => endOf(ultimoGiorno(context), today, 'Fine del periodo di ricevimento') },
  archiviazione: { anchor: 'entry', due: ({ context, today }) => endOf(ultimoGiorno(context), today, 'Fine del periodo di ricevimento, dopo gli ultimi avvisi', GIORNI_ARCHIVIAZIONE) },
};
