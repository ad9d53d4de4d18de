/** What leaves a booking: words to teacher and family, and what the reception must know of its slots. No pupil's name, no free words. */
import type { CommandInput, EffectRule, JsonObject, MessageInput, Step } from '../../contract.ts';
import type { Contesto } from './types.ts';

const FAMIGLIA = ['genitore', 'altroGenitore', 'delegato'];
type BookingStep = Step<Contesto>;

/** `invitation`: the mail carries the calendar entry as this step left it. */
function message(template: string, to: string[], { invitation = false, data = () => ({}) }: { invitation?: boolean; data?: (step: BookingStep) => JsonObject } = {}): EffectRule<Contesto> {
  return {
    does: 'message',
    input: (step): MessageInput => ({
      template, to: to.filter(party => step.parties[party] !== undefined), ...(invitation ? { invitation: true as const } : {}),
      data: { docente: step.context.nomeDocente, inizio: step.context.posto?.inizio ?? null, luogo: step.context.posto?.luogo ?? null, modalita: step.context.posto?.modalita ?? null, ...data(step) },
    }),
  };
}

/** Nothing is told of a slot that has begun. */
function toReception(command: string, data: (step: BookingStep) => JsonObject | null): EffectRule<Contesto> {
  return {
    does: 'command', mayBeLate: true,
    input: (step): CommandInput[] => {
      const told = data(step);
      return told ? [{ process: 'disponibilita', command, target: { id: step.context.disponibilita }, data: { colloquio: step.case.id, ...told } }] : [];
    },
  };
}

const dellaScuola = ({ data }: BookingStep): JsonObject => ({ motivo: data.motivo ?? null });
/** Whoever has it in a calendar is told of every change: programs take out only what they are told to. */
const tutti = [...FAMIGLIA, 'docente'];

export const effects: Record<string, EffectRule<Contesto>> = {
  iscriveInLista: toReception('iscriviInLista', ({ context }) => ({ ...context.attesa!, chiestoIl: context.chiestoIl })),
  lasciaLista: toReception('lasciaLista', () => ({})),
  chiudeOfferta: toReception('chiudiOfferta', ({ context, params, data }) => {
    const posto = context.liberato ?? context.posto;
    return posto && { inizio: posto.inizio, fine: posto.fine, esito: params.esito ?? data?.esito ?? 'accettata' };
  }),
  restituiscePosto: toReception('liberaPosto', ({ context: { liberato }, at }) => (liberato && liberato.inizio > at ? { ...liberato } : null)),

  avvisaIscrizione: message('iscrizione', FAMIGLIA, { data: ({ context }) => ({ dal: context.attesa?.dal ?? null, al: context.attesa?.al ?? null }) }),
  avvisaRichiesta: message('richiesta', tutti, { invitation: true }),
  avvisaConferma: message('conferma', tutti, { invitation: true }),
  avvisaCollegamento: message('collegamento', tutti, { invitation: true }),
  avvisaRifiuto: message('rifiuto', tutti, { invitation: true }),
  avvisaAnnullamento: message('annullamento', tutti, { invitation: true }),
  avvisaAnnullamentoScuola: message('annullamentoScuola', tutti, { invitation: true, data: dellaScuola }),
  avvisaSpostamento: message('spostamento', tutti, { invitation: true, data: dellaScuola }),
  avvisaOfferta: message('offerta', FAMIGLIA, { data: ({ context }) => ({ entro: context.offertaFino }) }),
  avvisaOffertaScaduta: message('offertaScaduta', FAMIGLIA, { invitation: true }),
  avvisaOffertaRitirata: message('offertaRitirata', FAMIGLIA, { invitation: true, data: dellaScuola }),
  avvisaFineAttesa: message('fineAttesa', FAMIGLIA),
  avvisaRichiestaScaduta: message('richiestaScaduta', tutti, { invitation: true }),
  ricorda: message('promemoria', FAMIGLIA),
};
