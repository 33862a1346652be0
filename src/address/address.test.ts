import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, fromIPv4, parseAddress } from './address.js';

const canonical = (text: string) => {
  const address = parseAddress(text);
  return address === null ? null : formatAddress(address);
};

describe('parseAddress', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:C000:0207', '192.0.2.7'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is %s', (text, wanted) => expect(canonical(text)).toBe(wanted));

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'fe80::1%eth0',
    '1.2.3.4::',
    'host',
  ])('%s is no address', (text) => expect(parseAddress(text)).toBeNull());

  test('agrees with the platform about what is an address', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
        (text) => text.includes('%') || (parseAddress(text) !== null) === isIP(text) > 0,
      ),
    );
  });

  test('reads back what formatAddress writes', () => {
    const word = fc.nat(0xffffffff);
    fc.assert(
      fc.property(fc.record({ w0: word, w1: word, w2: word, w3: word }), (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });
});

test('fromIPv4 takes the bits in network order', () => expect(formatAddress(fromIPv4(0xc0000207))).toBe('192.0.2.7'));
