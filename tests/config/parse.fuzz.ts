import fc from 'fast-check';
import { test } from 'vitest';
import { properties } from './properties.js';

/** Inputs in all, shared among the properties. */
const INPUTS = Number(process.env['SUPERD_FUZZ_INPUTS'] ?? 1_200_000);

for (const [name, property] of Object.entries(properties)) {
  test(name, async () => {
    await fc.assert(property as fc.IAsyncProperty<unknown>, { numRuns: Math.ceil(INPUTS / Object.keys(properties).length) });
  });
}
