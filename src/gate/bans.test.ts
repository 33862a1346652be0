import { describe, expect, test } from 'vitest';
import { parseAddress } from '../address/address.js';
import { parsePrefix } from '../address/parse-prefix.js';
import { type Ban, type BanCause, Bans, MOST_BANS } from './bans.js';
import { sourceUnit } from './source-unit.js';

const ban = (bans: Bans, text: string, until: number, { now = 0, cause = 'sensor' as BanCause } = {}) =>
  bans.ban({ prefix: parsePrefix(text)!, since: now, until, cause, service: 'trap', comment: '' }, now);
const holds = (bans: Bans, address: string, now = 0) => bans.find(parseAddress(address)!, now)?.text ?? null;
const ipv4 = (n: number) => `${10 + (n >>> 16)}.${(n >>> 8) & 255}.${n & 255}.1`;

describe('bans', () => {
  test('apply to addresses and networks of both families, until their end', () => {
    const bans = new Bans();
    ban(bans, '192.0.2.7', 1000);
    ban(bans, '198.51.100.0/24', 2000);
    ban(bans, '2001:db8:0:1::/64', Number.POSITIVE_INFINITY);
    expect([holds(bans, '192.0.2.7'), holds(bans, '192.0.2.8')]).toEqual(['192.0.2.7', null]);
    expect([holds(bans, '192.0.2.7', 999), holds(bans, '192.0.2.7', 1000)]).toEqual(['192.0.2.7', null]);
    expect([holds(bans, '198.51.100.255'), holds(bans, '198.51.101.0')]).toEqual(['198.51.100.0/24', null]);
    expect([holds(bans, '2001:db8:0:1:ffff::1', 1e15), holds(bans, '2001:db8:0:2::1')]).toEqual(['2001:db8:0:1::/64', null]);
    expect(bans.list(1500).map(({ text }) => text)).toEqual(['198.51.100.0/24', '2001:db8:0:1::/64']);
  });

  test('are one per source: a new one replaces the old', () => {
    const bans = new Bans();
    ban(bans, '192.0.2.7', 1000);
    ban(bans, '192.0.2.7', 5000);
    expect(bans.size).toBe(1);
    expect(holds(bans, '192.0.2.7', 4000)).toBe('192.0.2.7');
    expect([bans.remove('192.0.2.7'), bans.remove('192.0.2.7'), holds(bans, '192.0.2.7')]).toEqual([true, false, null]);
  });

  test('exempt sources, also those banned earlier', () => {
    const bans = new Bans();
    ban(bans, '192.0.2.7', 1000);
    bans.setExempt([parsePrefix('192.0.2.0/24')!]);
    expect(holds(bans, '192.0.2.7')).toBeNull();
    expect(ban(bans, '192.0.2.9', 1000)).toBe('exempt');
  });

  test('are bounded: those without hits go first, and never an operator’s', () => {
    const bans = new Bans();
    for (let i = 0; i < 20; i++) {
      ban(bans, `192.0.2.${i}`, 1e9);
      ban(bans, `198.51.100.${i}`, 1e9, { cause: 'operator' });
      for (let hit = 0; hit < 5; hit++) bans.countHit(parseAddress(`192.0.2.${i}`)!, 0);
    }
    const outcomes: (Ban | string)[] = [];
    for (let i = 0; i < 1.2 * MOST_BANS; i++) outcomes.push(ban(bans, ipv4(i), 1e9));
    expect(bans.size).toBe(MOST_BANS);
    expect(outcomes.filter((one) => typeof one !== 'string').length).toBeGreaterThan(0.1 * MOST_BANS);
    for (let i = 0; i < 20; i++) expect([holds(bans, `192.0.2.${i}`), holds(bans, `198.51.100.${i}`)]).not.toContain(null);
  });
});

test.each([
  ['192.0.2.7', '192.0.2.7', 128],
  ['2001:db8::7', '2001:db8::', 64],
  ['::1', '::1', 128],
  ['fe80::1', 'fe80::1', 128],
])('%s is the source %s', (address, base, length) => {
  expect(sourceUnit(parseAddress(address)!)).toEqual({ base: parseAddress(base), length });
});

test.each([
  ['10.0.0.7/8', '10.0.0.0', 104],
  ['0.0.0.0/0', '0.0.0.0', 96],
  ['::/0', '::', 0],
  ['2001:db8::1/32', '2001:db8::', 32],
])('%s is a prefix', (text, base, length) => {
  expect(parsePrefix(text)).toEqual({ base: parseAddress(base), length });
});

test.each(['', '10.0.0.0/33', '::/129', '10.0.0', 'a/8', '10.0.0.0/', '10.0.0.0/8/8'])('%s is not a prefix', (text) => {
  expect(parsePrefix(text)).toBeNull();
});
