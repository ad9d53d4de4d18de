/** Offered time: what cases publish, and what of it is taken. */
import { PERSON } from './erasureSchema.ts';
import type { Statement } from './statements.ts';

const OFFER = 'o.case_id as id, o.scope, o.process, o.process_version as version, o.resource, o.parties, o.offer';
const CLOCK = `date_trunc('milliseconds', clock_timestamp()) as now`;
const OF_PARTIES = (where: string) => `organisation in (select v.value from case_offers o, jsonb_each_text(o.parties) v where ${where})`;
const PARAMETERS = 'select name, organisation, valid_from::text as "from", valid_to::text as "to", value, version from parameters where name = any ($1)';
/** Milliseconds since 1970: hundreds of dates in text cost their reader more than all else. */
const epoch = (instant: string, name: string) => `(extract(epoch from ${instant}) * 1000)::float8 as "${name}"`;
const HELD = `r.resource, ${epoch('lower(r.during)', 'from')}, ${epoch('upper(r.during)', 'to')}`;

/** Names of the people among the parties, by id. */
const NAMES = `(select coalesce(json_object_agg(u.id, u.name), '{}') from users u where u.id = any (array(select case when p ~ ${PERSON} then p::uuid end from unnest(o.principals) p))) as names`;
/** $1 scope. */
export const OFFERS_OF_SCOPE: Statement = { name: 'offers_of_scope', text: `select ${OFFER}, ${NAMES}, ${CLOCK} from case_offers o where o.scope = $1 order by o.case_id` };
/** $1 names, $2 scope: general values and those of the organisations that offer. */
export const PARAMETERS_OF_SCOPE: Statement = { name: 'parameters_of_scope', text: `${PARAMETERS} and (organisation is null or ${OF_PARTIES('o.scope = $2')})` };
/** $1 scope, $2 from, $3 to. The index of the exclusion constraint serves it. */
export const TAKEN_OF_SCOPE: Statement = {
  name: 'taken_of_scope', text: `select ${HELD} from case_offers o join reservations r on r.resource = o.resource and r.during && tstzrange($2, $3) where o.scope = $1`,
};
/** $1 resources, $2 from, $3 to. */
export const TAKEN: Statement = { name: 'taken', text: `select ${HELD} from reservations r where r.resource = any ($1) and r.during && tstzrange($2, $3)` };

/** The database's clock. */
export const READ_CLOCK: Statement = { name: 'read_clock', text: `select ${CLOCK}` };
/** $1 process, $2 case or null, $3 party or null, $4 most: for whoever is signed in, though no party of the case. */
export const OFFERS: Statement = { name: 'offers', text: 'select * from iter_offers($1, $2, $3, $4)' };
/** $1 names, $2 parties. */
export const PARAMETERS_OF_PARTIES: Statement = { name: 'parameters_of_parties', text: `${PARAMETERS} and (organisation is null or organisation = any ($2))` };
/** $1 codes of organisations, $2 ids of people: those that are neither are left out. */
export const NAMES_OF_PARTIES: Statement = { name: 'names_of_parties', text: 'select code, name from organisations where code = any ($1) union all select u.id::text, u.name from users u where u.id = any ($2::uuid[])' };
/** $1 codes: those that are no organisation's are left out. */
export const ORGANISATION_NAMES: Statement = { name: 'organisation_names', text: 'select code, name from organisations where code = any ($1)' };
/** $1 resources, $2 from, $3 to: when, and nothing of whose. */
export const TAKEN_TIMES: Statement = { name: 'taken_times', text: `select resource, ${epoch('"from"', 'from')}, ${epoch('"to"', 'to')} from iter_taken($1, $2, $3)` };
/** $1 case. */
export const IS_CASE: Statement = { name: 'is_case', text: 'select 1 from cases where id = $1' };
