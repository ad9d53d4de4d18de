/** The linter's rules. A ban names its replacement; an exception says why (a directive without a description is an error). */
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const PURE = ['engine/decide/**/*.ts', 'plugins/*/process/**/*.ts', 'plugins/*/process-v*/**/*.ts'];
const NOW = 'A decision has no clock: the instant enters as `now`.';

/** Reading Temporal: what it knows may be lost or late, and then there would be two truths. */
const temporalReads = ['describe', 'query', 'fetchHistory', 'listWorkflows', 'countWorkflows', 'describeWorkflowExecution', 'getWorkflowExecutionHistory', 'listWorkflowExecutions', 'queryWorkflow'];
const readsOfTemporal = [
  ...temporalReads.map((name) => ({
    // `client.query(…)` is PostgreSQL here, `handle.query(…)` and `workflow.query(…)` are Temporal.
    selector: `CallExpression[callee.property.name="${name}"]${name === 'query' ? '[callee.object.name=/[hH]andle|[wW]orkflow/]' : ''}`,
    message: 'The engine and the API never read Temporal: read the case, its agenda or its history from PostgreSQL.',
  })),
  {
    selector: 'CallExpression[callee.property.name=/^(list|count)$/][callee.object.property.name="workflow"]',
    message: 'The engine and the API never read Temporal: list cases from PostgreSQL.',
  },
];

const noDefaultExport = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name for one thing everywhere.' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'Named exports only: one name for one thing everywhere.' },
];

const temporalClient = {
  group: ['@temporalio/client', '@temporalio/client/*'],
  message: 'Only engine/agenda speaks to Temporal: write an agenda row and let it nudge.',
};

export default tseslint.config(
  { ignores: ['node_modules/', '.iter*/', 'web/dist/', 'coverage/'] },
  eslint.configs.recommended,
  ...tseslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { excuses: { rules: { 'require-reason': requireReason() } } },
    rules: {
      'excuses/require-reason': 'error',
      eqeqeq: 'error',
      // Standard output is for whoever called a command.
      'no-console': ['error', { allow: ['error', 'warn'] }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // A plugin's context is the plugin's own: the engine, like XState's types, can only say `any`.
      '@typescript-eslint/no-explicit-any': 'off',
      'no-restricted-syntax': ['error', ...noDefaultExport],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['engine/agenda/**', 'worker/**', 'test/**', 'bench/**', '**/*.test.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [temporalClient] }] },
  },
  {
    files: ['engine/**/*.ts', 'api/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', ...noDefaultExport, ...readsOfTemporal] },
  },
  {
    // The pure part: what it decides must come out the same in a test, in a re-fold of the history and in ten years.
    files: PURE,
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: `${NOW} For dates of law use plugins/calendar.ts in a deadline rule.` },
        { name: 'performance', message: NOW },
        { name: 'fetch', message: 'A decision reads nothing: declare a fact, or invoke an effect.' },
        { name: 'process', message: 'A decision has no environment: take it from the context or a fact.' },
        { name: 'crypto', message: 'A decision draws nothing: keys and numbers are given by the engine.' },
        { name: 'setTimeout', message: 'A decision does not wait: name a deadline in the chart (`after`).' },
        { name: 'setInterval', message: 'A decision does not wait: name a deadline in the chart (`after`).' },
        { name: 'setImmediate', message: 'A decision does not wait.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'A decision draws nothing: a draw is an effect, whose outcome is recorded.' },
        { object: 'Temporal', property: 'Now', message: NOW },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['node:*', 'crypto', 'fs', 'os', 'http', 'https', 'child_process'], message: 'A decision touches nothing outside: declare a fact, or invoke an effect.' },
            temporalClient,
          ],
        },
      ],
    },
  },
  {
    // Temporal takes the default export for every workflow type; the tools take their settings from one.
    files: ['workflows/case.ts', '*.config.js', '.dependency-cruiser.js', 'test/environment/setup.ts', 'test/environment/teardown.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', setTimeout: 'readonly', setInterval: 'readonly', clearInterval: 'readonly' } },
  },
  {
    files: ['bench/**/*.ts', 'worker/commands/**/*.ts'],
    // What they print is what they are for.
    rules: { 'no-console': 'off' },
  },
);

/** `// eslint-disable-next-line rule -- why`: without the why, the next reader cannot tell whether it still holds. */
function requireReason() {
  return {
    meta: { type: 'suggestion', schema: [], messages: { missing: 'Say why: eslint-disable… rule -- reason.' } },
    create: (context) => ({
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          if (/^\s*eslint-disable/.test(comment.value) && !/\s--\s+\S/.test(comment.value)) context.report({ loc: comment.loc, messageId: 'missing' });
        }
      },
    }),
  };
}
