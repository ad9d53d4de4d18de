/** MikroORM for lists: a pool of its own as `iter_api`, and for every request a fork that knows for whom it reads. */
import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { CaseAccessEntity, CaseEntity } from '../entities.ts';
import type { MasterKey } from '../masterKeys.ts';
import { passwordInForce, roleUrl } from '../pools.ts';
import type { Reader } from './session.ts';

export interface Reads {
  /** One transaction behind row-level security; entities live no longer than it. */
  as<T>(reader: Reader, work: (em: EntityManager) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens nothing until the first read. */
export function openReads(adminUrl: string, masterKey: MasterKey, poolSize = 4): Reads {
  const orm = new MikroORM({
    entities: [CaseEntity, CaseAccessEntity], clientUrl: roleUrl(adminUrl, 'iter_api'), password: () => passwordInForce(adminUrl, 'iter_api', masterKey), pool: { min: 0, max: poolSize }, driverOptions: { connectionTimeoutMillis: 5_000, application_name: 'iter_api lists' },
    // Our times are instants in UTC, and nothing is ever flushed from here.
    forceUtcTimezone: true, logger: () => {},
  });
  return {
    async as(reader, work) {
      const em = orm.em.fork();
      em.setSessionContext({ variables: { 'iter.org': reader.organisation ?? '', 'iter.user': reader.userId } });
      return await em.transactional(async inner => await work(inner), { readOnly: true });
    },
    close: () => orm.close(),
  };
}
