import { describe, expect, it } from 'vitest';
import { formatAddress } from '../address/address.js';
import { crc32c } from './crc32c.js';
import { makeProxyHeader } from './make-proxy-header.js';
import { LONGEST_HEADER, parseProxyHeader } from './parse-proxy-header.js';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const v2 = (rest: string) => Buffer.from(SIGNATURE + rest.replaceAll(' ', ''), 'hex');
const ADDRESSES = 'c0000207 c0000201 9cb0 0050';

function read(bytes: Buffer | string) {
  const parsed = parseProxyHeader(Buffer.from(bytes));
  if (parsed.kind !== 'header') return parsed.kind;
  return parsed.announced === null ? 'itself' : `${formatAddress(parsed.announced.address)} ${parsed.announced.port}`;
}

describe('version 1', () => {
  it.each([
    ['PROXY TCP4 192.0.2.7 192.0.2.1 40112 80\r\nGET', '192.0.2.7 40112'],
    ['PROXY TCP6 2001:db8::7 ::1 1 65535\r\n', '2001:db8::7 1'],
    ['PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n', '192.0.2.7 1'],
    ['PROXY UNKNOWN\r\n', 'itself'],
    ['PROXY UNKNOWN what ever it says\r\n', 'itself'],
    ['', 'partial'],
    ['PRO', 'partial'],
    ['PROXY TCP4 192.0.2.7 192.0.2.1 40112 80\r', 'partial'],
    ['GET / HTTP/1.0\r\n', 'wrong'],
    ['PROXY TCP4 192.0.2.7 192.0.2.1 40112 80\n\r\n', 'wrong'],
    ['PROXY TCP4 192.0.2 192.0.2.1 40112 80\r\n', 'wrong'],
    ['PROXY TCP4 ::1 192.0.2.1 40112 80\r\n', 'wrong'],
    ['PROXY TCP4 192.0.2.7 192.0.2.1 70000 80\r\n', 'wrong'],
    ['PROXY TCP4 192.0.2.7 192.0.2.1 040 80\r\n', 'wrong'],
    ['PROXY TCP4 192.0.2.7 192.0.2.1 40112 80 \r\n', 'wrong'],
    ['PROXY  TCP4 192.0.2.7 192.0.2.1 40112 80\r\n', 'wrong'],
    ['proxy UNKNOWN\r\n', 'wrong'],
    [`PROXY UNKNOWN ${'x'.repeat(200)}\r\n`, 'wrong'],
  ])('%j is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });
});

describe('version 2', () => {
  it.each([
    ['21 11 000c', ADDRESSES, '192.0.2.7 40112'],
    ['21 21 0024', '20010db8000000000000000000000007 00000000000000000000000000000001 0001 0002', '2001:db8::7 1'],
    ['21 11 0013', `${ADDRESSES} 04 0004 00000000`, '192.0.2.7 40112'],
    ['20 11 000c', ADDRESSES, 'itself'],
    ['20 00 0000', '', 'itself'],
    ['21 00 0000', '', 'itself'],
    ['21 31 00d8', '00'.repeat(216), 'itself'],
    ['21 11 000c', ADDRESSES.slice(0, 20), 'partial'],
    ['21', '', 'partial'],
    ['31 11 000c', ADDRESSES, 'wrong'],
    ['22 11 000c', ADDRESSES, 'wrong'],
    ['21 11 0008', 'c0000207 c0000201', 'wrong'],
    ['21 11 0012', `${ADDRESSES} 04 0009 000000`, 'wrong'],
    ['21 11 000e', `${ADDRESSES} 04 00`, 'wrong'],
    ['21 11 0013', `${ADDRESSES} 03 0004 12345678`, 'wrong'],
    ['21 11 ffff', '', 'wrong'],
  ])('%s %s is %s', (head, body, expected) => {
    expect(read(v2(head + body))).toBe(expected);
  });

  it('accepts a correct checksum', () => {
    const header = v2(`21 11 0013 ${ADDRESSES} 03 0004 00000000`);
    header.writeUInt32BE(crc32c(header), header.length - 4);
    expect(read(header)).toBe('192.0.2.7 40112');
  });
});

it('every prefix of a header is partial, and the length is exact', () => {
  const ends = { client: { address: '2001:db8::7', port: 40112 }, server: { address: '2001:db8::1', port: 80 } };
  for (const version of ['v1', 'v2'] as const) {
    const header = makeProxyHeader(version, ends);
    for (let length = 0; length < header.length; length++) expect(read(header.subarray(0, length)), `${version} ${length}`).toBe('partial');
    expect(parseProxyHeader(Buffer.concat([header, Buffer.from('more')]))).toMatchObject({ kind: 'header', length: header.length });
    expect(header.length).toBeLessThan(LONGEST_HEADER);
  }
});

it.each([
  ['192.0.2.7', '192.0.2.1', 'TCP4 192.0.2.7 192.0.2.1'],
  ['2001:db8::7', '192.0.2.1', 'TCP6 2001:db8:0:0:0:0:0:7 0:0:0:0:0:ffff:c000:201'],
  ['fe80::1%eth0', '::1', 'TCP6 fe80:0:0:0:0:0:0:1 0:0:0:0:0:0:0:1'],
])('a header for %s at %s can be parsed again', (client, server, text) => {
  const ends = { client: { address: client, port: 40112 }, server: { address: server, port: 80 } };
  expect(makeProxyHeader('v1', ends).toString()).toBe(`PROXY ${text} 40112 80\r\n`);
  for (const version of ['v1', 'v2'] as const) expect(read(makeProxyHeader(version, ends))).toBe(`${client.replace(/%.*/, '')} 40112`);
});

it('a client without an address is UNKNOWN', () => {
  const ends = { client: { address: null, port: 0 }, server: { address: null, port: 0 } };
  for (const version of ['v1', 'v2'] as const) expect(read(makeProxyHeader(version, ends))).toBe('itself');
});

it('CRC-32C of the standard test digits', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});
