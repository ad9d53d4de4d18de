/**
 * The mails that the embedded mailbox took over, and the SMS of its simulator, as pages: an installation that is tried out sends nothing into the world, and here is what it would have sent.
 * It shows everybody's mail and asks nobody's name: only to a browser on the same machine, and only where the embedded mailbox is.
 */
import type { Request, RequestHandler, Response, Router } from 'express';
import { simpleParser, type ParsedMail, type SimpleParserOptions } from 'mailparser';
import { smsStateOf } from '../engine/broadcasts/smsStatus.ts';
import { Problem } from '../engine/problems.ts';
import type { ApiContext } from './context.ts';
import { html, type Html } from './html.ts';
import { incomingText } from './mailText.ts';
import { MAIL_STYLE } from './mailStyle.ts';
import { sendFile } from './sendFile.ts';

export interface SentMail { file: string; at: string; from: string; to: string[]; subject: string; /** To an address of certified mail: receipts are to be expected. */ certified: boolean; receipts: { file: string; kind: string; recipient: string | null; at: string }[] }
export interface SentSms { at: string; to: string; text: string; /** In the words of the provider. */ status: string }
export interface SentMails {
  /** What the simulator of SMS took over since the start, oldest first. Absent: SMS go elsewhere. */
  sms?: () => SentSms[];
  /** Newest first. */
  list(): SentMail[];
  /** Null when there is no such message. `file` may be anything. */
  message(file: string): Promise<Buffer | null>;
  receipt(file: string): Promise<Buffer | null>;
}

/** A message within a message stays an attachment: a receipt's own text is the provider's. */
const READING = { ignoreEmbedded: true, skipImageLinks: true, skipTextToHtml: true } as SimpleParserOptions;
const ON_A_PAGE = 50, LONGEST_TEXT = 200_000;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/, OUR_NAMES = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

export function mailPageRoutes({ sentMails }: Pick<ApiContext, 'sentMails'>, router: Router): void {
  if (!sentMails) return;
  router.use('/mail', onlyHere);
  router.get('/mail', (req, res) => { sendPage(res, 'Posta inviata', mailList(sentMails.list(), pageOf(req))); });
  router.get('/mail/sms', (req, res) => { sendPage(res, 'SMS inviati', smsList(sentMails.sms?.().toReversed() ?? null, pageOf(req))); });
  router.get('/mail/style.css', (_req, res) => { res.type('css').send(MAIL_STYLE); });
  for (const [path, read] of [['/mail/messages', sentMails.message], ['/mail/receipts', sentMails.receipt]] as const) {
    const open = async (req: Request<{ file: string }>) => {
      const raw = await read(req.params.file);
      if (!raw) throw new Problem('not-found', 'There is no such message.');
      return { raw, mail: await simpleParser(raw, READING) };
    };
    router.get(`${path}/:file`, async (req, res) => {
      const { mail } = await open(req);
      const sent = sentMails.list().find(each => each.file === req.params.file || each.receipts.some(({ file }) => file === req.params.file));
      sendPage(res, mail.subject ?? '(senza oggetto)', message(mail, `${path}/${encodeURIComponent(req.params.file)}`, sent, sent?.file === req.params.file));
    });
    router.get(`${path}/:file/source`, async (req, res) => {
      const { raw } = await open(req);
      sendFile(res, { content: raw, mediaType: 'message/rfc822', name: req.params.file });
    });
    router.get(`${path}/:file/attachments/:index`, async (req: Request<{ file: string; index: string }>, res) => {
      const attachment = /^\d{1,3}$/.test(req.params.index) ? (await open(req)).mail.attachments[Number(req.params.index)] : undefined;
      if (!attachment) throw new Problem('not-found', 'There is no such attachment.');
      sendFile(res, { content: attachment.content, mediaType: 'application/octet-stream', name: attachment.filename ?? 'allegato' });
    });
  }
}

/** The address of a name that somebody else points at this machine is not ours (DNS rebinding); and who comes through a proxy comes from elsewhere. */
const onlyHere: RequestHandler = (req, res, next) => {
  const isHere = LOOPBACK.test(req.socket.remoteAddress ?? '') && OUR_NAMES.test(req.get('host') ?? '') && req.get('x-forwarded-for') === undefined && req.get('forwarded') === undefined;
  if (!isHere) throw new Problem('not-found', `There is no ${req.method} ${req.originalUrl.split('?', 1)[0]}.`);
  res.setHeader('Content-Security-Policy', `default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`);
  res.setHeader('Referrer-Policy', 'no-referrer');
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  next();
};

const pageOf = (req: Request): number => { const { page } = req.query; return typeof page === 'string' && /^[1-9]\d{0,5}$/.test(page) ? Number(page) : 1; };

function sendPage(res: Response, title: string, main: Html): void {
  const page = html`<!doctype html>
<html lang="it">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} – Iter</title><link rel="stylesheet" href="/mail/style.css"></head>
<body>
<header><a href="/mail">Iter · posta inviata</a><a href="/mail/sms">SMS inviati</a><p>Casella di prova: nulla di ciò che si vede qui è uscito da questo computer.</p></header>
<main>${main}</main>
</body>
</html>
`;
  res.type('html').send(page.html);
}

