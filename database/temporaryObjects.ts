/**
 * A temporary view of a serving role's making would stand before the table of its name in the owner's functions, and what it calls would run with the
 * owner's rights. So nobody makes any, and if somebody could (a database that is not ours to close) they are looked at last.
 */

/** As who migrates: a warning where the database is another's. */
export const NO_TEMPORARY_OBJECTS = `do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$;`;

/** As the owner: of all functions with a search path of their own, also those of before. */
export const TEMPORARY_LAST = `do $$ declare f regprocedure; begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proowner = 'iter_owner'::regrole and exists (select from unnest(p.proconfig) c where c like 'search_path=%') loop
    execute format('alter function %s set search_path = public, pg_temp', f);
  end loop;
end $$;`;
