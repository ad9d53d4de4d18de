import { Migration } from '@mikro-orm/migrations';
import { FUNCTIONS, TABLES, WALLS } from '../schema.ts';
import { SCHOOLS_SCHEMA } from '../schools/schema.ts';

/** Tables, walls and the school registry, all owned by `iter_owner`. */
export class Foundation extends Migration {
  override up(): void {
    this.addSql('set role iter_owner');
    this.addSql(SCHOOLS_SCHEMA);
    this.addSql(TABLES);
    this.addSql(FUNCTIONS);
    this.addSql(WALLS);
    this.addSql('reset role');
  }
}
