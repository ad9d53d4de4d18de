/** A file of credit transfers for a bank's portal: ISO 20022 pain.001.001.09, one debtor, one day, euro, SEPA. */
import { readFileSync } from 'node:fs';
import XMLBuilder from 'fast-xml-builder';
import { electronicFormatIBAN, isSEPACountry, isValidBIC, isValidIBAN } from 'ibantools';
import { validateXML } from 'xmllint-wasm';
import type { CreditTransferFile } from '../../plugins/exportModel.ts';
import { ExportError, type ExportProblem } from './exportError.ts';
import { isSepaId, sepaText } from './sepaText.ts';

/** 999 999 999.99 euro: the scheme's limit for one transfer (SEPA Credit Transfer Rulebook, AT-04). */
export const MOST_CENTS = 99_999_999_999;
/** The scheme carries 70 characters of a name though the message has room for 140 (implementation guidelines, EPC132-08). */
const MOST_NAME = 70;
const MOST_REMITTANCE = 140;
/** More belongs into several files: banks' portals stop earlier, and a person must look through it. */
const MOST_TRANSFERS = 10_000;
const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';

const builder = new XMLBuilder({ ignoreAttributes: false, format: true });
const schema = readFileSync(new URL('./schemas/pain.001.001.09.xsd', import.meta.url), 'utf8');

/**
 * The file as XML, UTF-8. The same input gives the same bytes: ids and instants are the caller's. Names and remittance are told in the SEPA
 * letters (`sepaText`) and never cut, since the payee's bank compares the name with the account (Regulation (EU) 2024/886).
 * Throws ExportError with every problem.
 */
export function writeCreditTransfer(file: CreditTransferFile): string {
  const problems = [...fileProblems(file), ...file.transfers.flatMap((transfer, i) => transferProblems(transfer, i + 1)), ...repeatedIds(file)];
  if (problems.length > 0) throw new ExportError(problems.sort((a, b) => (a.row ?? 0) - (b.row ?? 0)));
  const totals = { NbOfTxs: file.transfers.length, CtrlSum: euro(file.transfers.reduce((sum, { amountCents }) => sum + BigInt(amountCents), 0n)) };
  const debtorName = sepaText(file.debtor.name);
  return builder.build({
    '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
    Document: {
      '@_xmlns': NAMESPACE,
      CstmrCdtTrfInitn: {
        GrpHdr: { MsgId: file.messageId, CreDtTm: new Date(file.createdAt).toISOString(), ...totals, InitgPty: { Nm: debtorName } },
        PmtInf: {
          PmtInfId: file.messageId,
          PmtMtd: 'TRF',
          ...totals,
          PmtTpInf: { SvcLvl: { Cd: 'SEPA' } },
          ReqdExctnDt: { Dt: file.executeOn },
          Dbtr: { Nm: debtorName },
          DbtrAcct: { Id: { IBAN: electronicFormatIBAN(file.debtor.iban) } },
          // The element is compulsory, the BIC is not: the IBAN says which bank.
          DbtrAgt: { FinInstnId: file.debtor.bic ? { BICFI: file.debtor.bic } : { Othr: { Id: 'NOTPROVIDED' } } },
          ChrgBr: 'SLEV',
          CdtTrfTxInf: file.transfers.map(transferElement),
        },
      },
    },
  });
}

/** As `writeCreditTransfer`, and checked against the schema of ISO 20022 before it is handed out; the check runs beside the event loop. */
export async function exportCreditTransfer(file: CreditTransferFile): Promise<string> {
  const xml = writeCreditTransfer(file);
  const { valid, errors } = await validateXML({
    xml: [{ fileName: 'pain.001.xml', contents: xml }],
    schema: [{ fileName: 'pain.001.001.09.xsd', contents: schema }],
    // 64 KiB each. The longest file (MOST_TRANSFERS, every field full) needs 40 of these 64 MiB.
    maxMemoryPages: 1024,
  });
  // Not an ExportError: the rules above let something through that the schema refuses, and the office cannot mend that.
  if (!valid) throw new Error(`the payment file does not fit pain.001.001.09: ${errors.slice(0, 3).map(({ message }) => message).join('; ')}`);
  return xml;
}

type Transfer = CreditTransferFile['transfers'][number];

