/**
 * The whole dossier of a case as one ZIP: documents, attachments, mail with its receipts, register extract, verified history. Each reader gets
 * what they may read one by one, and every reading is recorded as such. Files are fetched one after another: memory does not grow with the case.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response, Router } from 'express';
import { ZipFile } from 'yazl';
import { readAttachment } from '../database/reads/attachments.ts';
import { readDocument } from '../database/reads/documents.ts';
import { readCaseMails, readMessage } from '../database/reads/mails.ts';
import { entriesOfCase } from '../database/reads/protocol.ts';
import type { CaseRecord } from '../engine/commit/caseRecord.ts';
import { withhold } from '../engine/history/export.ts';
import { openBytes } from '../engine/history/caseKey.ts';
import { openMessage } from '../engine/mail/mailSeals.ts';
import { verifyHistory } from '../engine/history/read.ts';
import { Problem } from '../engine/problems.ts';
import { protocolText } from '../engine/registers/protocol.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import { seesDocument } from './documents.ts';
import { writeCsv } from './exports/csvTable.ts';
import { recordReading } from './history.ts';
import { mayOpen, mayOpenReceived } from './mail.ts';
import { presentEntry } from './presentEntry.ts';
import { presentRegisterEntry } from './protocol.ts';
import { readingReason } from './requestHeaders.ts';
import { contentDisposition } from './sendFile.ts';
import { roleOn, seesAttachment } from './visibility.ts';

/** A file of the dossier, fetched when its turn comes. Null: it is gone meanwhile (an erasure). */
interface DossierFile { path: string; at: Date; read(): Promise<Buffer | null> }

export function dossierRoutes(api: ApiContext, router: Router): void {
  router.get('/cases/:id/dossier', async (req, res) => {
    const asking = askingOf(api, req, res);
    const record = await api.engine.readCase(req.params.id, asking.caller.principals);
    if (!record) throw new Problem('not-found', 'There is no such case.');
    if (roleOn(record.process.plugin, record.state.parties, asking.caller) === null) throw new Problem('forbidden', 'Only the parties of the case may take its dossier.');
    const files = await filesOf(api, asking, record, readingReason(req) ?? 'fascicolo');
    res.setHeader('Content-Type', 'application/zip');
    res.setHeader('Content-Disposition', contentDisposition(`fascicolo ${record.state.number ?? record.state.id}.zip`));
    await send(res, record, files);
  });
}

/** What cannot stand in the name of a file on somebody's computer: separators, wildcards, control and direction characters. */
const fileName = (text: string): string => text.normalize('NFC').replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]/gu, '-').replace(/\s+/g, ' ').trim().slice(0, 120) || 'senza nome';
const numbered = (index: number, name: string): string => `${String(index + 1).padStart(3, '0')} ${fileName(name)}`;

async function filesOf(api: ApiContext, asking: Asking, record: CaseRecord, reason: string): Promise<DossierFile[]> {
  const { state, key, process: { plugin } } = record, { caller, language } = asking;
  const role = roleOn(plugin, state.parties, caller), reader = readerOf(asking), caseId = state.id, pool = api.pools.read;
  const labels = plugin.labels[language], last = new Date(record.lastAt);
  const access = (field: string) => ({ caseId, fields: [field], role: caller.role, reason });
  const documents = record.documents.filter(document => document.sha256 !== null && seesDocument(plugin, role, document.name));
  const attachments = record.attachments.filter(({ kind }) => seesAttachment(plugin, role, kind));
  const { mails, receipts } = await readCaseMails(pool, reader, caseId);
  const own = mails.filter(mail => mayOpen(record, mail, asking)), ownIds = new Set(own.map(({ id }) => id));
  const entries = caller.organisation === null ? [] : await entriesOfCase(pool, reader, caller.organisation, caseId);
  const opened = (sealed: Buffer | null, place: string) => (sealed && sealed.length > 0 ? openBytes(key, sealed, place) : null);
  return [
    ...documents.map((document, i): DossierFile => ({
      path: `documenti/${numbered(i, `${labels.documents?.[document.name] ?? document.name}${document.protocol ? ` prot ${protocolText(document.protocol.number)}-${document.protocol.year}` : ''}`)}.pdf`, at: document.madeAt ? new Date(document.madeAt) : last,
      read: async () => opened(await readDocument(pool, reader, caseId, document.id, plugin.documents![document.name]!.protected ? access(document.name) : null), `${caseId}/document/${document.id}`),
    })),
    ...attachments.map((attachment, i): DossierFile => ({
      path: `allegati/${numbered(i, `${labels.attachments[attachment.kind] ?? attachment.kind} - ${attachment.name}`)}`, at: last,
      read: async () => opened(await readAttachment(pool, reader, attachment.id, access(attachment.kind)), `${caseId}/attachment/${attachment.id}`),
    })),
    ...own.map((mail, i): DossierFile => ({
      path: `posta/inviata/${numbered(i, `${(mail.effect && labels.effects[mail.effect]) ?? 'messaggio'} - ${mail.party ? labels.parties[mail.party] ?? mail.party : mail.recipient}`)}.eml`, at: mail.sentAt,
      read: async () => opened(await readMessage(pool, reader, 'mails', mail.id, access('mail')), `${caseId}/mail/${mail.id}`),
    })),
    ...receipts.filter(receipt => (receipt.mailId === null ? mayOpenReceived(record, receipt, asking) : ownIds.has(receipt.mailId))).map((receipt, i): DossierFile => ({
      path: `posta/ricevute/${numbered(i, receipt.mailId === null ? receipt.kind : `${receipt.kind} del messaggio ${own.findIndex(({ id }) => id === receipt.mailId) + 1}`)}.eml`, at: receipt.receivedAt,
      read: async () => { const sealed = await readMessage(pool, reader, 'mail_receipts', receipt.id, access('ricevuta')); return sealed && openMessage({ caseId, key }, receipt.id, sealed); },
    })),
    ...(entries.length > 0 ? [{ path: `protocollo/registro di ${fileName(caller.organisation!)}.csv`, at: last, read: async () => Buffer.from(registerCsv(entries.map(presentRegisterEntry))) }] : []),
    ...await historyFiles(api, asking, record, role, reason),
  ];
}