interface Listed<T> { title: string; path: string; all: T[]; page: number; count: string; none: string; headings: string[]; row: (each: T) => Html }
function list<T>({ title, path, all, page, count, none, headings, row }: Listed<T>): Html {
  const pages = Math.max(1, Math.ceil(all.length / ON_A_PAGE)), shown = all.slice((page - 1) * ON_A_PAGE, page * ON_A_PAGE);
  if (shown.length === 0) return html`<h1>${title}</h1><p class="empty">${all.length === 0 ? none : 'Questa pagina è vuota.'}</p>`;
  return html`<h1>${title}</h1>
<div class="scroll"><table><caption>${count}, dal più recente</caption>
<thead><tr>${headings.map(heading => html`<th scope="col">${heading}</th>`)}</tr></thead><tbody>${shown.map(row)}
</tbody></table></div>${pages === 1 ? null : html`<nav aria-label="Pagine">${page > 1 ? html`<a href="${path}?page=${page - 1}">Più recenti</a>` : null} <span>Pagina ${page} di ${pages}</span> ${page < pages ? html`<a href="${path}?page=${page + 1}">Meno recenti</a>` : null}</nav>`}`;
}

const mailList = (all: SentMail[], page: number): Html => list({
  title: 'Posta inviata', path: '/mail', all, page, count: all.length === 1 ? '1 messaggio' : `${all.length} messaggi`, none: 'Nessun messaggio è ancora partito.', headings: ['Oggetto', 'A', 'Inviato', 'Ricevute'],
  row: mail => html`
<tr><td><a href="/mail/messages/${mail.file}">${mail.subject || '(senza oggetto)'}</a></td><td>${mail.to.join(', ')}</td><td>${when(mail.at)}</td><td>${states(mail)}</td></tr>`,
});

/** Null: they really leave. */
const smsList = (sms: SentSms[] | null, page: number, all = sms ?? []): Html => list({
  title: 'SMS inviati', path: '/mail/sms', all, page, count: `${all.length} SMS dall’ultimo avvio`, none: sms ? 'Nessun SMS è partito dall’ultimo avvio.' : 'Gli SMS non restano qui: partono con il fornitore di SMS_URL.', headings: ['Testo', 'A', 'Inviato', 'Ricevuta'],
  row: ({ text, to, at, status }) => html`
<tr><td>${text}</td><td>${to}</td><td>${when(at)}</td><td><span class="state ${SMS_TONES[smsStateOf(status)]}">${SMS_STATES[smsStateOf(status)]} (${status})</span></td></tr>`,
});
const SMS_STATES = { sending: 'in viaggio', delivered: 'consegnato', permanentFailure: 'non consegnato', technicalFailure: 'non consegnato' };
const SMS_TONES = { sending: 'note', delivered: 'good', permanentFailure: 'bad', technicalFailure: 'bad' };

function states({ certified, receipts }: SentMail): Html {
  if (receipts.length === 0) return html`<span class="state none">${certified ? 'in attesa' : 'posta ordinaria'}</span>`;
  return html`<ul class="states">${receipts.map(({ kind, file }) => html`<li><a class="state ${TONES[kind] ?? 'none'}" href="/mail/receipts/${file}">${SHORT[kind] ?? kind}</a></li>`)}</ul>`;
}
const SHORT: Record<string, string> = { 'accettazione': 'accettata', 'avvenuta-consegna': 'consegnata', 'errore-consegna': 'non consegnata', 'non-accettazione': 'non accettata' };
const TONES: Record<string, string> = { 'accettazione': 'note', 'avvenuta-consegna': 'good', 'errore-consegna': 'bad', 'non-accettazione': 'bad' };

function message(mail: ParsedMail, path: string, sent: SentMail | undefined, isSent: boolean): Html {
  const heads: [string, string | undefined][] = [['Da', mail.from?.text], ['A', [mail.to ?? []].flat().map(({ text }) => text).join(', ')], ['Data', mail.date?.toISOString()], ['Message-ID', mail.messageId]];
  const text = (mail.text ?? '').slice(0, LONGEST_TEXT);
  return html`<p class="back">${isSent || !sent ? html`<a href="/mail">Tutti i messaggi</a>` : html`<a href="/mail/messages/${sent.file}">Il messaggio inviato</a>`}</p>
<article><h1>${mail.subject ?? '(senza oggetto)'}</h1>
<dl>${heads.flatMap(([name, value]) => (value ? [html`<div><dt>${name}</dt><dd>${name === 'Data' ? when(value) : value}</dd></div>`] : []))}</dl>
${text ? html`<pre class="text">${text}</pre>` : html`<p class="empty">Il messaggio non ha testo.</p>`}
${mail.attachments.length === 0 ? null : html`<section aria-labelledby="allegati"><h2 id="allegati">Allegati</h2><ul class="files">${mail.attachments.map(({ filename, contentType, size }, i) => html`<li><a href="${path}/attachments/${i}" download>${filename ?? 'allegato'}</a> <span>${contentType}, ${sizeText(size)}</span></li>`)}</ul></section>`}
${!isSent || !sent || sent.receipts.length === 0 ? null : html`<section aria-labelledby="ricevute"><h2 id="ricevute">Ricevute</h2><ul class="files">${sent.receipts.map(({ file, kind, recipient, at }) => html`<li><a href="/mail/receipts/${file}">${incomingText(kind, 'it')}</a> <span>${recipient === null ? null : html`per ${recipient}, `}${when(at)}</span></li>`)}</ul></section>`}
<p class="back"><a href="${path}/source" download>Scarica il messaggio (.eml)</a></p></article>`;
}

/** In Rome, where those who read it are. */
function when(at: string): Html {
  return html`<time datetime="${at}">${new Intl.DateTimeFormat('it-IT', { timeZone: 'Europe/Rome', dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at))}</time>`;
}
const sizeText = (bytes: number): string => (bytes < 1_024 ? `${bytes} byte` : bytes < 1_048_576 ? `${Math.round(bytes / 1_024)} KB` : `${(bytes / 1_048_576).toLocaleString('it-IT', { maximumFractionDigits: 1 })} MB`);