function transferElement(transfer: Transfer) {
  return {
    PmtId: { EndToEndId: transfer.endToEndId },
    Amt: { InstdAmt: { '@_Ccy': 'EUR', '#text': euro(BigInt(transfer.amountCents)) } },
    ...(transfer.bic ? { CdtrAgt: { FinInstnId: { BICFI: transfer.bic } } } : {}),
    Cdtr: { Nm: sepaText(transfer.name) },
    CdtrAcct: { Id: { IBAN: electronicFormatIBAN(transfer.iban) } },
    RmtInf: { Ustrd: sepaText(transfer.remittance) },
  };
}

/** Digits only: a number with decimals would be rounded by its binary form. */
function euro(cents: bigint): string {
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}

function fileProblems({ messageId, createdAt, executeOn, debtor, transfers }: CreditTransferFile): ExportProblem[] {
  const problem = (field: string, message: string | null) => (message === null ? [] : [{ row: null, field, message }]);
  return [
    ...problem('messageId', idProblem(messageId)),
    ...problem('createdAt', Number.isNaN(Date.parse(createdAt)) ? 'not an instant (ISO 8601)' : null),
    ...problem('executeOn', dateProblem(executeOn, createdAt)),
    ...problem('debtor.name', textProblem(debtor.name, MOST_NAME)),
    ...problem('debtor.iban', ibanProblem(debtor.iban)),
    ...problem('debtor.bic', bicProblem(debtor.bic)),
    ...problem('transfers', transfers.length === 0 ? 'there is nothing to pay' : transfers.length > MOST_TRANSFERS ? `${transfers.length} transfers; a file takes ${MOST_TRANSFERS}` : null),
  ];
}

function transferProblems(transfer: Transfer, row: number): ExportProblem[] {
  const problem = (field: keyof Transfer, message: string | null) => (message === null ? [] : [{ row, field, message }]);
  return [
    ...problem('endToEndId', idProblem(transfer.endToEndId)),
    ...problem('name', textProblem(transfer.name, MOST_NAME)),
    ...problem('iban', ibanProblem(transfer.iban)),
    ...problem('bic', bicProblem(transfer.bic)),
    ...problem('amountCents', amountProblem(transfer.amountCents)),
    ...problem('remittance', textProblem(transfer.remittance, MOST_REMITTANCE)),
  ];
}

/** The bank's answer names a transfer by this id alone. */
function repeatedIds({ transfers }: CreditTransferFile): ExportProblem[] {
  const first = new Map<string, number>();
  return transfers.flatMap(({ endToEndId }, i) => {
    const before = first.get(endToEndId);
    if (before === undefined) first.set(endToEndId, i + 1);
    return before === undefined ? [] : [{ row: i + 1, field: 'endToEndId', message: `the same as in row ${before}` }];
  });
}

const idProblem = (id: string) => (isSepaId(id) ? null : 'needs 1 to 35 of the letters a-z A-Z 0-9 / - ? : ( ) . , \' + and space, no / at either end, no //');

function textProblem(text: string, most: number): string | null {
  const { length } = sepaText(text);
  return length === 0 ? 'empty' : length > most ? `${length} characters; there is room for ${most}` : null;
}

function ibanProblem(iban: string): string | null {
  const compact = electronicFormatIBAN(iban) ?? '';
  if (!isValidIBAN(compact)) return 'not an IBAN: its length, letters or check digits are wrong';
  return isSEPACountry(compact.slice(0, 2)) ? null : `${compact.slice(0, 2)} is not in the SEPA area`;
}

const bicProblem = (bic: string | undefined) => (bic === undefined || bic === '' || (isValidBIC(bic) && bic === bic.toUpperCase()) ? null : 'not a BIC: 8 or 11 capital letters and digits');

function amountProblem(cents: number): string | null {
  if (!Number.isSafeInteger(cents)) return 'not a whole number of cents';
  return cents <= 0 ? 'must be more than zero' : cents > MOST_CENTS ? 'more than 999999999.99 euro' : null;
}

function dateProblem(day: string, createdAt: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day)) || new Date(day).toISOString().slice(0, 10) !== day) return 'not a day (YYYY-MM-DD)';
  return !Number.isNaN(Date.parse(createdAt)) && day < createdAt.slice(0, 10) ? 'before the file was made' : null;
}
