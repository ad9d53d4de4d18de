/** The readable API reference: Scalar, served from this program alone (no CDN, no fonts, no telemetry). */
import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { apiReference } from '@scalar/express-api-reference';
import type { RequestHandler, Router } from 'express';
import type { DocsBundle } from './docsBundle.ts';

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
  const render = apiReference({ url: OPENAPI, cdn: '/docs/scalar.js', bundle: false, pageTitle: 'Iter – API', nonce, withDefaultFonts: false, telemetry: false, hideClientButton: true, showDeveloperTools: 'never', agent: { disabled: true }, mcp: { disabled: true } } as never);
  void render(req as never, res as never, next as never);
};

let bundle: Promise<DocsBundle> | undefined;

const script: RequestHandler = async (req, res) => {
  bundle ??= readBundle();
  // A failure is not kept: the next visitor tries again.
  const { plain, gzipped } = await bundle.catch((error: unknown) => { bundle = undefined; throw error; });
  const zipped = /\bgzip\b/.test(req.headers['accept-encoding'] ?? '');
  const body = zipped ? gzipped : plain;
  res.setHeader('Content-Type', 'application/javascript; charset=utf-8');
  res.setHeader('Content-Length', body.length);
  res.setHeader('Cache-Control', 'public, max-age=86400');
  res.setHeader('Vary', 'Accept-Encoding');
  if (zipped) res.setHeader('Content-Encoding', 'gzip');
  res.end(body);
};

function readBundle(): Promise<DocsBundle> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./docsBundle.ts', import.meta.url));
    thread.once('message', resolve).once('error', reject).once('exit', () => reject(new Error('the bundle of the API reference could not be read')));
    thread.unref();
  });
}
