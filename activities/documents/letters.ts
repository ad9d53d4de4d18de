/**
 * An official letter: its documents made and registered in the sender's protocollo under one number, with the papers that the command
 * brought. A letter that was made is only read again: the same bytes and the same number at every attempt.
 */
import type { BegunEffect } from '../../engine/agenda/agenda.ts';
import type { Correspondent, Dossier, FrozenFile, Paper } from '../../engine/registers/dossier.ts';
import { sha256, type ProtocolEntry, type ProtocolNumber, type RegisteredAttachment } from '../../engine/registers/protocol.ts';
import type { LetterInput, Plugin } from '../../plugins/contract.ts';
import { BrokenPlugin } from '../attemptEffect.ts';
import type { ActivityDependencies } from '../createActivities.ts';
import type { MailAttachment } from '../mailer.ts';
import { distinctNames, safeFileName } from './fileNames.ts';
import { writeLetterSegnatura, SEGNATURA } from './letterSegnatura.ts';
import { attachmentLabel, correspondentOf, documentLabel, nameInRegister, printPaper } from './printPaper.ts';

/** A party that is written to. */
export interface Addressee { party: string; id: string; kind: 'organisation' | 'person' }
export interface Letter {
  sender: Correspondent;
  protocol: ProtocolNumber;
  documents: { id: string; name: string; sha256: string }[];
  /** To this party: the PDFs and the papers; an organisation gets `segnatura.xml` too, which its own register reads. */
  filesFor(addressee: Addressee): MailAttachment[];
  /** How the receiver registers it as it comes in. */
  incomingFor(addressee: Addressee, messageId: string): ProtocolEntry | null;
}
interface Asked { letter: LetterInput; subject: string; addressees: Addressee[] }

/** Throws BrokenPlugin where a document cannot be printed or the letter has none. */
export async function makeLetter({ engine: { dossier, processes } }: ActivityDependencies, effect: BegunEffect, { letter, subject, addressees }: Asked): Promise<Letter> {
  const { plugin } = processes.version(effect.process, effect.processVersion);
  const { caseId, id: key } = effect;
  let papers = await dossier.papersOf(caseId, key);
  if (papers.length === 0) throw new BrokenPlugin(`the letter "${effect.name}" has no document: a protocollo registers a document`);
  const { organisation } = papers[0]!;
  const frozen = letter.attachments || letter.earlier ? await dossier.letterFiles(caseId, key) : [];
  const organisations = await dossier.correspondents([organisation, ...addressees.filter(({ kind }) => kind === 'organisation').map(({ id }) => id)]);
  const sender = correspondentOf(organisations, organisation);
  const registered = { subject, sender: nameInRegister(sender), recipients: addressees.map(addressee => recipientName(plugin, effect, organisations, addressee)) };

  if (!papers[0]!.made) {
    await registerLetter(dossier, { effect, plugin, papers, frozen, sender, registered });
    // As they are stored, whichever attempt stored them.
    papers = await dossier.papersOf(caseId, key);
  }
  const [principal, ...annexes] = papers as (Paper & { made: NonNullable<Paper['made']> })[];
  const { protocol, at } = principal!.made;
  const files = filesOf(plugin, [principal!, ...annexes], frozen);
  const offices = addressees.filter(({ kind }) => kind === 'organisation').map(({ id }) => correspondentOf(organisations, id));
  const confidential = papers.some(({ name }) => plugin.documents?.[name]?.protected === true);
  const segnatura = offices.length === 0 ? [] : [{ filename: SEGNATURA, contentType: 'application/xml', content: writeLetterSegnatura({ effect, plugin, sender, offices, subject, protocol, at, files, confidential }) }];
  return {
    sender, protocol, documents: papers.map(({ id, name, made }) => ({ id, name, sha256: made!.sha256 })),
    filesFor: ({ kind }) => [...files, ...(kind === 'organisation' ? segnatura : [])].map(({ filename, contentType, content }) => ({ filename, contentType, content })),
    incomingFor(addressee, messageId) {
      // Who writes to itself has registered it already; one that no table knows keeps its register elsewhere.
      if (addressee.kind !== 'organisation' || addressee.id === organisation || !organisations.has(addressee.id)) return null;
      return {
        ...registered, organisation: addressee.id, key: `${key}/in`, direction: 'entrata', caseId, recipients: [recipientName(plugin, effect, organisations, addressee)],
        document: documentLabel(plugin, principal!.name), sha256: principal!.made.sha256, attachments: registeredAttachments(plugin, annexes.map(({ name, made }) => ({ name, sha256: made.sha256 })), frozen), senderProtocol: protocol, messageId,
      };
    },
  };
}

