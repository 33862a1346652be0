import { defineConfig } from 'vitest/config';

/** A test that starts processes mostly waits for them, so more test files than the machine has processors run at a time. */
const PROCESS_WORKERS = 4;

export default defineConfig({
  test: {
    // Projects run one after the other, in the order of `groupOrder`.
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          sequence: { groupOrder: 0 },
          // Not threads: the addon serves one Node environment per process.
          pool: 'forks',
          isolate: false,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'processes',
          include: ['tests/**/*.test.ts'],
          setupFiles: ['tests/support/leaves-nothing.ts'],
          sequence: { groupOrder: 1 },
          pool: 'forks',
          maxWorkers: PROCESS_WORKERS,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'chaos',
          include: ['tests/**/*.chaos.ts'],
          sequence: { groupOrder: 3 },
          pool: 'forks',
          testTimeout: 7_200_000,
        },
      },
      {
        test: {
          name: 'fuzz',
          include: ['tests/**/*.fuzz.ts'],
          sequence: { groupOrder: 2 },
          pool: 'forks',
          testTimeout: 3_600_000,
        },
      },
    ],
  },
});
