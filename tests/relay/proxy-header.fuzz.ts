import { expect, test } from 'vitest';
import { parseProxyHeader } from '../../src/relay/parse-proxy-header.js';
import { fuzz, mangle } from '../support/fuzz.js';

const HEADERS = [
  Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.1 40112 80\r\nGET'),
  Buffer.from('PROXY TCP6 2001:db8::7 ::1 1 65535\r\n'),
  Buffer.from('PROXY UNKNOWN anything\r\n'),
  Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x07\xc0\x00\x02\x01\x9c\xb0\x00\x50', 'latin1'),
  Buffer.from(`\r\n\r\n\0\r\nQUIT\n\x21\x21\x00\x2b${'\x20'.repeat(36)}\x03\x00\x04abcd`, 'latin1'),
  Buffer.from('\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00', 'latin1'),
];

test('PROXY headers: any bytes are a header, the beginning of one, or wrong', async () => {
  await fuzz('PROXY', (dice, describe) => {
    const bytes = mangle(dice, dice.pick(HEADERS));
    describe(bytes);
    const parsed = parseProxyHeader(bytes);
    if (parsed.kind === 'header') expect(parsed.length).toBeLessThanOrEqual(bytes.length);
  });
});
