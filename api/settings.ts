/** Settings that concern the API alone. Their meaning: README.md, "Settings". */
import type { ApiSettings } from './context.ts';

/** A thousand requests a second of one caller: more than any program needs, less than what starves the others. */
const NORMAL_RATE = 60_000;

/** Throws with every setting that is wrong. */
export function readApiSettings(environment: Record<string, string | undefined> = process.env): ApiSettings {
  const problems: string[] = [];
  const rate = environment['RATE_LIMIT_PER_MINUTE']?.trim() || String(NORMAL_RATE);
  if (!/^\d{1,9}$/.test(rate)) problems.push(`RATE_LIMIT_PER_MINUTE must be a whole number (0: no limit), not "${rate}"`);
  const proxy = environment['TRUST_PROXY']?.trim() ?? '';
  // "true" would let anybody say what address they come from.
  if (/^(true|yes|on)$/i.test(proxy)) problems.push('TRUST_PROXY must be the number of proxies before Iter, or their addresses');
  if (problems.length > 0) throw new Error(`The settings are not right:\n${problems.map(problem => `  - ${problem}`).join('\n')}`);
  return { rateLimitPerMinute: Number(rate), trustProxy: proxy === '' || proxy === '0' ? false : /^\d+$/.test(proxy) ? Number(proxy) : proxy };
}
