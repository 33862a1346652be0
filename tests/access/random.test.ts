import { describe, expect, test } from 'vitest';
import { compileTables, lintTables } from '../../src/access/index.js';
import { read } from './compare.js';
import { Dice } from './dice.js';
import { randomRow } from './generate.js';

const ROWS = 3000;
const rows = Array.from({ length: ROWS }, (_, seed) => ({ seed, row: randomRow(new Dice(7_000_000 + seed)) }));

describe(`${ROWS} random tables and requests`, () => {
  test('looking names and users up when a rule asks comes to the same verdict as knowing them before', () => {
    for (const { seed, row } of rows) {
      // An address that is not available has no name to look up.
      if ([row.request.address, row.request.server_address].some((address) => ['', 'unknown'].includes(address))) continue;
      const [given, lookedUp] = [read(row, 'given'), read(row, 'looked-up')];
      // A name that is looked up is never a number, and `[…]` does not ask for it.
      if (row.request.hostname.includes(':') || row.request.server_hostname.includes(':')) continue;
      // `%h` takes a name that is given at once and one that is looked up only afterwards, so that lengths may differ.
      if (given.verdict === 'exit' || lookedUp.verdict === 'exit') continue;
      expect({ seed, verdict: lookedUp.verdict, rule: lookedUp.rule }).toEqual({ seed, verdict: given.verdict, rule: given.rule });
    }
  });

  test('a rule that is said never to decide never does', () => {
    let said = 0;
    for (const { seed, row } of rows) {
      const tables = compileTables({ allow: { path: 'hosts.allow', content: row.allow }, deny: { path: 'hosts.deny', content: row.deny } });
      const shadowed = lintTables(tables).filter(({ code }) => code === 'shadowed');
      said += shadowed.length;
      const places = shadowed.map(({ path, line }) => `${path}:${line}`);
      expect({ seed, places, rule: read(row).rule }).toEqual({ seed, places, rule: expect.toSatisfy((rule) => !places.includes(rule)) });
    }
    expect(said).toBeGreaterThan(100);
  });
});
