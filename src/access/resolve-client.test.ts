import { expect, test } from 'vitest';
import { confirmName, type NameLookUps } from './resolve-client.js';

const dns = (reverse: readonly string[] | null, forward: readonly string[] | null, canonical?: string): NameLookUps => ({
  reverse: async () => reverse ?? Promise.reject(new Error('no answer')),
  forward: async () => (forward === null ? Promise.reject(new Error('no answer')) : { addresses: forward, canonical }),
});

test.each([
  ['confirmed', dns(['a.example.com'], ['192.0.2.7']), 'a.example.com'],
  ['a final dot goes', dns(['a.example.com.'], ['192.0.2.9', '192.0.2.7']), 'a.example.com'],
  ['no name', dns([], null), 'unknown'],
  ['a dead server', dns(null, null), 'unknown'],
  ['a name that is a number', dns(['192.0.2.7'], ['192.0.2.7']), 'paranoid'],
  ['a lie', dns(['www.example.com'], ['198.51.100.1']), 'paranoid'],
  ['an unknown name', dns(['a.example.com'], []), 'paranoid'],
  ['a name that cannot be looked up', dns(['a.example.com'], null), 'paranoid'],
  ['an alias', dns(['a.example.com'], ['192.0.2.7'], 'b.example.com'), 'paranoid'],
  ['localhost by another name', dns(['localhost'], ['192.0.2.7'], 'me.example.com'), 'localhost'],
])('%s', async (_, lookUps, name) => {
  expect((await confirmName('::ffff:192.0.2.7', lookUps)).name).toBe(name);
});

test('addresses are compared as addresses', async () => {
  expect((await confirmName('2001:db8:0::1', dns(['a.example.com'], ['2001:DB8::1']))).name).toBe('a.example.com');
});
