import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, formatAddress, fromIPv4, isIPv4, parseAddress } from './address.js';
import { formatPrefix, IPV4_BITS, maskAddress, type Prefix, PrefixSet } from './prefix-set.js';

const prefix = (text: string): Prefix => {
  const [address, length] = text.split('/') as [string, string | undefined];
  const base = parseAddress(address) as Address;
  const extra = isIPv4(base) && !address.includes(':') ? IPV4_BITS : 0;
  return { base, length: length === undefined ? 128 : Number(length) + extra };
};
const has = (set: string[], address: string) => new PrefixSet(set.map(prefix)).has(parseAddress(address) as Address);

describe('PrefixSet', () => {
  test('an IPv4 network holds its addresses, mapped or not', () => {
    expect(has(['10.0.0.0/8'], '10.1.2.3')).toBe(true);
    expect(has(['10.0.0.0/8'], '::ffff:10.1.2.3')).toBe(true);
    expect(has(['10.0.0.0/8'], '11.0.0.0')).toBe(false);
  });
  test('everything of IPv4 is not everything', () => {
    expect(has(['0.0.0.0/0'], '203.0.113.9')).toBe(true);
    expect(has(['0.0.0.0/0'], '2001:db8::1')).toBe(false);
    expect(has(['::/0'], '203.0.113.9')).toBe(true);
  });
  test('bits of the base beyond its length do not count', () =>
    expect(has(['192.0.2.99/24', '2001:db8::5/32'], '2001:db8:9::')).toBe(true));
  test('an empty set holds no address', () => expect(has([], '127.0.0.1')).toBe(false));

  test('agrees with the platform’s block list', () => {
    const word = fc.oneof(fc.constantFrom(0, 0xffff, 0x0a000000, 0x20010db8), fc.nat(0xffffffff));
    const address = fc.oneof(
      word.map(fromIPv4),
      fc.record({ w0: word, w1: word, w2: word, w3: word }).filter((one) => !isIPv4(one)),
    );
    const anyPrefix = fc
      .tuple(address, fc.nat(128))
      .map(([base, length]) => ({ base, length: isIPv4(base) ? IPV4_BITS + (length % 33) : length }));
    fc.assert(
      fc.property(fc.array(anyPrefix, { maxLength: 8 }), address, fc.nat(128), (prefixes, client, keep) => {
        const close = prefixes[0] === undefined ? client : { ...maskAddress(prefixes[0].base, keep), w3: client.w3 };
        for (const one of [client, close]) {
          const expected = prefixes.some(({ base, length }) => {
            const list = new BlockList();
            const bits = isIPv4(base) ? length - IPV4_BITS : length;
            list.addSubnet(formatAddress(base), bits, isIPv4(base) ? 'ipv4' : 'ipv6');
            // The platform keeps mapped addresses out of IPv6 networks; here `::/0` and shorter mapped prefixes hold them as well.
            if (isIPv4(one) && !isIPv4(base))
              return length <= IPV4_BITS && formatAddress(maskAddress(one, length)) === formatAddress(maskAddress(base, length));
            if (isIPv4(one) !== isIPv4(base)) return false;
            return list.check(formatAddress(one), isIPv4(one) ? 'ipv4' : 'ipv6');
          });
          expect(new PrefixSet(prefixes).has(one)).toBe(expected);
        }
      }),
    );
  });
});

test.each(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::/0', '0.0.0.0/0'])('formatPrefix writes %s as it was read', (text) => {
  expect(formatPrefix(prefix(text))).toBe(text);
});
