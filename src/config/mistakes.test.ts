import { expect, test } from 'vitest';
import type { Diagnostic } from './diagnostic.js';
import { newMistakes } from './mistakes.js';

const mistake = (line: number, message: string, path = 'f'): Diagnostic => ({ severity: 'error', code: 'bad-value', path, line, message });

test('a mistake that has moved is not new', () => {
  expect(newMistakes([mistake(9, 'as in g:7')], [mistake(3, 'as in g:5')])).toEqual([]);
});

test('the same mistake in another file, and a second one in the same file, are new', () => {
  expect(newMistakes([mistake(3, 'm', 'g')], [mistake(3, 'm')])).toHaveLength(1);
  expect(newMistakes([mistake(3, 'm'), mistake(9, 'm')], [mistake(3, 'm')])).toEqual([mistake(9, 'm')]);
});
