export const SCHOOLS_SCHEMA = 'create table schools (code text primary key); create table school_pupils (code text);';
