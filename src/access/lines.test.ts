import { describe, expect, test } from 'vitest';
import { LONGEST_LINE, type LogicalLine, splitLines } from './lines.js';

function linesOf(table: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  splitLines(table, (line) => lines.push(line));
  return lines;
}

const texts = (table: string) => linesOf(table).map(({ text }) => text);

describe('physical lines become logical ones', () => {
  test('a backslash before the newline joins two lines, with nothing in between', () => {
    expect(linesOf('ss\\\nhd: ALL\nx: y\n')).toEqual([
      { text: 'sshd: ALL', line: 2, firstLine: 1 },
      { text: 'x: y', line: 3, firstLine: 3 },
    ]);
    expect(texts('a\\\\\nb\n')).toEqual(['a\\b']);
  });

  test('a backslash before CR LF does not', () => {
    expect(texts('a\\\r\nb\r\n')).toEqual(['a\\\r', 'b\r']);
  });

  test('a NUL cuts its line, newline included', () => {
    expect(texts('a\0b\nc\nd\n')).toEqual(['ac', 'd']);
    expect(texts('\0a\nb\n')).toEqual(['b']);
  });
});

const report = (table: string) => splitLines(table, () => {});

describe('reading ends', () => {
  test.each([
    ['a\nb', 2, 'no-final-newline'],
    ['a\n# b', 2, 'no-final-newline'],
    ['a\nb\\\n', 2, 'no-final-newline'],
    [`${'x'.repeat(LONGEST_LINE)}\na\n`, 1, 'line-too-long'],
    [`a\n${'x'.repeat(LONGEST_LINE - 10)}\\\n${'x'.repeat(20)}\n`, 3, 'line-too-long'],
  ])('%#', (table, line, problem) => {
    expect(report(table).broken).toEqual({ line, problem });
  });

  test('neither at the longest valid line nor at an empty piece', () => {
    expect(report(`${'x'.repeat(LONGEST_LINE - 1)}\n`).broken).toBeNull();
    expect(report('a\n\\\n').broken).toBeNull();
    expect(report('').broken).toBeNull();
  });
});
