/**
 * The school registry as published by the ministry: public facts, so no row-level security.
 * Run by the first migration as `iter_owner`; the extensions unaccent and pg_trgm are there by then.
 */
export const SCHOOLS_SCHEMA = `
-- unaccent() is only stable, for its dictionary might be edited; ours is the one shipped, so that columns and indexes may use it.
create function iter_unaccent(value text) returns text language sql immutable strict parallel safe
  as $$ select public.unaccent('public.unaccent'::regdictionary, value) $$;

create table schools (
  code text primary key check (code ~ '^[A-Z]{2}[A-Z0-9]{8}$'), name text not null,
  level text not null check (level in ('infanzia','primaria','secondaria1','secondaria2','istituto','altro')), kind text,
  institute_code text, institute_name text,
  region text not null, province text not null, province_code text not null generated always as (left(code, 2)) stored,
  municipality text not null, municipality_code text, cap text, address text, email text, pec text, website text,
  state_run boolean not null, school_year text not null check (school_year ~ '^[0-9]{6}$'),
  updated_at timestamptz not null default now(),
  -- Letters and digits only, compared byte by byte: quotes are no part of the alphabet, and pages must not depend on the locale of the cluster.
  name_key text collate "C" not null generated always as (btrim(regexp_replace(lower(iter_unaccent(name)), '[^a-z0-9]+', ' ', 'g'))) stored,
  search text not null generated always as (lower(iter_unaccent(code || ' ' || name || ' ' || municipality || ' ' || coalesce(institute_name, '')))) stored);
create index schools_page on schools (name_key, code collate "C");
create index schools_province_page on schools (province_code, name_key, code collate "C");
create index schools_search on schools using gin (search gin_trgm_ops);
create index schools_institute on schools (institute_code);

-- No foreign key: the counts of a school may come before the school, or for one that the registry does not know.
create table school_pupils (
  code text not null, school_year text not null check (school_year ~ '^[0-9]{6}$'),
  pupils int not null check (pupils >= 0), at_most boolean not null default false,
  primary key (code, school_year));
`;
