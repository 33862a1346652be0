import { expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { compareWithLibwrap } from './against-libwrap.js';
import { Oracle, oracleNeeds } from './oracle/oracle.js';

/** ACCESS_ROWS rows, from the seed ACCESS_SEED on. */
const rows = Number(process.env['ACCESS_ROWS'] ?? 200_000);
const seed = Number(process.env['ACCESS_SEED'] ?? 1_000_000);

describeWith(oracleNeeds, 'the real libwrap', () => {
  test(`agrees on ${rows} random rows`, async () => {
    const oracle = new Oracle(temporaryDirectory());
    expect(await compareWithLibwrap(oracle, seed, rows)).toEqual([]);
    await oracle.end();
  });
});
