import { expect, test } from 'vitest';
import { formatArguments, lexLines, plainBlanks, splitArguments, splitCommas, splitWords } from './lex.js';

test('lines end at LF, CR LF loses its CR, and the byte-order mark goes', () => {
  expect(lexLines('\ufeffa\r\nb\n\nc')).toEqual({
    lines: [
      { number: 1, text: 'a' },
      { number: 2, text: 'b' },
      { number: 3, text: '' },
      { number: 4, text: 'c' },
    ],
    byteOrderMark: true,
    firstCrlf: 1,
  });
});

test.each([
  ['10 30   // ten', ['10', '30'], '// ten'],
  ['10 # a # b', ['10'], '# a # b'],
  ['# all', [], '# all'],
  ['//path/x // c', ['//path/x'], '// c'],
  ['a//b a#b', ['a//b', 'a#b'], null],
  ['', [], null],
])('words of %j', (value, words, comment) => expect(splitWords(value)).toEqual({ words, comment }));

test.each([
  ['a b', ['a', 'b']],
  ['"a b" c', ['a b', 'c']],
  [`'a "b"' c`, ['a "b"', 'c']],
  ['--x="a b" y', ['--x=a b', 'y']],
  [`it's isn't`, ["it's", "isn't"]],
  ['"a"b c', ['"a"b', 'c']],
  ['"\\"\\\\" x', ['"\\', 'x']],
  ['"" x', ['', 'x']],
  ['"open x', ['"open', 'x']],
])('arguments of %j', (value, words) => {
  expect(splitArguments(value).words).toEqual(words);
  expect(splitArguments(formatArguments(words)).words).toEqual(words);
});

test('commas divide, but not in braces', () => {
  expect(splitCommas(['10.1.{2,3},10.2.0.0,', 'x'])).toEqual({ words: ['10.1.{2,3}', '10.2.0.0', 'x'], commas: true });
});

test('odd blanks are named', () => expect(plainBlanks('user\u3000= root')).toEqual({ text: 'user = root', odd: ['U+3000'] }));