interface ToRegister { effect: BegunEffect; plugin: Plugin; papers: Paper[]; frozen: FrozenFile[]; sender: Correspondent; registered: Pick<ProtocolEntry, 'subject' | 'sender' | 'recipients'> }

async function registerLetter(dossier: Dossier, { effect, plugin, papers, frozen, sender, registered }: ToRegister): Promise<void> {
  await dossier.registerPapers({
    caseId: effect.caseId, organisation: sender.code, key: effect.id,
    make: async registration => {
      // All of them bear the letter's number, the annexes too: a form that is taken out of its letter still says where it belongs.
      const printed: { paper: Paper; bytes: Buffer }[] = [];
      for (const paper of papers) printed.push({ paper, bytes: await printPaper(paper, sender.name, { registration, direction: 'uscita' }) });
      const [principal, ...annexes] = printed;
      return {
        entry: {
          ...registered, direction: 'uscita', document: documentLabel(plugin, principal!.paper.name), sha256: sha256(principal!.bytes),
          attachments: registeredAttachments(plugin, annexes.map(({ paper: { name }, bytes }) => ({ name, sha256: sha256(bytes) })), frozen),
        },
        contents: new Map(printed.map(({ paper: { id }, bytes }) => [id, bytes])),
      };
    },
  });
}

/** By their kinds: a file's own name often names the pupil, and a register is never erased. */
function registeredAttachments(plugin: Plugin, annexes: { name: string; sha256: string }[], frozen: FrozenFile[]): RegisteredAttachment[] {
  return [
    ...annexes.map(annex => ({ name: documentLabel(plugin, annex.name), sha256: annex.sha256 })),
    ...frozen.map(file => ({ name: attachmentLabel(plugin, file.kind), sha256: file.sha256 })),
  ];
}

/** A person is named by their part in the case: who receives a letter about home schooling would tell of a child's health. */
function recipientName(plugin: Plugin, { number, caseId }: BegunEffect, organisations: Map<string, Correspondent>, { party, id, kind }: Addressee): string {
  if (kind === 'organisation') return nameInRegister(correspondentOf(organisations, id));
  return `${plugin.labels.it.parties[party] ?? party} (${plugin.labels.it.process} ${number ?? caseId})`;
}

export type LetterFile = MailAttachment & { sha256: string; description: string };

/** The principal document first. */
function filesOf(plugin: Plugin, papers: (Paper & { made: NonNullable<Paper['made']> })[], frozen: FrozenFile[]): LetterFile[] {
  const files = [
    ...papers.map(({ name, made }) => ({ contentType: 'application/pdf', content: made.content, sha256: made.sha256, description: documentLabel(plugin, name), filename: safeFileName(documentLabel(plugin, name), 'application/pdf') })),
    ...frozen.map(({ kind, name, mediaType, sha256: digest, content }) => ({ contentType: mediaType, content, sha256: digest, description: attachmentLabel(plugin, kind), filename: safeFileName(name, mediaType) })),
  ];
  const names = distinctNames(files.map(({ filename }) => filename), [SEGNATURA]);
  return files.map((file, i) => ({ ...file, filename: names[i]! }));
}
