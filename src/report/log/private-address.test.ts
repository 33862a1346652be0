import { expect, test } from 'vitest';
import { PrivateAddresses } from './private-address.js';

const notice = (message: string) => ({ type: 'notice', at: 0, level: 'info', message }) as const;

test.each([
  ['192.0.2.7', '192.0.2.0/24'],
  ['2001:db8:1:2::7', '2001:db8:1::/48'],
  ['fe80::1%eth0', 'fe80::/48'],
])('of %s only the network remains', (address, hidden) => expect(new PrivateAddresses().hide(address, 'prefix', 0)).toBe(hidden));

test.each([
  ['greet: connect from 192.0.2.7', 'greet: connect from 192.0.2.0/24'],
  ['client [2001:db8::7]:80 and 10.1.2.3:99', 'client [2001:db8::/48]:80 and 10.1.2.0/24:99'],
  ['version 1.2.3 at 06:42:20, 999.1.1.1', 'version 1.2.3 at 06:42:20, 999.1.1.1'],
])('%s', (message, hidden) => expect(new PrivateAddresses().mask(notice(message), 'prefix')).toMatchObject({ message: hidden }));

test('an address has the same hash on the same day, and no other address has it', async () => {
  const hidden = new PrivateAddresses();
  expect(hidden.hide('192.0.2.7', 'hash', 0)).toBe('hidden');
  await hidden.prepare();
  const [first, again, other, tomorrow] = [
    hidden.hide('192.0.2.7', 'hash', 0),
    hidden.hide('::ffff:192.0.2.7', 'hash', 1000),
    hidden.hide('192.0.2.8', 'hash', 0),
    hidden.hide('192.0.2.7', 'hash', 86_400_000),
  ];
  expect(first).toMatch(/^[0-9a-f]{12}$/);
  expect(again).toBe(first);
  expect(new Set([first, other, tomorrow]).size).toBe(3);
});
