import { Migration } from '@mikro-orm/migrations';
import { DOSSIER_TABLES, DOSSIER_WALLS } from '../dossierSchema.ts';
import { TASK_FUNCTIONS } from '../taskFunctions.ts';
import { ERASURE } from '../erasureSchema.ts';

/** Documents, registers, mail, tasks, forms and erasure. Only additions: a program of before goes on beside it. */
export class Dossier extends Migration {
  override up(): void {
    this.addSql('set role iter_owner');
    this.addSql(DOSSIER_TABLES);
    this.addSql(DOSSIER_WALLS);
    this.addSql(TASK_FUNCTIONS);
    this.addSql(ERASURE);
    this.addSql('reset role');
  }
}
