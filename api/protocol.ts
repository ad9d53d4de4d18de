/** The protocollo informatico of the caller's organisation: its entries, its sealed days, and the extract of a case. */
import type { Request, Response, Router } from 'express';
import { entriesOfCase, findEntry, listEntries, listSealedDays, readSealedDay, type RegisterEntry } from '../database/reads/protocol.ts';
import { Problem } from '../engine/problems.ts';
import { protocolText } from '../engine/registers/protocol.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import { isOperator } from './profile.ts';
import { choiceParameter, dateParameter, isLocalDate, limitParameter, textParameter } from './query.ts';
import { sendFile } from './sendFile.ts';
import { sendJson } from './sendJson.ts';
import { roleOn } from './visibility.ts';

export const DIRECTIONS = ['entrata', 'uscita', 'interno'] as const;

export function protocolRoutes(api: ApiContext, router: Router): void {
  router.get('/protocol', async (req, res) => {
    const { asking, organisation } = registrar(api, req, res);
    const filter = {
      year: yearParameter(textParameter(req, 'year')), from: dateParameter(req, 'from') ?? null, to: dateParameter(req, 'to') ?? null,
      direction: textParameter(req, 'direction') === undefined ? null : choiceParameter(req, 'direction', DIRECTIONS, 'entrata'), q: textParameter(req, 'q') ?? null,
    };
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000), query = JSON.stringify(['protocol', organisation, filter]);
    const position = cursor === undefined ? null : api.cursors.read(query, cursor);
    const rows = await listEntries(api.pools.read, readerOf(asking), organisation, filter, position && { year: Number(position.year), number: Number(position.number) }, limit + 1);
    const items = rows.slice(0, limit), last = rows.length > limit ? items.at(-1)! : null;
    sendJson(res, 200, { items: items.map(presentRegisterEntry), next: last ? api.cursors.write(query, { year: String(last.year), number: String(last.number) }) : null });
  });

  // Before the entries: "days" is no year.
  router.get('/protocol/days', async (req, res) => {
    const { asking, organisation } = registrar(api, req, res);
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000), query = JSON.stringify(['protocol/days', organisation]);
    const before = cursor === undefined ? null : api.cursors.read(query, cursor).day!;
    const rows = await listSealedDays(api.pools.read, readerOf(asking), organisation, before, limit + 1);
    const items = rows.slice(0, limit), last = rows.length > limit ? items.at(-1)! : null;
    sendJson(res, 200, {
      items: items.map(({ first, last: end, sealedAt, ...day }) => ({ ...day, first: first && protocolText(first), last: end && protocolText(end), sealedAt: sealedAt.toISOString(), href: `/api/v1/protocol/days/${day.day}` })),
      next: last ? api.cursors.write(query, { day: last.day }) : null,
    });
  });

  router.get('/protocol/days/:day', async (req, res) => {
    const { asking, organisation } = registrar(api, req, res);
    const { day } = req.params;
    if (!isLocalDate(day)) throw new Problem('malformed', 'The day must be a date: YYYY-MM-DD.');
    const sealed = await readSealedDay(api.pools.read, readerOf(asking), organisation, day);
    if (!sealed) throw new Problem('not-found', 'The register of this day is not sealed: the day is not over, or comes before the first entry.');
    sendFile(res, { content: sealed.content, sha256: sealed.sha256, mediaType: 'application/pdf', name: `registro-protocollo-${organisation}-${day}.pdf` });
  });

  router.get('/protocol/:year/:number', async (req, res) => {
    const { asking, organisation } = registrar(api, req, res);
    const year = yearParameter(req.params.year), { number } = req.params;
    if (!/^\d{1,9}$/.test(number)) throw new Problem('malformed', 'The number of an entry has one to nine digits.');
    const entry = await findEntry(api.pools.read, readerOf(asking), organisation, year!, Number(number));
    if (!entry) throw new Problem('not-found', 'There is no such entry in the register of your organisation.');
    sendJson(res, 200, presentRegisterEntry(entry));
  });

  router.get('/cases/:id/protocol', async (req, res) => {
    const { asking, organisation } = registrar(api, req, res);
    const record = await api.engine.readCase(req.params.id, asking.caller.principals);
    if (!record) throw new Problem('not-found', 'There is no such case.');
    if (roleOn(record.process.plugin, record.state.parties, asking.caller) === null) throw new Problem('forbidden', 'Only the parties of the case may see how it was registered.');
    sendJson(res, 200, { items: (await entriesOfCase(api.pools.read, readerOf(asking), organisation, record.state.id)).map(presentRegisterEntry), next: null });
  });
}

/** Roles that answer for letters in any process; where no process says so, everybody of the organisation. */
function registrars({ processes }: ApiContext): { has(role: string): boolean } {
  const roles = processes.all().flatMap(({ plugin }) => Object.values(plugin.correspondence ?? {}).flat());
  return roles.length > 0 ? new Set(roles) : { has: () => true };
}

/** Who looks after the installation keeps no register, and reads nobody's. Throws Problem `forbidden`. */
function registrar(api: ApiContext, req: Request, res: Response): { asking: Asking; organisation: string } {
  const asking = askingOf(api, req, res), { person, profile, caller } = asking;
  if (caller.organisation === null || isOperator(person, profile) || !registrars(api).has(caller.role)) throw new Problem('forbidden', 'A protocollo is read by those who answer for the letters of its organisation.');
  return { asking, organisation: caller.organisation };
}

function yearParameter(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{4}$/.test(text)) throw new Problem('malformed', 'year must be four digits.');
  return Number(text);
}

export function presentRegisterEntry({ number, at, senderProtocol, ...entry }: RegisterEntry) {
  return { ...entry, number: protocolText(number), at: at.toISOString(), senderProtocol: senderProtocol && { ...senderProtocol, number: protocolText(senderProtocol.number) }, href: `/api/v1/protocol/${entry.year}/${number}` };
}
