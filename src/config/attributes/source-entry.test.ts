import { describe, expect, test } from 'vitest';
import { Findings } from '../diagnostic.js';
import { inetAton, parseSourceEntry } from './source-entry.js';

const read = (word: string) => {
  const findings = new Findings();
  const entry = parseSourceEntry(word, findings.at({ path: 'f', line: 1 }));
  return {
    text: entry?.text ?? null,
    kind: entry?.kind ?? null,
    said: findings.diagnostics.map(({ severity, code }) => `${severity} ${code}`),
  };
};

describe('what xinetd can read means the same', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['127.0.0.0', '127.0.0.0/8'],
    ['127.1.0.0', '127.1.0.0/16'],
    ['10.1.2.0', '10.1.2.0/24'],
    ['10.0.2.0', '10.0.2.0/24'],
    ['0.0.0.0', '0.0.0.0/0'],
    ['0', '0.0.0.0/0'],
    ['127.1', '127.0.0.1'],
    ['127.0', '127.0.0.0/8'],
    ['0x7f000001', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['127.0.0.1/24', '127.0.0.0/24'],
    ['10.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.0/32', '10.0.0.0'],
    ['::', '::'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::/0', '::/0'],
  ])('%s', (word, text) => expect(read(word)).toMatchObject({ text, kind: 'prefix', said: [] }));

  test('factorised: what is not given is a wildcard', () => {
    const entry = parseSourceEntry('10.{1,2}', new Findings().at({ path: 'f', line: 1 }));
    expect(entry).toMatchObject({ kind: 'prefix', prefixes: [{ length: 112 }, { length: 112 }] });
  });

  test('names and domains', () => {
    expect(read('Host.Example')).toMatchObject({ kind: 'name', text: 'host.example', said: [] });
    expect(read('.Example')).toMatchObject({ kind: 'domain', text: '.example', said: [] });
  });
});

test.each([
  ['10.0.0.0/255.0.0.0', '10.0.0.0/8', 'note read-netmask'],
  ['127.0.0.', '127.0.0.0/24', 'note read-prefix'],
  ['10/8', '10.0.0.0/8', 'note read-prefix'],
  ['::1/128', '::1', 'note read-netmask'],
  ['127', '0.0.0.127', 'warning read-number'],
  ['010.0.0.1', '8.0.0.1', 'warning read-number'],
  ['fe80::1%eth0', 'fe80::1', 'warning read-prefix'],
])('%s is read as %s with a remark', (word, text, said) => expect(read(word)).toMatchObject({ text, said: [said] }));

test.each([
  'ALL',
  '*',
  '10.0.0.*',
  '10.0.0.1-9',
  '!10.0.0.1',
  '10.0.0.1:80',
  '10.0.0.0/33',
  '10.0.0.0/255.0.255.0',
  '1.2.3.4.5',
  '10.{1',
  '10.{300}',
  '::g',
  '::/129',
  '/8',
  '{}',
  '08.0.0.1',
])('%s is refused with a word', (word) => expect(read(word)).toMatchObject({ text: null, said: ['error bad-value'] }));

test.each([
  ['1.2.3', 0x01020003],
  ['1.65536', 0x01010000],
  ['1.16777216', null],
  ['256.0.0.1', null],
  ['1.2.3.4', 0x01020304],
])('inet_aton(%s)', (text, bits) => expect(inetAton(text)).toBe(bits));
