/** The diagram of a chart: everything that a reader of the README or of the API should see in it. */
import { expect, it } from '@jest/globals';
import { createMachine } from 'xstate';
import { mermaidDiagram } from '../engine/decide/diagram.ts';
import { defineToy } from './toys/toy.ts';

const machine = createMachine({
  id: 'disegno', initial: 'bozza',
  states: {
    bozza: { on: { scrivi: { actions: 'scrive' }, presenta: [{ guard: 'breve', target: 'attesa', actions: ['scrive', 'avvisa'] }, { target: 'lavori.esame.aperto' }] } },
    attesa: { entry: 'inoltra', invoke: { src: 'invio', onDone: 'lavori', onError: { target: 'bozza' } }, after: { termine: { target: '#disegno.chiusa', actions: 'avvisa' } } },
    lavori: {
      type: 'parallel', onDone: 'chiusa',
      states: {
        esame: { initial: 'aperto', states: { aperto: { on: { decidi: 'deciso', ricomincia: { target: '#disegno.lavori', reenter: true } } }, deciso: { type: 'final' } } },
        visita: { initial: 'verifica', states: { verifica: { always: [{ guard: 'breve', target: 'fatta' }, { target: 'dovuta' }] }, dovuta: { on: { visita: 'fatta' } }, fatta: { type: 'final' } } },
      },
    },
    chiusa: { type: 'final' },
  },
});
const noInput = { does: 'message' as const, input: () => ({ template: 't', to: [], data: {} }) };

const disegno = defineToy({
  process: 'disegno', machine, commands: { scrivi: {}, presenta: {}, decidi: {}, ricomincia: {}, visita: {} }, guards: { breve: () => true }, updates: { scrive: () => ({}) },
  deadlines: { termine: { anchor: 'entry', due: () => null } },
  effects: { avvisa: noInput, invio: noInput, inoltra: { does: 'command', input: () => ({ process: 'x', command: 'y', data: {}, target: { id: 'z' } }) } },
});

it('shows states, regions, commands, branches, deadlines and effects', () => {
  const labelled = { ...disegno, labels: { ...disegno.labels, it: { ...disegno.labels.it, states: { ...disegno.labels.it.states, attesa: 'In attesa: "invio"; poi' } } } };
  expect(mermaidDiagram(labelled, 'it')).toBe(`stateDiagram-v2
  [*] --> bozza
  state "bozza" as bozza
  state "In attesa – ”invio”, poi<br/>➜ inoltra<br/>✉ invio" as attesa
  state "lavori" as lavori {
    state "lavori.esame" as lavori_esame {
      [*] --> lavori_esame_aperto
      state "lavori.esame.aperto" as lavori_esame_aperto
      state "lavori.esame.deciso" as lavori_esame_deciso
      lavori_esame_deciso --> [*]
    }
    --
    state "lavori.visita" as lavori_visita {
      [*] --> lavori_visita_verifica
      state "lavori.visita.verifica" as lavori_visita_verifica
      state "lavori.visita.dovuta" as lavori_visita_dovuta
      state "lavori.visita.fatta" as lavori_visita_fatta
      lavori_visita_fatta --> [*]
    }
  }
  state "chiusa" as chiusa
  chiusa --> [*]
  bozza --> bozza : scrivi
  bozza --> attesa : presenta [breve] ✉ avvisa
  bozza --> lavori_esame_aperto : presenta
  attesa --> chiusa : ⏱ termine ✉ avvisa
  attesa --> lavori : ✓ ✉ invio
  attesa --> bozza : ✗ ✉ invio
  lavori --> chiusa : ✓
  lavori_esame_aperto --> lavori_esame_deciso : decidi
  lavori --> lavori : ricomincia
  lavori_visita_verifica --> lavori_visita_fatta : [breve]
  lavori_visita_verifica --> lavori_visita_dovuta
  lavori_visita_dovuta --> lavori_visita_fatta : visita
`);
});
