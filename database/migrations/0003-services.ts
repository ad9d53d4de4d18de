import { Migration } from '@mikro-orm/migrations';
import { CHANNELS_TABLES, CHANNELS_WALLS } from '../channelsSchema.ts';
import { CALENDARS, FAMILIES, IMPORTS, OFFERS, PARTIES } from '../servicesSchema.ts';
import { TEMPORARY_LAST } from '../temporaryObjects.ts';

/** Calendars, families, imports, and messages to many. Only additions: a program of before goes on beside it. */
export class Services extends Migration {
  override up(): void {
    this.addSql('set role iter_owner');
    this.addSql(CALENDARS);
    this.addSql(FAMILIES);
    this.addSql(IMPORTS);
    this.addSql(CHANNELS_TABLES);
    this.addSql(CHANNELS_WALLS);
    this.addSql(OFFERS);
    this.addSql(PARTIES);
    this.addSql(TEMPORARY_LAST);
    this.addSql('reset role');
  }
}
