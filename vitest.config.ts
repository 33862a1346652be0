import { defineConfig } from 'vitest/config';

/** Tests that start processes mostly wait, so more of them than the machine has processors run at a time. */
const PROCESS_WORKERS = 4;

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], pool: 'threads', isolate: false, testTimeout: 120_000 } },
      {
        test: {
          name: 'processes',
          include: ['tests/**/*.test.ts'],
          setupFiles: ['tests/support/leaves-nothing.ts'],
          pool: 'forks',
          maxWorkers: PROCESS_WORKERS,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      { test: { name: 'fuzz', include: ['tests/**/*.fuzz.ts'], pool: 'forks', testTimeout: 3_600_000 } },
    ],
  },
});
