/** A secretary reads refusals, not JSON: figures that are rows become words too. */
import { expect, it } from '@jest/globals';
import { refusalText } from '../../api/refusalText.ts';
import { plugins } from '../../plugins/registry.ts';

const plugin = plugins.find(({ process }) => process === 'istruzione-domiciliare')!;

it('tells the hours of each teacher in words', () => {
  const refusal = { rule: 'oreNonCoincidenti', figures: { docenti: [{ docente: 'colella', registro: 9, dichiarate: 8.5 }], totaleRegistro: 9, totaleDichiarato: 8.5 } };
  const text = refusalText(plugin, refusal, 'it');
  expect(text).toContain('colella (registro 9, dichiarate 8,5)');
  expect(text).not.toMatch(/[{}"]/);
});
