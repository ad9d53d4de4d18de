/** Pupils and who answers for them, as files of the secretariat bring them: as `iter_commit`. */
import type { Statement } from './statements.ts';

/** $1 school, $2 school year. One import at a time. */
export const LOCK_FAMILIES: Statement = { name: 'lock_families', text: `select pg_advisory_xact_lock(hashtextextended('iter/families/' || $1 || '/' || $2, 0))` };
export const PUPILS_OF_YEAR: Statement = { name: 'pupils_of_year', text: 'select id, code, class, sealed, left_on from pupils where school = $1 and year = $2' };
/** $1 user names, $2 ids. */
export const USERS_NAMED: Statement = { name: 'users_named', text: 'select id, username, name, locale from users where username = any ($1) or id = any ($2::uuid[])' };
/** $1 user ids. */
export const CONTACTS_OF: Statement = {
  name: 'contacts_of',
  text: `select k.user_id, k.email, k.phone, k.channels, k.chosen_at is not null as chosen,
  exists (select from pupil_contacts g join pupils p on p.id = g.pupil_id where g.user_id = k.user_id and p.school <> $2 and p.left_on is null) as elsewhere, coalesce((select json_agg(json_build_object('channel', s.channel, 'version', s.version, 'day', (s.given_at at time zone 'Europe/Rome')::date, 'open', s.withdrawn_at is null)) from consents s where s.user_id = k.user_id), '[]') as consents
 from contacts k where k.user_id = any ($1::uuid[])`,
};
/** $1 pupil ids. */
export const GUARDIANS_OF: Statement = { name: 'guardians_of', text: 'select pupil_id, user_id, relation, position from pupil_contacts where pupil_id = any ($1::uuid[])' };

export const PUT_USERS: Statement = {
  name: 'put_family_users',
  text: 'select iter_bring_guardians($1::jsonb)',
};
/** $2 school, $3 year. */
export const PUT_PUPILS: Statement = {
  name: 'put_pupils',
  text: `insert into pupils (id, school, year, code, class, sealed) select r.id, $2, $3, r.code, r.class, decode(r.sealed, 'hex') from jsonb_to_recordset($1::jsonb) as r(id uuid, code text, class text, sealed text)
 on conflict (id) do update set class = excluded.class, sealed = excluded.sealed, left_on = null, updated_at = clock_timestamp()`,
};
/** $1 pupil ids, $2 day. */
export const PUPILS_LEFT: Statement = { name: 'pupils_left', text: 'update pupils set left_on = $2, updated_at = clock_timestamp() where id = any ($1::uuid[]) and left_on is null' };
/** $1 rows: what a file says of a person stands until they say something themselves. $2 by whom. */
export const PUT_CONTACTS: Statement = {
  name: 'put_family_contacts',
  text: `insert into contacts as k (user_id, email, phone, channels, updated_by) select r.user_id, r.email, r.phone, r.channels, $2 from jsonb_to_recordset($1::jsonb) as r(user_id uuid, email text, phone text, channels text[])
 on conflict (user_id) do update set email = excluded.email, phone = excluded.phone, channels = excluded.channels, updated_at = clock_timestamp(), updated_by = excluded.updated_by where k.chosen_at is null`,
};
/** $1 rows, $2 by whom. One that was given on that day already, also if it was withdrawn since, is not given again. */
export const PUT_CONSENTS: Statement = {
  name: 'put_family_consents',
  text: `insert into consents (user_id, channel, version, given_at, source, given_by) select r.user_id, r.channel, r.version, r.day::timestamp at time zone 'Europe/Rome', 'secretariat', $2 from jsonb_to_recordset($1::jsonb) as r(user_id uuid, channel text, version text, day date)
 where not exists (select from consents s where s.user_id = r.user_id and s.channel = r.channel and (s.withdrawn_at is null or (s.given_at at time zone 'Europe/Rome')::date >= r.day or (s.withdrawn_at at time zone 'Europe/Rome')::date >= r.day)) on conflict do nothing`,
};
export const PUT_GUARDIANS: Statement = {
  name: 'put_guardians',
  text: `insert into pupil_contacts (pupil_id, user_id, relation, position) select r.pupil_id, r.user_id, r.relation, r.position from jsonb_to_recordset($1::jsonb) as r(pupil_id uuid, user_id uuid, relation text, position int)
 on conflict (pupil_id, user_id) do update set relation = excluded.relation, position = excluded.position`,
};
/** $1 pupil ids, $2 user ids, pairwise. */
export const DROP_GUARDIANS: Statement = { name: 'drop_guardians', text: 'delete from pupil_contacts g using unnest($1::uuid[], $2::uuid[]) as r(pupil_id, user_id) where g.pupil_id = r.pupil_id and g.user_id = r.user_id' };

/** $1 school, $2 year, $3 class (null: all), $4 last code, $5 most. */
export const LIST_PUPILS: Statement = {
  name: 'list_pupils',
  text: `select p.id, p.code, p.class, p.sealed, p.left_on::text, coalesce((select json_agg(json_build_object('id', u.id, 'name', u.name, 'relation', g.relation, 'chosen', coalesce(k.chosen_at is not null, false),
   'channels', (select to_jsonb(r.channels) from iter_reached(array[u.id]) r)) order by g.position, u.id)
   from pupil_contacts g join users u on u.id = g.user_id left join contacts k on k.user_id = u.id where g.pupil_id = p.id), '[]') as contacts
 from pupils p where p.school = $1 and p.year = $2 and ($3::text is null or p.class = $3) and ($4::text is null or p.code > $4) order by p.code limit $5`,
};
/** $1 school, $2 year. */
export const LIST_CLASSES: Statement = { name: 'list_classes', text: 'select class, count(*)::int as pupils from pupils where school = $1 and year = $2 and left_on is null group by class order by class' };
/** $1 school, $2 year, $3 codes, $4 today: those who are at the school, with who answers for them; and whether the school keeps its families of the year here. $5: its classes too. */
export const KNOWN_PUPILS: Statement = {
  name: 'known_pupils',
  text: `select exists (select from pupils where school = $1 and year = $2) as kept, coalesce((select json_agg(json_build_object('code', p.code, 'class', p.class,
   'people', coalesce((select json_agg(json_build_object('id', g.user_id, 'relation', g.relation) order by g.position, g.user_id) from pupil_contacts g join users u on u.id = g.user_id and not u.disabled where g.pupil_id = p.id), '[]')) order by p.code)
  from pupils p where p.school = $1 and p.year = $2 and p.code = any ($3) and (p.left_on is null or p.left_on > $4::date)), '[]') as known,
 case when $5 then coalesce((select json_agg(c order by c.class) from (select p.class, count(*) as pupils, count(*) filter (where exists (select from pupil_contacts g where g.pupil_id = p.id)) as answered
  from pupils p where p.school = $1 and p.year = $2 and (p.left_on is null or p.left_on > $4::date) group by p.class) c), '[]') end as classes`,
};
