/** A secretary reads refusals, not JSON: figures that are rows become words too. */
import { expect, it } from '@jest/globals';
import { refusalText } from '../../api/refusalText.ts';
import { errorText } from '../../api/schemaErrorText.ts';
import { plugins } from '../../plugins/registry.ts';

const plugin = plugins.find(({ process }) => process === 'istruzione-domiciliare')!;

it('tells the hours of each teacher in words', () => {
  const refusal = { rule: 'oreNonCoincidenti', figures: { docenti: [{ docente: 'colella', registro: 9, dichiarate: 8.5 }], totaleRegistro: 9, totaleDichiarato: 8.5 } };
  const text = refusalText(plugin, refusal, 'it');
  expect(text).toContain('colella (registro 9, dichiarate 8,5)');
  expect(text).not.toMatch(/[{}"]/);
});

it('takes a figure for a word, never for what every object inherits', () => {
  for (const campo of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    expect(refusalText(plugin, { rule: 'campoAggiuntivoNonPrevisto', figures: { campo } }, 'it')).toBe(`Il modulo in vigore non prevede il campo “${campo}”.`);
  }
});

it('names the formats of Italian forms as people do', () => {
  const told = (format: string) => errorText({ keyword: 'format', params: { format }, instancePath: '', schemaPath: '' }, 'it');
  expect(['codice-fiscale', 'iban'].map(told)).toEqual(['deve essere un codice fiscale valido', 'deve essere un IBAN valido']);
});

it('tells money in euros and missing acts by their names', () => {
  const money = refusalText(plugin, { rule: 'cofinanziamentoInsufficiente', figures: { deliberatoCents: 100_000, dovutoCents: 127_724, aCaricoProgettoCents: 255_448, costoCents: 255_448, oneriRiflessiCents: 62_948 } }, 'it');
  expect(money.replace(/\s/g, ' ')).toBe('Il Consiglio di Istituto ha deliberato 1.000,00 €: il cofinanziamento è di 1.277,24 € su 2.554,48 € (costo 2.554,48 €, di cui oneri riflessi 629,48 €).');
  expect(refusalText(plugin, { rule: 'pianificazioneIncompleta', figures: { mancano: ['informaConsiglioClasse', 'nominaReferente'] } }, 'it')).toBe('Prima del modello P mancano: Informa il Consiglio di classe, Nomina il referente.');
  expect(refusalText(plugin, { rule: 'emittenteNonAmmesso', figures: { modello: 'S', emittente: 'specialistaPrivato', ammessi: ['strutturaOspedaliera'] } }, 'it')).toBe('Il modello S non può essere rilasciato da specialista privato: ammessi struttura ospedaliera.');
});
