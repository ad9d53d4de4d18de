/** What cases have taken of a file, noted some at a time: a note for each case would cost as much as its command. */
import { run } from '../../database/pools.ts';
import * as sql from '../../database/importStatements.ts';
import type { EngineContext } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';

interface Note { case_id: string; case_version: number; key: string; day: string; digest: string; revision: number; withdrawn: boolean }

const MANY = 50;

export class Notes {
  private readonly context: EngineContext;
  private readonly of: { name: string; organisation: string };
  private waiting: Note[] = [];

  constructor(context: EngineContext, { name, caller: { organisation } }: { name: string; caller: { organisation: string } }) {
    this.context = context;
    this.of = { name, organisation };
  }

  add(...notes: Note[][]): void {
    this.waiting.push(...notes.flat());
  }

  /** When there are enough of them. */
  async writeMany(): Promise<void> {
    if (this.waiting.length >= MANY) await this.write();
  }

  /** Of two files at the same time the database keeps what the case heard last. */
  async write(): Promise<void> {
    const notes = this.waiting;
    if (notes.length === 0) return;
    this.waiting = [];
    await withConnection(this.context.pools[this.context.commitPool], client => run(client, sql.PUT_IMPORTED, [this.of.name, this.of.organisation, JSON.stringify(notes)]));
  }
}