function registerCsv(entries: ReturnType<typeof presentRegisterEntry>[]): string {
  const columns = [
    ['number', 'Numero'], ['year', 'Anno'], ['day', 'Data'], ['direction', 'Verso'], ['subject', 'Oggetto'], ['sender', 'Mittente'], ['recipients', 'Destinatari'], ['document', 'Documento'], ['sha256', 'Impronta SHA-256'], ['senderProtocol', 'Protocollo del mittente'], ['messageId', 'Messaggio'],
  ].map(([name, title]) => ({ name: name!, title: title! }));
  return writeCsv({
    columns,
    rows: entries.map(({ recipients, senderProtocol, ...entry }) => ({ ...pick(entry), recipients: recipients.join(', '), senderProtocol: senderProtocol && `${senderProtocol.number} del ${senderProtocol.day} (${senderProtocol.organisation})` })),
  });
}
const pick = ({ number, year, day, direction, subject, sender, document, sha256, messageId }: Omit<ReturnType<typeof presentRegisterEntry>, 'recipients' | 'senderProtocol'>) => ({ number, year, day, direction, subject, sender, document, sha256, messageId });

/** The export as this reader may have it, and what its verification says. */
async function historyFiles(api: ApiContext, asking: Asking, record: CaseRecord, role: string | null, reason: string): Promise<DossierFile[]> {
  const { process: { plugin }, state: { id } } = record, at = new Date(record.lastAt);
  const exported = await api.engine.exportHistory(id, asking.caller.principals);
  if (!exported) return [];
  const presented = exported.page.entries.map(entry => presentEntry(plugin, role, asking, entry));
  const document = withhold(exported.document, exported.page.entries.filter((_entry, i) => !presented[i]!.whole).map(({ seq }) => seq));
  await recordReading(api, id, asking, presented.filter(({ whole }) => whole), reason);
  const json = (value: unknown) => async () => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  return [{ path: 'storico/storico.json', at, read: json(document) }, { path: 'storico/verifica.json', at, read: json(verifyHistory(exported.page)) }];
}

const README = (record: CaseRecord, files: { path: string; sha256: string }[]): string => [
  `Fascicolo della pratica ${record.state.number ?? record.state.id}`, '',
  `Procedimento: ${record.process.plugin.labels.it.process}, versione ${record.process.plugin.version}`, `Pratica: ${record.state.id}`, `Stato: ${record.process.plugin.labels.it.states[record.stateName] ?? record.stateName}, versione ${record.version}`, '',
  'storico/storico.json si verifica senza rete e senza chiavi: npm run history:verify -- storico/storico.json', 'Contiene ciò che chi lo ha chiesto può leggere: il resto è omesso, e la catena delle impronte si verifica lo stesso.', '',
  'Impronte SHA-256:', ...files.map(({ path, sha256 }) => `${sha256}  ${path}`), '',
].join('\n');

/** Streams the ZIP. Once it has begun, an error can only cut it off: the reader's program says that the file is broken. */
async function send(res: Response, record: CaseRecord, files: DossierFile[]): Promise<void> {
  const zip = new ZipFile(), digests: { path: string; sha256: string }[] = [];
  for (const { path, at, read } of files) {
    zip.addReadStreamLazy(path, { mtime: at }, done => {
      read().then(content => {
        const bytes = content ?? Buffer.alloc(0);
        digests.push({ path, sha256: createHash('sha256').update(bytes).digest('hex') });
        done(null, Readable.from([bytes]));
      }, error => done(error as Error, undefined as never));
    });
  }
  // The last: by then all the others were read.
  zip.addReadStreamLazy('LEGGIMI.txt', { mtime: new Date(record.lastAt) }, done => done(null, Readable.from([Buffer.from(README(record, digests))])));
  zip.end();
  const failed = new Promise<never>((_resolve, reject) => zip.once('error', reject));
  await Promise.race([pipeline(zip.outputStream, res), failed]);
}
