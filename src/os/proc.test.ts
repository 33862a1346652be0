import { expect, test } from 'vitest';
import { hasVariable, parseStat, residentBytesOf, statOf, uidOf, useOf, variableOf } from './proc.js';

const fields = 'S 21 40 41 0 -1 2097216 0 0 0 0 70 30 0 0 20 0 1 0 12345 0 0 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0';

test.each(['cat', 'a) Z 1 1', '(((', 'two words', ')'])('a name as odd as «%s» moves no field', (name) => {
  expect(parseStat(`42 (${name}) ${fields}`)).toEqual({
    pid: 42,
    parent: 21,
    session: 41,
    startTime: 12345,
    zombie: false,
    ofKernel: true,
    cpuTicks: 100,
  });
});

test('reads what this process is', () => {
  expect(statOf(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid, zombie: false, ofKernel: false });
  expect(uidOf(process.pid)).toBe(process.geteuid?.());
  expect(useOf(process.pid)?.cpuMs).toBeGreaterThan(0);
  expect(residentBytesOf(process.pid)).toBeGreaterThan(1024 ** 2);
  expect(variableOf(process.pid, 'PATH')).toBe(process.env['PATH']);
  expect(hasVariable(process.pid, `PATH=${process.env['PATH']}`)).toBe(true);
});

test('what is no process has nothing', () => {
  const none = 0;
  expect([statOf(none), useOf(none), variableOf(none, 'PATH'), uidOf(none), residentBytesOf(none)]).toEqual([null, null, null, -1, 0]);
});
