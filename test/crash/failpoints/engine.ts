/**
 * engine/engine.ts that may die after a COMMIT: before its nudge (`committed`) or after it was handed over (`nudged`); no answer was given yet.
 * And with letters: when a document is printed under the register's lock (`numbered`), when it is registered (`registered`), when its mail is on record (`kept`).
 */
import { createEngine as create, type Engine, type EngineOptions } from '../../../engine/engine.ts';
import { reach } from './failpoint.ts';

export * from '../../../engine/engine.ts';

export function createEngine(options: EngineOptions): Engine {
  const engine = create({
    ...options,
    onCommitted: change => {
      reach('committed');
      options.onCommitted?.(change);
      reach('nudged');
    },
  });
  const { dossier } = engine;
  return {
    ...engine,
    dossier: {
      ...dossier,
      registerPapers: async papers => {
        const registration = await dossier.registerPapers({ ...papers, make: async number => { const made = await papers.make(number); reach('numbered'); return made; } });
        reach('registered');
        return registration;
      },
      keepMail: async mail => {
        await dossier.keepMail(mail);
        reach('kept');
      },
    },
  };
}
