import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitize, sanitizeBytes, sanitizeJson, sanitizeWord } from './sanitize.js';

it.each([
  ['plain text, as it is', 'plain text, as it is'],
  ['Zoë 東京 🙂', 'Zoë 東京 🙂'],
  ['a\r\nb\tc', 'a\\x0d\\x0ab\\x09c'],
  ['\x1b[2J\x7f', '\\x1b[2J\\x7f'],
  ['\x85\u2028\u2029', '\\u{85}\\u{2028}\\u{2029}'],
  ['abc\u202ecba\u2066', 'abc\\u{202e}cba\\u{2066}'],
  ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
  ['\ud800', '\\u{d800}'],
  ['\u{e0041}', '\\u{e0041}'],
  ['C:\\x0a', 'C:\\\\x0a'],
])('%j becomes %j', (text, safe) => {
  expect(sanitize(text)).toBe(safe);
});

describe('bytes', () => {
  it.each<[string, number[], string]>([
    ['UTF-8 stays', [...Buffer.from('Zoë')], 'Zoë'],
    ['a byte that is no UTF-8', [0x61, 0xff, 0x62], 'a\\xffb'],
    ['a sequence cut short', [0x61, 0xe2, 0x82], 'a\\xe2\\x82'],
    ['an overlong newline', [0xc0, 0x8a], '\\xc0\\x8a'],
    ['a surrogate in UTF-8', [0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
    ['good next to bad', [0xff, ...Buffer.from('é\n')], '\\xffé\\x0a'],
  ])('%s', (_what, bytes, safe) => {
    expect(sanitizeBytes(Uint8Array.from(bytes))).toBe(safe);
  });

  it('never become more than one line or contain invisible characters', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(sanitizeBytes(bytes)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('can be restored', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (a, b) => {
        expect(sanitizeBytes(a) === sanitizeBytes(b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
  });
});

it('keeps a word one word', () => {
  expect(sanitizeWord('/tmp/a pid=1')).toBe('/tmp/a\\x20pid=1');
});

it('keeps the value of a JSON document', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = sanitizeJson(JSON.stringify(text));
      expect(json).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(json)).toBe(text);
    }),
  );
});
