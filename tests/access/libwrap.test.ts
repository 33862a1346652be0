import { expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { compareWithLibwrap } from './against-libwrap.js';
import { Oracle, oracleNeeds } from './oracle/oracle.js';

/** Rows of one test; the library forks for each. */
const ROWS = 1000;

describeWith(oracleNeeds, 'the real libwrap', () => {
  test.each([1, 1001, 2001, 3001])(`agrees on ${ROWS} random rows from seed %i: verdicts, commands and option errors`, async (seed) => {
    const oracle = new Oracle(temporaryDirectory());
    expect(await compareWithLibwrap(oracle, seed, ROWS)).toEqual([]);
    await oracle.end();
  });
});
