/**
 * What activities need of a case's documents: opened with its key, registered and stored in one transaction, and the mails that carried
 * them. The key itself never leaves the engine.
 */
import { randomUUID } from 'node:crypto';
import type { DocumentModel, JsonObject, LocalDate } from '../../plugins/contract.ts';
import { run } from '../../database/pools.ts';
import * as sql from '../../database/registerStatements.ts';
import type { EngineContext } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';
import { openBytes, openJson, sealBytes, unwrapCaseKey, type CaseKey } from '../history/caseKey.ts';
import { withNames } from './names.ts';
import { beginRegistration, endRegistration, insertEntry, registerProtocol, sha256, type ProtocolEntry, type ProtocolNumber, type Registration } from './protocol.ts';

/** A document that an effect makes. `made`: its bytes and number, which nothing changes any more. */
export interface Paper {
  id: string;
  name: string;
  /** Code of the organisation whose document it is. */
  organisation: string;
  model: DocumentModel;
  createdAt: Date;
  made: { content: Buffer; sha256: string; protocol: ProtocolNumber; at: Date } | null;
}
/** An attachment that the same command froze. */
export interface FrozenFile { kind: string; name: string; mediaType: string; sha256: string; content: Buffer }
export interface Correspondent { code: string; name: string; ipa: string | null; aoo: string | null; fiscalCode: string | null; address: string | null; email: string | null }
/** A mail that a server took over; `raw` is the message as it was sent. */
export interface SentMail { caseId: string; effectId: string; messageId: string; party: string; sender: string | null; recipient: string; certified: boolean; raw: Buffer }
/** What is to be written under a number: its entry, and the bytes of each paper. */
export interface MadePapers { entry: Omit<ProtocolEntry, 'organisation' | 'key' | 'caseId'>; contents: Map<string, Buffer> }
export interface RegisterPapers { caseId: string; organisation: string; key: string; make: (registration: Registration) => Promise<MadePapers> }

export type Dossier = ReturnType<typeof createDossier>;

/** What leaves is what was registered: bytes of another digest never do. */
function asRegistered(bytes: Buffer, row: { id: string; sha256: string }): Buffer {
  if (sha256(bytes) !== row.sha256) throw new Error(`the bytes of ${row.id} are not those of its digest`);
  return bytes;
}

export function createDossier(context: EngineContext) {
  const pool = context.pools[context.commitPool];
  const takeTurn = createTurns();
  const keyOf = (row: { wrapped: Buffer }, caseId: string) => unwrapCaseKey(context.masterKey, row.wrapped, caseId);

  async function caseKey(caseId: string): Promise<CaseKey> {
    const { rows: [row] } = await withConnection(pool, client => run(client, sql.CASE_KEY, [caseId]));
    if (!row) throw new Error(`the key of case ${caseId} is not there any more`);
    return keyOf(row, caseId);
  }

  return {
    /** What the effect makes, in its order. */
    async papersOf(caseId: string, effectId: string): Promise<Paper[]> {
      const { rows, models } = await withConnection(pool, async client => {
        const found = await run(client, sql.EFFECT_DOCUMENTS, [effectId]);
        return { rows: found.rows, models: await withNames(client, found.rows.map(row => openJson<DocumentModel & JsonObject>(keyOf(row, caseId), row.model, `${caseId}/document/${row.id}`))) };
      });
      return rows.map((row, i) => {
        const key = keyOf(row, caseId), place = `${caseId}/document/${row.id}`;
        return {
          id: row.id, name: row.name, organisation: row.organisation, createdAt: row.created_at, model: models[i]!,
          made: row.content && { content: asRegistered(openBytes(key, row.content, place), row), sha256: row.sha256, protocol: { organisation: row.organisation, number: row.protocol_number, year: row.protocol_year, day: row.protocol_day as LocalDate }, at: row.made_at },
        };
      });
    },

    /** Attachments of the kinds that the letter names, frozen by the command that asked for it, in the order of their uploading. */
    async letterFiles(caseId: string, effectId: string): Promise<FrozenFile[]> {
      const { rows } = await withConnection(pool, client => run(client, sql.LETTER_FILES, [effectId, caseId]));
      return rows.map(row => {
        const key = keyOf(row, caseId);
        return { kind: row.kind, name: openJson<{ name: string }>(key, row.sealed, `${caseId}/attachment`).name, mediaType: row.media_type, sha256: row.sha256, content: asRegistered(openBytes(key, row.content, `${caseId}/attachment/${row.id}`), row) };
      });
    },

    /**
     * One transaction: the number, the bytes that bear it and the entry with their digest (docs/adr/0009). Nothing of it is ever there
     * without the rest, so that a repeat finds all or nothing. Answers the registration; `isNew: false` when it was there already.
     */
    async registerPapers({ caseId, organisation, key, make }: RegisterPapers): Promise<Registration> {
      const sealing = await caseKey(caseId);
      return await takeTurn(organisation, () => withConnection(pool, async client => {
        const registration = await beginRegistration(client, organisation, key);
        if (registration.isNew) {
          const { entry, contents } = await make(registration);
          await insertEntry(client, registration, { ...entry, organisation, key, caseId });
          const ids = [...contents.keys()], bytes = [...contents.values()];
          const { rowCount } = await run(client, sql.STORE_DOCUMENTS, [
            ids, bytes.map((content, i) => sealBytes(sealing, content, `${caseId}/document/${ids[i]}`)), bytes.map(sha256), bytes.map(({ length }) => length),
            registration.at, registration.year, registration.number, registration.day,
          ]);
          if (rowCount !== ids.length) throw new Error(`${ids.length - (rowCount ?? 0)} documents of the case ${caseId} have bytes without this registration`);
        }
        await endRegistration(client, registration);
        return registration;
      }));
    },

    /** For what comes in from an organisation of this installation. */
    register: (entry: ProtocolEntry): Promise<Registration> => registerProtocol(pool, entry),

    /** Keyed by the Message-ID: noted twice, it is kept once. */
    async keepMail({ caseId, effectId, messageId, party, sender, recipient, certified, raw }: SentMail): Promise<void> {
      const id = randomUUID(), sealed = sealBytes(await caseKey(caseId), raw, `${caseId}/mail/${id}`);
      await withConnection(pool, client => run(client, sql.INSERT_MAIL, [id, messageId, caseId, effectId, party, sender, recipient, certified, sealed, raw.length, sha256(raw)]));
    },

    async correspondents(codes: string[]): Promise<Map<string, Correspondent>> {
      const { rows } = await withConnection(pool, client => run(client, sql.CORRESPONDENTS, [codes]));
      return new Map(rows.map(({ fiscal_code: fiscalCode, ...row }) => [row.code, { ...row, fiscalCode }]));
    },
  };
}

/** Of all organisations: what is printed waits for one printing process, with a register and a connection of the pool in hand. */
const MOST_AT_ONCE = 3;

/** Within one program, the letters of one organisation come one after another before they take a connection: they would only wait for the register's row. */
function createTurns(): <T>(organisation: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>(), waiting: (() => void)[] = [];
  let free = MOST_AT_ONCE;
  async function withRoom<T>(work: () => Promise<T>): Promise<T> {
    if (free > 0) free -= 1;
    else await new Promise<void>(resolve => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  }
  return async (organisation, work) => {
    const turn = () => withRoom(work);
    const mine = (last.get(organisation) ?? Promise.resolve()).then(turn, turn);
    last.set(organisation, mine);
    try {
      return await mine;
    } finally {
      if (last.get(organisation) === mine) last.delete(organisation);
    }
  };
}
