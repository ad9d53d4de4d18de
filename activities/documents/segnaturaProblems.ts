/** What a segnatura must have before it is written: the patterns of AgID's schema, and what the schema cannot say. */
import type { Administration, Protocol, Recipient, Segnatura, SegnaturaDocument } from './segnatura.ts';
import { visibleText } from './visibleText.ts';

interface Problem { pointer: string; message: string }

/** Of a person: as the schema has it, with the letters that stand for digits in homonyms (omocodia). */
const PERSON = /^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$/;
const COMPANY = /^\d{11}$/;
const ADDRESS = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/i;

/** All problems, in the order of the document; none if it can be written. */
export function segnaturaProblems(input: Segnatura): Problem[] {
  return [
    ...administrationProblems(input.sender, '/sender'),
    ...needed(input.sender.areaCode, '/sender/areaCode'),
    ...protocolProblems(input.protocol, '/protocol'),
    ...(input.firstProtocol ? [...needed(input.firstProtocol.administrationCode, '/firstProtocol/administrationCode'), ...needed(input.firstProtocol.areaCode, '/firstProtocol/areaCode'), ...protocolProblems(input.firstProtocol, '/firstProtocol')] : []),
    ...needed(input.subject, '/subject'),
    ...needed(input.classification.name, '/classification/name'),
    ...needed(input.classification.code, '/classification/code'),
    ...(input.dossier ? [...needed(input.dossier.name, '/dossier/name'), ...needed(input.dossier.code, '/dossier/code')] : []),
    ...(input.recipients.length === 0 ? [{ pointer: '/recipients', message: 'nobody is written to' }] : []),
    ...input.recipients.flatMap((recipient, i) => recipientProblems(recipient, `/recipients/${i}`)),
    ...documentProblems(input.primary, '/primary'),
    ...input.attachments.flatMap((attachment, i) => documentProblems(attachment, `/attachments/${i}`)),
    ...repeatedNames(input),
  ];
}

function recipientProblems(recipient: Recipient, at: string): Problem[] {
  switch (recipient.kind) {
    case 'administration': return administrationProblems(recipient, at);
    case 'company': return [...needed(recipient.name, `${at}/name`), ...fits(recipient.taxCode, COMPANY, `${at}/taxCode`, 'not eleven digits'), ...fits(recipient.address, ADDRESS, `${at}/address`, 'not an e-mail address')];
    case 'person': return [
      ...needed(recipient.firstName, `${at}/firstName`), ...needed(recipient.lastName, `${at}/lastName`),
      ...fits(recipient.taxCode, PERSON, `${at}/taxCode`, 'not a codice fiscale'), ...fits(recipient.address, ADDRESS, `${at}/address`, 'not an e-mail address'),
    ];
    default: return assertNever(recipient);
  }
}

function administrationProblems({ name, code, taxCode, pec }: Administration, at: string): Problem[] {
  return [...needed(name, `${at}/name`), ...needed(code, `${at}/code`), ...fits(taxCode, COMPANY, `${at}/taxCode`, 'not eleven digits'), ...fits(pec, ADDRESS, `${at}/pec`, 'not an e-mail address')];
}

function protocolProblems({ registerCode, number, date, time }: Protocol, at: string): Problem[] {
  return [
    ...fits(registerCode, /^[A-Za-z0-9_.-]{1,16}$/, `${at}/registerCode`, '1 to 16 of A-Z a-z 0-9 _ . -'),
    ...fits(number, /^\d{7,}$/, `${at}/number`, 'not seven digits or more'),
    ...(isDay(date) ? [] : [{ pointer: `${at}/date`, message: 'not a day (YYYY-MM-DD)' }]),
    ...fits(time, /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, `${at}/time`, 'not a time (HH:MM:SS)'),
  ];
}

function documentProblems({ name, mediaType, sha256 }: SegnaturaDocument, at: string): Problem[] {
  return [
    ...needed(name, `${at}/name`),
    ...(/[\\/]/.test(name) ? [{ pointer: `${at}/name`, message: 'a file name has no path' }] : []),
    // Rewritten, it would no longer be the name of the attached file.
    ...(name !== visibleText(name) && visibleText(name) !== '' ? [{ pointer: `${at}/name`, message: 'has invisible characters, or blanks that would be lost' }] : []),
    ...fits(mediaType, MEDIA_TYPE, `${at}/mediaType`, 'not a media type'),
    ...fits(sha256, /^[0-9a-f]{64}$/i, `${at}/sha256`, 'not 64 hexadecimal digits'),
  ];
}

function repeatedNames({ primary, attachments }: Segnatura): Problem[] {
  const names = [primary, ...attachments].map(({ name }) => name.toLowerCase());
  return attachments.flatMap(({ name }, i) => (names.indexOf(name.toLowerCase()) < i + 1 ? [{ pointer: `/attachments/${i}/name`, message: 'another file has this name' }] : []));
}

const needed = (text: string, pointer: string): Problem[] => (visibleText(text) !== '' ? [] : [{ pointer, message: 'empty' }]);

const fits = (text: string | undefined, pattern: RegExp, pointer: string, message: string): Problem[] => (text === undefined || pattern.test(text) ? [] : [{ pointer, message }]);

const isDay = (day: string) => /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().slice(0, 10) === day;

function assertNever(value: never): never {
  throw new Error(`not a recipient: ${JSON.stringify(value)}`);
}
