import { describe, expect, test } from 'vitest';
import { compileTables, lintTables } from '../../src/access/index.js';
import { read } from './compare.js';
import { Dice } from './dice.js';
import { randomRow } from './generate.js';

const ROWS = 3000;
const rows = Array.from({ length: ROWS }, (_, seed) => ({ seed, row: randomRow(new Dice(7_000_000 + seed)) }));

describe(`${ROWS} random tables and requests`, () => {
  test('look-ups on demand lead to the same verdict as facts in the request', () => {
    for (const { seed, row } of rows) {
      // Without an address there is no name to look up.
      if ([row.request.address, row.request.server_address].some((address) => ['', 'unknown'].includes(address))) continue;
      const [given, lookedUp] = [read(row, 'given'), read(row, 'looked-up')];
      // A looked-up name is never a number, and `[…]` does not ask for it.
      if (row.request.hostname.includes(':') || row.request.server_hostname.includes(':')) continue;
      // `%h` uses a given name at once and a looked-up name only later, so that lengths may differ.
      if (given.verdict === 'exit' || lookedUp.verdict === 'exit') continue;
      expect({ seed, verdict: lookedUp.verdict, rule: lookedUp.rule }).toEqual({ seed, verdict: given.verdict, rule: given.rule });
    }
  });

  test('a rule reported as shadowed never decides', () => {
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
