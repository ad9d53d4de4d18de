/**
 * The browser bundle of Scalar as npm brings it, read in a thread of its own: it is four megabytes of text inside a module,
 * and neither parsing nor compressing it may hold up a command.
 *
 * The package for Fastify is the one that carries it (@scalar/api-reference weighs 280 MB with its sources); we play Fastify
 * for the one route that serves it.
 */
import { parentPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import scalar from '@scalar/fastify-api-reference';

export interface DocsBundle { plain: Uint8Array; gzipped: Uint8Array }
interface Route { url: string; handler(request: unknown, reply: unknown): unknown }

let text: string | undefined;
const reply = { header: () => reply, send: (body: string) => { text = body; return reply; } };
const fastify = {
  log: { warn: () => {} }, hasPlugin: () => false, initialConfig: {},
  route: ({ url, handler }: Route) => { if (url.endsWith('/js/scalar.js')) handler({}, reply); },
};
(scalar as unknown as (fastify: unknown, options: unknown, done: () => void) => void)(fastify, { configuration: { url: '/api/v1/openapi.json' } }, () => {});
if (text === undefined) throw new Error('@scalar/fastify-api-reference brings no script any more');
const plain = Buffer.from(text.replace(/\n?\/\/# sourceMappingURL=.*$/, ''));
parentPort!.postMessage({ plain, gzipped: gzipSync(plain) } satisfies DocsBundle);
