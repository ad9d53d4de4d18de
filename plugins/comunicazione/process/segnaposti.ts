/** Names in braces that stand for the reader's own: any other would be read by families as it is written. */
import type { Refusal } from '../../contract.ts';
import type { Testi } from './types.ts';

export const SEGNAPOSTI = ['destinatario', 'alunni', 'classi', 'entro'] as const;

/** A text whose braces name nothing else. A brace that is never closed is a brace. */
export const SOLO_SEGNAPOSTI = `^(?:[^{]|\\{(?:${SEGNAPOSTI.join('|')})\\}|\\{(?![^{}]*\\}))*$`;

const TRA_GRAFFE = /\{([^{}]*)\}/g;

/** `pointer`: where the command names them, if it does not hold the texts itself. */
export function checkSegnaposti(testi: Testi, pointer?: string): Refusal | null {
  for (const lingua of ['it', 'en'] as const) for (const [campo, testo] of Object.entries(testi[lingua] ?? {})) {
    const ignoto = [...(testo as string).matchAll(TRA_GRAFFE)].find(([, name]) => !(SEGNAPOSTI as readonly string[]).includes(name!));
    if (ignoto) return { rule: 'segnapostoSconosciuto', pointer: pointer ?? `/testi/${lingua}/${campo}`, figures: { segnaposto: ignoto[0].slice(0, 60), ammessi: SEGNAPOSTI.map(name => `{${name}}`) } };
  }
  return null;
}
