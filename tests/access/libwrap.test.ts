import { expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { compareWithLibwrap } from './against-libwrap.js';
import { Oracle, oracleNeeds } from './oracle/oracle.js';

const ROWS = 4000;

describeWith(oracleNeeds, 'the real libwrap', () => {
  test(`agrees on ${ROWS} random rows: verdicts, commands and option errors`, async () => {
    const oracle = new Oracle(temporaryDirectory());
    expect(await compareWithLibwrap(oracle, 1, ROWS)).toEqual([]);
    await oracle.end();
  });
});
