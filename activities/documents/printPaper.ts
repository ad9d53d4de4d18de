/** A paper of an effect on its way to bytes: how it is named, by whom it is signed as author, and which number it bears. */
import { protocolText, type Direction, type Registration } from '../../engine/registers/protocol.ts';
import type { Correspondent, Paper } from '../../engine/registers/dossier.ts';
import type { Plugin } from '../../plugins/contract.ts';
import { BrokenPlugin, TemporaryFailure } from '../attemptEffect.ts';
import { DocumentError } from './documentError.ts';
import { print } from './printer.ts';

/** In the language of the registers. */
export const documentLabel = (plugin: Plugin, name: string): string => plugin.labels.it.documents?.[name] ?? name;
export const attachmentLabel = (plugin: Plugin, kind: string): string => plugin.labels.it.attachments[kind] ?? kind;

/** As registers name an organisation. */
export const nameInRegister = ({ name, code }: Pick<Correspondent, 'name' | 'code'>): string => `${name} (${code})`;

/** One that no table knows is named by its code. */
export function correspondentOf(found: Map<string, Correspondent>, code: string): Correspondent {
  return found.get(code) ?? { code, name: code, ipa: null, aoo: null, fiscalCode: null, address: null, email: null };
}

/** A register may be held meanwhile, and PostgreSQL ends its transaction after ten seconds: told as what it is, it is tried later and not for ever. */
const LONGEST_PRINT_MS = 8_000;

const isLogo = (error: unknown): boolean => error instanceof DocumentError && error.piece.startsWith('letterhead.logo');

/** The bytes, dated by the decision that asked for them. Throws BrokenPlugin for what cannot be printed, TemporaryFailure when it took too long. */
export async function printPaper(paper: Paper, author: string, bears: { registration: Registration; direction: Direction }): Promise<Buffer> {
  const protocol = { number: protocolText(bears.registration.number), date: bears.registration.day, organisation: author, direction: bears.direction };
  try {
    const began = performance.now(), options = { protocol, createdAt: paper.createdAt, author };
    // A letter whose figure cannot be drawn leaves without it: what it says is fixed, and no retry would mend it.
    const bytes = await print(paper.model, options).catch(error => { if (!isLogo(error)) throw error; const { logo: _unreadable, ...letterhead } = paper.model.letterhead!; return print({ ...paper.model, letterhead }, options); });
    if (performance.now() - began > LONGEST_PRINT_MS) throw new TemporaryFailure(`the document "${paper.name}" took more than ${LONGEST_PRINT_MS / 1_000} seconds to print`);
    return bytes;
  } catch (error) {
    if (error instanceof DocumentError) throw new BrokenPlugin(`the document "${paper.name}" cannot be printed: ${error.message}`, { cause: error });
    throw error;
  }
}
