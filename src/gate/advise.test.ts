import { expect, test } from 'vitest';
import type { GatePlan } from '../config/plan.js';
import { advise } from './advise.js';
import { Arrivals } from './arrivals.js';
import { factsOf } from './facts.js';

const START = 1_700_000_040_000;
const plan = { exempt: [] } as unknown as GatePlan;
const at = (from: string, ms: number) => factsOf(from, START + ms, 'x');

test('advice is 1.5 times the 99th percentile', () => {
  const arrivals = new Arrivals([1, 2]);
  // 99 sources come twice in ten seconds and four times in a minute; one comes 500 times at once.
  for (let i = 1; i < 100; i++)
    for (const ms of [0, 100, 20_000, 40_000, 60_000]) arrivals.add(plan, at(`192.0.2.${i}`, ms), ms === 100 ? 1 : 0, null);
  for (let i = 0; i < 500; i++) arrivals.add(plan, at('198.51.100.1', 500), i, 'rate');
  expect(advise(arrivals, START + 60_000)).toEqual({
    ...{ connections: 99 * 5 + 500, sources: 100, forgotten: 0, since: START, until: START + 500 },
    atOnce: { p50: 2, p90: 2, p99: 2, most: 500 },
    burst: { p50: 2, p90: 2, p99: 2, most: 500 },
    perMinute: { p50: 4, p90: 4, p99: 4, most: 500 },
    proposed: ['per_source = 3', 'rate_per_source = 6/m burst 3'],
  });
});

test('strangers and exempt sources are not recorded, shadowed sessions count', () => {
  const arrivals = new Arrivals([1, 2]);
  expect(advise(arrivals, START)).toBeNull();
  arrivals.add(plan, at('192.0.2.1', 0), 0, 'address');
  const exempt = { exempt: [{ base: at('192.0.2.2', 0).address, length: 128 }] } as unknown as GatePlan;
  arrivals.add(exempt, at('192.0.2.2', 0), 0, null);
  expect(advise(arrivals, START)).toBeNull();
  arrivals.countShadowed('192.0.2.3', 1);
  arrivals.countShadowed('192.0.2.3', 1);
  arrivals.countShadowed('192.0.2.3', -1);
  arrivals.add(plan, at('192.0.2.3', 0), 2, 'per_source_limit');
  expect(advise(arrivals, START)?.atOnce.most).toBe(4);
});

test('stays within its room, and counts what it has forgotten', () => {
  const arrivals = new Arrivals([1, 2], 1024);
  for (let i = 0; i < 5000; i++) arrivals.add(plan, at(`10.0.${i >> 8}.${i & 255}`, i), 0, null);
  const { sources, forgotten, connections } = advise(arrivals, START + 5000)!;
  expect([sources + forgotten, connections]).toEqual([5000, 5000]);
  expect(sources).toBeLessThanOrEqual(1024);
});
