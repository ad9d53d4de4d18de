/** The chart: names only. A case is a pupil's school year; where each of its events stands is told by the event itself. */
import { createMachine } from 'xstate';

const sceglie = { target: '.verifica' };

export const machine = createMachine({
  id: 'giustificazione', initial: 'aperto',
  states: {
    aperto: {
      type: 'parallel',
      on: { aggiornaFamiglia: { guard: 'famigliaNota', actions: 'aggiornaFamiglia' }, cambiaClasse: { actions: 'cambiaClasse' }, chiudi: 'chiuso' },
      after: { fineAnno: 'chiuso' },
      states: {
        giustificazioni: {
          initial: 'verifica',
          on: {
            registra: { ...sceglie, guard: 'giorniValidi', actions: ['registraEventi', 'contaEventi', 'aggiornaFamiglia', 'avvisaFamiglia', 'avvisaRettifica'] },
            giustifica: { ...sceglie, guard: 'eventiDaGiustificare', actions: ['giustificaEventi', 'toglieAperti'] },
            accetta: { guard: 'eventiGiustificati', actions: 'accettaEventi' },
            chiediDiNuovo: { ...sceglie, guard: 'eventiGiustificati', actions: ['riapreEventi', 'tornaAperti', 'avvisaRichiesta'] },
            riapri: { ...sceglie, guard: 'eventiScaduti', actions: ['riapreEventi', 'tornaAperti'] },
            annulla: { ...sceglie, guard: 'eventiEsistenti', actions: ['annullaEventi', 'ricontaEventi', 'avvisaRettifica'] },
          },
          states: {
            verifica: { always: [{ guard: 'haDaGiustificare', target: 'daGiustificare' }, { target: 'inRegola' }] },
            inRegola: {},
            daGiustificare: { after: { termineGiustificazione: { target: 'verifica', actions: ['toglieScaduti', 'scadonoEventi', 'avvisaScadenza'] } } },
          },
        },
        soglia: {
          initial: 'sotto',
          states: {
            sotto: { always: { guard: 'oltrePreavviso', target: 'vicina', actions: 'avvisaSoglia' } },
            vicina: { always: [{ guard: 'oltreLimite', target: 'superata', actions: 'avvisaSuperamento' }, { guard: 'sottoPreavviso', target: 'sotto' }] },
            superata: { always: { guard: 'sottoLimite', target: 'vicina' } },
          },
        },
        riepilogo: {
          initial: 'attesa',
          states: { attesa: { after: { riepilogo: { target: 'attesa', reenter: true, actions: ['nuovoPeriodo', 'inviaRiepilogo'] } } } },
        },
      },
    },
    chiuso: { type: 'final' },
  },
});
