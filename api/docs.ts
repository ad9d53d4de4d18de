/** The readable API reference: Scalar, served from this program alone (no CDN, no fonts, no telemetry). */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { apiReference } from '@scalar/express-api-reference';
import type { RequestHandler, Router } from 'express';

const OPENAPI = '/api/v1/openapi.json';

export function docsRoutes(router: Router): void {
  router.get('/docs', page);
  router.get('/docs/scalar.js', script);
}

const page: RequestHandler = (req, res, next) => {
  const nonce = randomBytes(16).toString('base64');
  res.setHeader('Content-Security-Policy', [
    `default-src 'none'`, `script-src 'nonce-${nonce}'`, `style-src 'self' 'unsafe-inline'`, `img-src 'self' data: blob:`, `font-src 'self' data:`, `connect-src 'self'`,
    `worker-src 'self' blob:`, `base-uri 'none'`, `form-action 'none'`, `frame-ancestors 'none'`,
  ].join('; '));
  res.setHeader('Referrer-Policy', 'no-referrer');
  const render = apiReference({ url: OPENAPI, cdn: '/docs/scalar.js', bundle: false, pageTitle: 'Iter – API', nonce, withDefaultFonts: false, telemetry: false, hideClientButton: true, agent: { disabled: true } } as never);
  void render(req as never, res as never, next as never);
};

interface Bundle { plain: Buffer; gzipped: Buffer }
let bundle: Promise<Bundle> | undefined;

const script: RequestHandler = async (req, res) => {
  const { plain, gzipped } = await (bundle ??= readBundle());
  const zipped = /\bgzip\b/.test(req.headers['accept-encoding'] ?? '');
  const body = zipped ? gzipped : plain;
  res.setHeader('Content-Type', 'application/javascript; charset=utf-8');
  res.setHeader('Content-Length', body.length);
  res.setHeader('Cache-Control', 'public, max-age=86400');
  res.setHeader('Vary', 'Accept-Encoding');
  if (zipped) res.setHeader('Content-Encoding', 'gzip');
  res.end(body);
};

interface Route { url: string; handler(request: unknown, reply: unknown): unknown }

/**
 * The browser bundle as npm brings it. The package for Fastify is the one that carries it (@scalar/api-reference itself weighs
 * 280 MB with its sources); we play Fastify for the one route that serves it.
 */
async function readBundle(): Promise<Bundle> {
  const { default: plugin } = await import('@scalar/fastify-api-reference') as unknown as { default: (fastify: unknown, options: unknown, done: () => void) => void };
  let text: string | undefined;
  const reply = { header: () => reply, send: (body: string) => { text = body; return reply; } };
  const fastify = {
    log: { warn: () => {} }, hasPlugin: () => false, initialConfig: {},
    route: ({ url, handler }: Route) => { if (url.endsWith('/js/scalar.js')) handler({}, reply); },
  };
  plugin(fastify, { configuration: { url: OPENAPI } }, () => {});
  if (text === undefined) throw new Error('@scalar/fastify-api-reference brings no script any more');
  const plain = Buffer.from(text.replace(/\n?\/\/# sourceMappingURL=.*$/, ''));
  return { plain, gzipped: gzipSync(plain) };
}
