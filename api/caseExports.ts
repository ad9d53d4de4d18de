/** What a case hands to other software: tables and payment files, made anew from the case as it is. */
import type { Response, Router } from 'express';
import { logAccess } from '../database/reads/accessLog.ts';
import { organisationNames } from '../database/reads/organisations.ts';
import { parameterReader } from '../engine/decide/step.ts';
import { Problem } from '../engine/problems.ts';
import { romeDate } from '../plugins/calendar.ts';
import type { CreditTransferFile, CsvTable, ExportDefinition, Plugin } from '../plugins/contract.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import { writeCsv } from './exports/csvTable.ts';
import { ExportError } from './exports/exportError.ts';
import { exportProblemText } from './exports/exportProblemText.ts';
import { exportCreditTransfer } from './exports/painCreditTransfer.ts';
import type { Language } from './language.ts';
import { readingReason } from './requestHeaders.ts';
import { sendFile } from './sendFile.ts';
import { sendJson } from './sendJson.ts';
import { roleOn } from './visibility.ts';

type ExportFile = CsvTable | CreditTransferFile;

export function exportRoutes(api: ApiContext, router: Router): void {
  router.get('/cases/:id/exports', async (req, res) => {
    const asking = askingOf(api, req, res);
    const { record, role, plugin } = await read(api, req.params.id, asking);
    const mine = Object.entries(plugin.exports ?? {}).filter(([, { by }]) => role !== null && by.includes(role));
    sendJson(res, 200, {
      items: mine.map(([name, { format }]) => ({ name, label: labelOf(plugin, name, asking.language), format, href: `/api/v1/cases/${record.state.id}/exports/${name}` })), next: null,
    });
  });

  router.get('/cases/:id/exports/:name', async (req, res) => {
    const asking = askingOf(api, req, res), { name } = req.params;
    const definitionOf = (of: Plugin): ExportDefinition | undefined => (Object.hasOwn(of.exports ?? {}, name) ? of.exports![name] : undefined);
    const { record, role, plugin } = await read(api, req.params.id, asking, of => definitionOf(of)?.items ?? []);
    const definition = definitionOf(plugin);
    if (!definition) throw new Problem('not-found', `The process "${plugin.process}" has no export "${name}".`);
    if (role === null || !definition.by.includes(role)) throw new Problem('forbidden', 'Your role may not take this export.');
    const { id, number, createdAt, parties, context } = record.state, today = romeDate(record.now.toISOString());
    const file = definition.content({ context, parties, items: record.items, today, parameter: parameterReader(record.parameters, today, parties), case: { id, process: plugin.process, number, createdAt } });
    const named = await withNames(api, file);
    const written = await write(named, asking.language);
    // Read is what leaves: a refused file showed nothing.
    if (definition.protected) await logAccess(api.pools.read, readerOf(asking), { caseId: id, fields: [name], role: asking.caller.role, reason: readingReason(req) });
    send(res, named, written);
  });
}

async function read(api: ApiContext, caseId: string, { caller }: Asking, kindsOf?: (plugin: Plugin) => string[]) {
  const record = await api.engine.readCase(caseId, caller.principals, kindsOf && (({ plugin }) => kindsOf(plugin)));
  if (!record) throw new Problem('not-found', 'There is no such case.');
  const { plugin } = record.process;
  return { record, plugin, role: roleOn(plugin, record.state.parties, caller) };
}

const labelOf = (plugin: Plugin, name: string, language: Language) => plugin.labels[language].exports?.[name] ?? name;

/** Plugins know organisations by their codes; a bank and an accountant want names. */
async function withNames(api: ApiContext, file: ExportFile): Promise<ExportFile> {
  if (file.format === 'pain.001') {
    const names = await organisationNames(api.pools.read, [file.debtor.name, ...file.transfers.map(({ name }) => name)]);
    const named = <T extends { name: string }>(party: T): T => ({ ...party, name: names.get(party.name) ?? party.name });
    return { ...file, debtor: named(file.debtor), transfers: file.transfers.map(named) };
  }
  const columns = file.columns.filter(({ organisation }) => organisation).map(({ name }) => name);
  const names = await organisationNames(api.pools.read, [...new Set(file.rows.flatMap(row => columns.map(column => row[column])).filter(code => typeof code === 'string'))]);
  return { ...file, rows: file.rows.map(row => ({ ...row, ...Object.fromEntries(columns.map(column => [column, names.get(String(row[column])) ?? row[column] ?? null])) })) };
}

/** Throws Problem `invalid` with everything that is wrong, each with the row that it stands in. */
async function write(file: ExportFile, language: Language): Promise<string> {
  try {
    return file.format === 'pain.001' ? await exportCreditTransfer(file) : writeCsv(file);
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    const rows = file.format === 'pain.001' ? 'transfers' : 'rows';
    const errors = error.problems.map(problem => ({
      pointer: problem.row === null ? `/${problem.field.replaceAll('.', '/')}` : `/${rows}/${problem.row - 1}/${problem.field}`,
      message: [...(problem.row === null || file.format === 'csv' ? [] : [whose(file.transfers[problem.row - 1]!)]), exportProblemText(problem, language)].join(': '),
    }));
    throw new Problem('invalid', language === 'it' ? 'Il file non può essere fatto: mancano o sono sbagliati alcuni dati.' : 'The file cannot be made: some data is missing or wrong.', { errors });
  }
}

const whose = ({ name, endToEndId }: CreditTransferFile['transfers'][number]): string => `${name} (${endToEndId})`;

function send(res: Response, { format, fileName }: ExportFile, text: string): void {
  const safe = fileName.normalize('NFKD').replace(/\p{M}+/gu, '').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'export';
  const csv = format === 'csv';
  sendFile(res, { content: Buffer.from(text), mediaType: csv ? 'text/csv; charset=utf-8' : 'application/xml', name: `${safe}.${csv ? 'csv' : 'xml'}` });
}
