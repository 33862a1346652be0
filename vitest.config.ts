import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], pool: 'threads', isolate: false, testTimeout: 120_000 } },
      { test: { name: 'processes', include: ['tests/**/*.test.ts'], pool: 'forks', testTimeout: 240_000, hookTimeout: 240_000 } },
      { test: { name: 'fuzz', include: ['tests/**/*.fuzz.ts'], pool: 'forks', testTimeout: 3_600_000 } },
    ],
  },
});
