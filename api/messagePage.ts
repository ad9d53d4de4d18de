/**
 * The page behind the secret address in a message: whoever has no way to sign in reads it there and takes note. A look changes nothing, since programs that
 * check mails follow links: taking note is a button's POST, and only a browser that a person steers has opened it.
 */
import type { NextFunction, Request, Response, Router } from 'express';
import { readLinked, type LinkedMessage } from '../database/reads/inbox.ts';
import { LINK_SECRET, linkDigest } from '../engine/broadcasts/links.ts';
import type { ApiContext } from './context.ts';
import { html, type Html } from './html.ts';
import { languageOf, type Language } from './language.ts';
import { MAIL_STYLE } from './mailStyle.ts';
import { limitFeeds } from './rateLimit.ts';

const BUTTON_STYLE = `
button { font: inherit; font-weight: 600; color: #fff; background: #0055b8; border: 2px solid transparent; border-radius: .4rem; padding: .7rem 1.4rem; margin-top: 1.25rem; cursor: pointer; }
button:focus-visible { outline: 3px solid #ff9900; outline-offset: 2px; }
.done { margin: 1.25rem 0 0; padding: .75rem 1rem; border-radius: .4rem; background: var(--good-ground); color: var(--good); font-weight: 600; }
`;
const WORDS = {
  it: {
    from: 'Da', about: 'Per', by: (date: string) => `La scuola chiede la presa visione entro il ${date}.`, asked: 'La scuola chiede la presa visione.', button: 'Ho preso visione', done: (at: string) => `Presa visione registrata il ${at}.`,
    goneTitle: 'Questo indirizzo non vale più', gone: 'La comunicazione è chiusa, o l’indirizzo non è completo. Per informazioni rivolgersi alla scuola.',
  },
  en: {
    from: 'From', about: 'About', by: (date: string) => `The school asks you to take note of it by ${date}.`, asked: 'The school asks you to take note of it.', button: 'I have taken note', done: (at: string) => `You took note of it on ${at}.`,
    goneTitle: 'This address is not valid any more', gone: 'The message is closed, or the address is not complete. Please ask the school.',
  },
} as const;
const LOCALES = { it: 'it-IT', en: 'en-GB' } as const;

export function messagePageRoutes(api: ApiContext, router: Router): void {
  router.use('/p', guarded);
  router.get('/p/style.css', (_req, res) => { res.type('css').send(`${MAIL_STYLE}${BUTTON_STYLE}`); });
  router.get('/p/:secret', ...limitFeeds(api), async (req: Request<{ secret: string }>, res) => {
    const found = await messageOf(api, req.params.secret);
    if (!found) { gone(req, res); return; }
    if (req.get('sec-fetch-user') === '?1') await api.engine.broadcasts.markOpened(found.id);
    show(api, res, found);
  });
  router.post('/p/:secret', ...limitFeeds(api), async (req: Request<{ secret: string }>, res) => {
    const found = await messageOf(api, req.params.secret);
    if (!found || !await api.engine.broadcasts.acknowledge(found.id, found.userId, found.userId)) { gone(req, res); return; }
    // Shown anew by a GET, so that going back or reloading sends nothing twice.
    res.redirect(303, `/p/${req.params.secret}`);
  });
}

/** A secret address is in nobody's list of pages, and no page learns from which one a reader came. */
function guarded(_req: Request, res: Response, next: NextFunction): void {
  res.setHeader('Content-Security-Policy', `default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`);
  res.setHeader('Referrer-Policy', 'no-referrer');
  res.setHeader('X-Robots-Tag', 'noindex, nofollow');
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  next();
}

async function messageOf(api: ApiContext, secret: string): Promise<LinkedMessage | null> {
  const found = LINK_SECRET.test(secret) ? await readLinked(api.pools.read, linkDigest(secret)) : null;
  return found?.open ? found : null;
}

function gone(req: Request, res: Response): void {
  const language = languageOf(req, 'it'), words = WORDS[language];
  send(res.status(404), language, words.goneTitle, html`<article><h1>${words.goneTitle}</h1><p>${words.gone}</p></article>`);
}

function show(api: ApiContext, res: Response, message: LinkedMessage): void {
  const { subject, text, pupils, lang } = api.engine.broadcasts.openInbox({ ...message, acknowledge: { by: message.by } }), words = WORDS[lang];
  const about = pupils.map(({ name, class: of }) => `${name} (${of})`).join(', ');
  send(res, lang, subject, html`<article><h1>${subject}</h1>
<dl><div><dt>${words.from}</dt><dd>${message.sender}</dd></div>${about === '' ? null : html`<div><dt>${words.about}</dt><dd>${about}</dd></div>`}</dl>
<p class="text">${text}</p>
${message.acknowledgedAt ? html`<p class="done" role="status">${words.done(day(lang, message.acknowledgedAt))}</p>` : html`<form method="post"><p>${message.by === null ? words.asked : words.by(day(lang, new Date(`${message.by}T12:00:00Z`)))}</p><button type="submit">${words.button}</button></form>`}</article>`);
}

const day = (lang: Language, at: Date): string => new Intl.DateTimeFormat(LOCALES[lang], { timeZone: 'Europe/Rome', day: '2-digit', month: '2-digit', year: 'numeric' }).format(at);

function send(res: Response, lang: Language, title: string, main: Html): void {
  const page = html`<!doctype html>
<html lang="${lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title><link rel="stylesheet" href="/p/style.css"></head>
<body><main>${main}</main></body>
</html>
`;
  res.type('html').send(page.html);
}
