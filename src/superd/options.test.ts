import { expect, test } from 'vitest';
import { parseOptions } from './options.js';

test.each([
  ['LOCAL3', 'local3', 0],
  ['Daemon', 'daemon', 0],
  ['unknown', 'daemon', 1],
] as const)('-syslog %s is taken as xinetd takes it', (word, facility, warnings) => {
  const options = parseOptions(['-syslog', word]);
  expect([options.syslogFacility, options.warnings.length]).toEqual([facility, warnings]);
});

test('--syslog takes any case, and no unknown word', () => {
  expect(parseOptions(['--syslog', 'LOCAL3']).syslogFacility).toBe('local3');
  expect(() => parseOptions(['--syslog', 'unknown'])).toThrow(/--syslog wants one of kern, .*; found "unknown"/);
});

test.each([
  ['-1', Infinity],
  ['0', Infinity],
  ['5', 5],
  ['99999999999', 99_999_999_999],
])('-limit %s is taken as xinetd takes it', (word, limit) => {
  expect(parseOptions(['-limit', word]).processLimit).toBe(limit);
});

test('--limit takes no number below 0, and neither takes a word', () => {
  expect(() => parseOptions(['--limit', '-1'])).toThrow(/whole number/);
  expect(() => parseOptions(['-limit', '5x'])).toThrow(/whole number/);
});

test('-dontfork logs to syslog where --foreground logs to the terminal', () => {
  const chosen = (argv: readonly string[]) => {
    const { foreground, prefersSyslog, stayAlive } = parseOptions(argv);
    return { foreground, prefersSyslog, stayAlive };
  };
  expect(chosen(['-dontfork'])).toEqual({ foreground: true, prefersSyslog: true, stayAlive: true });
  expect(chosen(['--foreground'])).toEqual({ foreground: true, prefersSyslog: false, stayAlive: true });
});
