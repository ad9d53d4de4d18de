/** Documents that are sent to nobody: each is registered as internal, printed with its number and kept with the case. */
import type { BegunEffect, EffectResult } from '../../engine/agenda/agenda.ts';
import { sha256 } from '../../engine/registers/protocol.ts';
import type { ActivityDependencies } from '../createActivities.ts';
import { correspondentOf, documentLabel, nameInRegister, printPaper } from './printPaper.ts';

/** Answers `{ documents }`, each with its digest and number. Throws BrokenPlugin. */
export async function makeDocuments({ engine: { dossier, processes } }: ActivityDependencies, effect: BegunEffect): Promise<EffectResult> {
  const { plugin } = processes.version(effect.process, effect.processVersion);
  const papers = await dossier.papersOf(effect.caseId, effect.id);
  const organisations = await dossier.correspondents([...new Set(papers.map(({ organisation }) => organisation))]);
  for (const paper of papers.filter(({ made }) => !made)) {
    const owner = correspondentOf(organisations, paper.organisation), label = documentLabel(plugin, paper.name);
    await dossier.registerPapers({
      caseId: effect.caseId, organisation: paper.organisation, key: paper.id,
      make: async registration => {
        const bytes = await printPaper(paper, owner.name, { registration, direction: 'interno' });
        return {
          // The model's own words may name the pupil: the register has the document's kind and the case's number.
          entry: { direction: 'interno', subject: `${label}: ${plugin.labels.it.process} ${effect.number ?? ''}`.trim(), sender: nameInRegister(owner), recipients: [], document: label, sha256: sha256(bytes), attachments: [] },
          contents: new Map([[paper.id, bytes]]),
        };
      },
    });
  }
  // As they are stored, whichever attempt stored them.
  const made = await dossier.papersOf(effect.caseId, effect.id);
  return { ok: true, value: { documents: made.map(({ id, name, made: done }) => ({ id, name, sha256: done!.sha256, protocol: { ...done!.protocol } })) } };
}
