/** The registry of a test installation: the real processes and the toys. Put in the place of plugins/registry.ts by hooks.ts. */
import { plugins as released } from '../../plugins/registry.ts';
import { contatore } from './contatore.ts';
import { corriere } from './corriere.ts';
import { corrispondenza } from './corrispondenza.ts';
import { conservato } from './conservato.ts';
import { yardstick } from './yardstick.ts';

export const plugins = [...released, yardstick, corriere, contatore, conservato, corrispondenza];
