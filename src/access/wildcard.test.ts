import { expect, test } from 'vitest';
import { matchWildcard, prepareWildcard } from './wildcard.js';

test.each([
  ['*', '', true],
  ['a*c', 'abbc', true],
  ['a*c', 'abb', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['*.example.*', 'www.example.com', true],
  ['a*b*c*d', 'a--b--bc--cd', true],
  ['sshd**', 'sshd', false],
  ['sshd**', 'sshd2', true],
  ['**sshd', 'sshd', true],
])('%s against %s', (pattern, text, matches) => {
  expect(matchWildcard(prepareWildcard(pattern), text)).toBe(matches);
});

test('a pattern of many stars costs no more than length times length', () => {
  expect(matchWildcard(`${'a*'.repeat(60)}b`, 'a'.repeat(127))).toBe(false);
});
