/** @type {import('jest').Config} */
export default {
  // Named one by one: the data folders of running servers change while they are read.
  roots: ['activities', 'api', 'bench', 'database', 'engine', 'plugins', 'test', 'worker', 'workflows'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024', experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // One PostgreSQL, one Temporal and one SMTP server for the whole run; ITER_TEST_PURE=1 does without.
  globalSetup: '<rootDir>/test/environment/setup.ts',
  globalTeardown: '<rootDir>/test/environment/teardown.ts',
  maxWorkers: 2,
  // The first Temporal task of a test bundles and warms its worker on a shared machine.
  testTimeout: 120_000,
};
