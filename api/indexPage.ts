/** The address itself: where to look, for people and for programs. */
import type { RequestHandler } from 'express';

const LINKS = { documentation: '/docs', openapi: '/api/v1/openapi.json', api: '/api/v1', health: '/healthz', readiness: '/readyz' };

export const indexPage: RequestHandler = (req, res) => {
  if (req.accepts(['json', 'html']) === 'html') {
    res.setHeader('Content-Security-Policy', `default-src 'none'; style-src 'unsafe-inline'`);
    res.type('html').send(`<!doctype html><html lang="it"><meta charset="utf-8"><title>Iter</title><style>body{font:1.1rem system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>Iter</h1><p>I procedimenti della scuola, pratica per pratica.</p><ul><li><a href="${LINKS.documentation}">Documentazione dell’API</a></li><li><a href="${LINKS.openapi}">OpenAPI 3.1</a></li></ul></html>`);
    return;
  }
  res.json({ name: 'Iter', version: 1, ...LINKS });
};
