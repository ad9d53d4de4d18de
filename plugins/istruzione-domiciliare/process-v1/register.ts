/** Rows of the register: written, corrected and annulled, never erased. */
import type { Item, ItemsUpdate } from '../../contract.ts';
import { lezioneOf } from './lessons.ts';
import type { Contesto, Lezione } from './types.ts';

const lezione = (key: string, data: Lezione): Item<Lezione> => ({ kind: 'lezione', key, data });

/** `L0001` is the first entry. */
export const keyOf = (entry: number): string => `L${String(entry).padStart(4, '0')}`;

/** The entry just counted: the update of the context came before. */
const lastKey = ({ prossimaLezione }: Contesto): string => keyOf(prossimaLezione - 1);

export const items: Record<string, ItemsUpdate<Contesto>> = {
  scriviLezione: ({ context, data, today }) => [lezione(lastKey(context), { ...data, registrataIl: today })],
  scriviRettifica: step => {
    const { context, data, today } = step;
    const key = lastKey(context);
    return [
      lezione(data.lezione, { ...lezioneOf(step, data.lezione)!.data, rettificataDa: key }),
      lezione(key, { ...data.nuova, registrataIl: today, rettifica: { lezione: data.lezione, motivo: data.motivo } }),
    ];
  },
  scriviAnnullamento: step => [lezione(step.data.lezione, { ...lezioneOf(step, step.data.lezione)!.data, annullata: { il: step.today, motivo: step.data.motivo } })],
  scriviCertificazione: step => (step.data.lezioni as string[]).map(key => lezione(key, { ...lezioneOf(step, key)!.data, certificataIl: step.today })),
};
