/**
 * The `segnatura.xml` that travels with a registered document from one administration to another: AgID, Linee guida sulla formazione,
 * gestione e conservazione dei documenti informatici, Allegato 6, version 3.0.0. It says who registered what, for whom, and each file's digest.
 */
import XMLBuilder from 'fast-xml-builder';
import type { LocalDate } from '../../plugins/contract.ts';
import { segnaturaProblems } from './segnaturaProblems.ts';
import { sealSegnatura, type Seal } from './sealSegnatura.ts';
import { visibleText } from './visibleText.ts';

export interface Segnatura {
  sender: Administration & { /** CodiceAOO of the IPA index: who keeps the register. */ areaCode: string };
  protocol: Protocol;
  /** Of a document that is sent on: the number that it had first, if it is another one. */
  firstProtocol?: Protocol & { administrationCode: string; areaCode: string };
  subject: string;
  /** Voice of the sender's titolario, e.g. `{ name: 'Alunni', code: 'IV.7' }`. The schema demands it. */
  classification: { name: string; code: string };
  dossier?: { name: string; code: string };
  /** True: the receiver must keep it from those who need not know (health of a pupil). */
  confidential?: boolean;
  /** At least one. */
  recipients: Recipient[];
  primary: SegnaturaDocument;
  /** Their names differ from each other and from the primary document's: a file is found by its name. */
  attachments: SegnaturaDocument[];
}

export interface Protocol {
  /** E.g. `RP`: 1–16 of A-Z a-z 0-9 _ . - */
  registerCode: string;
  /** Seven digits or more. */
  number: string;
  date: LocalDate;
  /** `HH:MM:SS` in Italian time. */
  time?: string;
}

export interface Administration {
  name: string;
  /** Of the IPA index, e.g. `istsc_baic818001`. */
  code: string;
  areaCode?: string;
  /** Eleven digits. */
  taxCode?: string;
  pec?: string;
}

export type Recipient = { /** Default false: it is asked to act. */ forInformation?: boolean; /** Default true. */ wantsReceipt?: boolean } & (
  | ({ kind: 'administration' } & Administration)
  | { kind: 'company'; name: string; /** Eleven digits. */ taxCode?: string; address?: string }
  | { kind: 'person'; firstName: string; lastName: string; /** Codice fiscale. */ taxCode?: string; address?: string }
);

export interface SegnaturaDocument {
  /** The file's name exactly as it is attached to the message: the receiver finds the file by it. */
  name: string;
  mediaType: string;
  /** SHA-256 of the file, 64 hexadecimal digits. */
  sha256: string;
  description?: string;
}

/** Nothing was written: every problem at once, each with a JSON pointer into the Segnatura. */
export class SegnaturaError extends Error {
  readonly problems: { pointer: string; message: string }[];
  constructor(problems: { pointer: string; message: string }[]) {
    super(problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; '));
    this.name = 'SegnaturaError';
    this.problems = problems;
  }
}

/** AgID's schema qualifies attributes too, so that all names carry the prefix. */
const NAMESPACE = 'http://www.agid.gov.it/protocollo/';
const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressBooleanAttributes: false });

/**
 * The XML, UTF-8. With `seal`, signed as the schema demands (XAdES baseline B); without, a draft that lacks `ds:Signature` and that
 * a receiver refuses: for an organisation whose seal is put on elsewhere. The same input gives the same bytes. Throws SegnaturaError.
 */
export function writeSegnatura(input: Segnatura, seal?: Seal): string {
  const problems = segnaturaProblems(input);
  if (problems.length > 0) throw new SegnaturaError(problems);
  const xml = builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    'prot:SegnaturaInformatica': {
      '@xmlns:prot': NAMESPACE,
      '@prot:versione': '3.0.0',
      '@prot:lang': 'it',
      'prot:Intestazione': {
        'prot:Identificatore': identifier({ ...input.protocol, administrationCode: input.sender.code, areaCode: input.sender.areaCode }),
        ...(input.firstProtocol && { 'prot:PrimaRegistrazione': identifier(input.firstProtocol) }),
        'prot:Oggetto': visibleText(input.subject),
        'prot:Classifica': { 'prot:Denominazione': visibleText(input.classification.name), 'prot:CodiceFlat': visibleText(input.classification.code) },
        ...(input.dossier && { 'prot:Fascicolo': { 'prot:Denominazione': visibleText(input.dossier.name), 'prot:CodiceFascicolo': visibleText(input.dossier.code) } }),
        ...(input.confidential && { 'prot:Riservato': 'true' }),
      },
      'prot:Descrizione': {
        'prot:Mittente': { 'prot:Amministrazione': administration(input.sender) },
        'prot:Destinatario': input.recipients.map(recipient),
        'prot:DocumentoPrimario': document(input.primary),
        'prot:Allegato': input.attachments.map(document),
      },
    },
  });
  return seal ? sealSegnatura(xml, seal) : xml;
}

function identifier({ administrationCode, areaCode, registerCode, number, date, time }: NonNullable<Segnatura['firstProtocol']>) {
  return {
    'prot:CodiceAmministrazione': visibleText(administrationCode),
    'prot:CodiceAOO': visibleText(areaCode),
    'prot:CodiceRegistro': registerCode,
    'prot:NumeroRegistrazione': number,
    'prot:DataRegistrazione': date,
    ...(time && { 'prot:OraRegistrazione': time }),
  };
}

function administration({ name, code, areaCode, taxCode, pec }: Administration) {
  return {
    'prot:DenominazioneAmministrazione': visibleText(name),
    ...(taxCode && { 'prot:CFAmministrazione': taxCode }),
    'prot:CodiceIPAAmministrazione': visibleText(code),
    ...(pec && { 'prot:ContattiAmministrazione': contacts(pec) }),
    ...(areaCode && { 'prot:CodiceIPAAOO': visibleText(areaCode) }),
  };
}

function recipient(given: Recipient) {
  return { '@prot:confermaRicezione': String(given.wantsReceipt ?? true), '@prot:perConoscenza': String(given.forInformation ?? false), ...subject(given) };
}

function subject(given: Recipient) {
  switch (given.kind) {
    case 'administration': return { 'prot:Amministrazione': administration(given) };
    case 'company': return {
      'prot:PersonaGiuridica': { 'prot:Denominazione': visibleText(given.name), ...(given.taxCode && { 'prot:PIVAoCF': given.taxCode }), ...(given.address && { 'prot:ContattiPersonaGiuridica': contacts(given.address) }) },
    };
    case 'person': return {
      'prot:PersonaFisica': { 'prot:Nome': visibleText(given.firstName), 'prot:Cognome': visibleText(given.lastName), ...(given.taxCode && { 'prot:CodiceFiscale': given.taxCode }), ...(given.address && { 'prot:Contatti': contacts(given.address) }) },
    };
    default: return assertNever(given);
  }
}

const contacts = (address: string) => ({ 'prot:IndirizzoTelematico': { '@prot:tipo': 'smtp', '#text': visibleText(address) } });

function document({ name, mediaType, sha256, description }: SegnaturaDocument) {
  return {
    '@prot:nomeFile': visibleText(name),
    '@prot:mimeType': mediaType,
    ...(description && { 'prot:Descrizione': visibleText(description) }),
    'prot:Impronta': { '@prot:algoritmo': 'SHA-256', '#text': Buffer.from(sha256, 'hex').toString('base64') },
  };
}

function assertNever(value: never): never {
  throw new Error(`not a recipient: ${JSON.stringify(value)}`);
}
