/** engine/engine.ts that may die after a COMMIT: before its nudge (`committed`) or after it was handed over (`nudged`); no answer was given yet. */
import { createEngine as create, type Engine, type EngineOptions } from '../../../engine/engine.ts';
import { reach } from './failpoint.ts';

export * from '../../../engine/engine.ts';

export function createEngine(options: EngineOptions): Engine {
  return create({
    ...options,
    onCommitted: change => {
      reach('committed');
      options.onCommitted?.(change);
      reach('nudged');
    },
  });
}
