/**
 * Loaded by `--import` into the processes of a test installation (never into a real one): the toys join the registry and,
 * with ITER_FAILPOINT set, a few modules are wrapped so that the process dies at an exact place. Production code knows of neither.
 */
import { registerHooks } from 'node:module';

const here = (path: string) => new URL(path, import.meta.url).href;
const REPLACED: Record<string, string> = { [here('../../plugins/registry.ts')]: here('../toys/registry.ts') };
if (process.env['ITER_FAILPOINT']) {
  REPLACED[here('../../engine/engine.ts')] = here('./failpoints/engine.ts');
  REPLACED[here('../../activities/mailer.ts')] = here('./failpoints/mailer.ts');
  REPLACED[here('../../engine/agenda/agenda.ts')] = here('./failpoints/agenda.ts');
}

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const replacement = REPLACED[resolved.url];
    // The replacement itself wants the real one.
    return replacement && context.parentURL !== replacement ? { ...resolved, url: replacement } : resolved;
  },
});
