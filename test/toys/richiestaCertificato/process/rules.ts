/** What the chart's names mean. Each rule cites its norm; nothing here knows a clock. */
import { addDays } from '../../calendar.ts';
import type { DeadlineRule, EffectRule, MessageInput, Rule, Step, Update } from '../../contract.ts';
import type { Contesto } from './types.ts';

export const rules: Record<string, Rule<Contesto>> = {
  /** "Le certificazioni … sono valide e utilizzabili solo nei rapporti tra privati" (art. 40, d.P.R. 445/2000). */
  usoTraPrivati: ({ context: { destinazione } }) => (destinazione === 'privato' ? null : { rule: 'usoTraPrivati', figures: { destinazione } }),
};

export const updates: Record<string, Update<Contesto>> = {
  aggiornaRichiesta: ({ data }) => ({ ...data }),
  registraPresentazione: ({ today }) => ({ presentataIl: today }),
  registraRilascio: ({ number }) => ({ numero: number!.text }),
  registraRifiuto: ({ data }) => ({ motivo: data.motivo }),
};

export const deadlines: Record<string, DeadlineRule<Contesto>> = {
  termineRilascio: { anchor: 'entry', due: ({ today }) => ({ endOf: addDays(today, 30), rule: 'art. 2, c. 2, l. 241/1990: trenta giorni' }) },
};

const message = (template: string, to: string[]): EffectRule<Contesto> => ({
  does: 'message',
  input: ({ context, parties }): MessageInput => ({ template, to: to.filter(party => parties[party] !== undefined), data: { tipo: context.tipo, numero: context.numero } }),
});
export const effects: Record<string, EffectRule<Contesto>> = {
  avvisaRilascio: message('rilascio', ['famiglia', 'scuola']),
  avvisaRifiuto: message('rifiuto', ['famiglia', 'scuola']),
  ricordaRilascio: message('ritardo', ['scuola']),
};

export const createContext = ({ data }: Omit<Step, 'context'>): Contesto => ({ ...data, presentataIl: null, numero: null, motivo: null });
