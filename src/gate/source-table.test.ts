import { describe, expect, test } from 'vitest';
import { keyedHash } from './keyed-hash.js';
import { SourceTable } from './source-table.js';

const key = [0x01234567, 0x89abcdef] as const;
const put = (table: SourceTable, source: number, end: number, now = 0) => {
  const slot = table.take(0, 0, 0xffff, source, now);
  table.set(slot, 0, source);
  table.keep(slot, end);
};
const get = (table: SourceTable, source: number, now = 0) => {
  const slot = table.find(0, 0, 0xffff, source, now);
  return slot === -1 ? null : table.value(slot, 0);
};

describe('a table of sources', () => {
  test('keeps each record until its end, and grows as needed', () => {
    const table = new SourceTable({ key, columns: 1 });
    for (let source = 0; source < 50_000; source++) put(table, source, 1000 + source);
    expect(table.evicted).toBe(0);
    for (let source = 0; source < 50_000; source++) expect(get(table, source)).toBe(source);
    expect(get(table, 10, 1010)).toBeNull();
    expect(get(table, 11, 1010)).toBe(11);
    let live = 0;
    table.forEach(1000 + 40_000, () => live++);
    expect(live).toBe(9_999);
  });

  test('starts a new record for a source whose end has passed', () => {
    const table = new SourceTable({ key, columns: 1 });
    put(table, 7, 100);
    const slot = table.take(0, 0, 0xffff, 7, 100);
    expect([table.end(slot), table.value(slot, 0)]).toEqual([0, 0]);
  });

  test('stays within its room, and evicts the record that would expire first', () => {
    const table = new SourceTable({ key, columns: 1, mostSlots: 4096 });
    const offenders = Array.from({ length: 50 }, (_, i) => i);
    for (const one of offenders) put(table, one, 60_000);
    const most = table.bytes;
    for (let source = 1000; source < 200_000; source++) put(table, source, 1000);
    expect(table.bytes).toBeLessThanOrEqual(Math.max(most, 4096 * 32));
    expect(table.evicted).toBeGreaterThan(100_000);
    for (const one of offenders) expect(get(table, one)).toBe(one);
  });
});

test('the hash spreads neighbours evenly, and another key spreads them differently', () => {
  const buckets = new Uint32Array(1024);
  for (let i = 0; i < 102_400; i++) buckets[keyedHash(key, 0, 0, 0xffff, 0x7f000000 + i) % 1024]!++;
  expect(Math.min(...buckets)).toBeGreaterThan(50);
  expect(Math.max(...buckets)).toBeLessThan(160);
  const other = [key[0], key[1] ^ 1] as const;
  const same = Array.from({ length: 1000 }, (_, i) => i).filter(
    (i) => keyedHash(key, 0, 0, 0, i) % 1024 === keyedHash(other, 0, 0, 0, i) % 1024,
  );
  expect(same.length).toBeLessThan(20);
});
