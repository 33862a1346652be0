import { expect, test } from 'vitest';
import { factsOf, hasVariable, parseStat, parseStatus, runsAs, startTimeOf, usesOf, variableOf } from './proc.js';

const fields = 'S 21 40 41 0 -1 2097216 0 0 0 0 70 30 0 0 20 0 1 0 12345 0 0 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0';

test.each(['cat', 'a) Z 1 1', '(((', 'two words', ')'])('a name as odd as «%s» moves no field', (name) => {
  expect(parseStat(`42 (${name}) ${fields}`)).toEqual({
    group: 40,
    session: 41,
    startTime: 12345,
    cpuTicks: 100,
  });
});

test('reads what this process is', () => {
  expect(factsOf(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid, zombie: false, bare: false });
  expect(runsAs(factsOf(process.pid)!, process.geteuid!())).toBe(true);
  expect(factsOf(process.pid)!.residentBytes).toBeGreaterThan(1024 ** 2);
  expect(startTimeOf(process.pid)).toBeGreaterThan(0);
  expect(usesOf([process.pid]).get(process.pid)?.cpuMs).toBeGreaterThan(0);
  expect(variableOf(process.pid, 'PATH')).toBe(process.env['PATH']);
  expect(hasVariable(process.pid, `PATH=${process.env['PATH']}`)).toBe(true);
});

test('what is no process has nothing', () => {
  const none = 0;
  expect([factsOf(none), usesOf([none]).size, variableOf(none, 'PATH'), startTimeOf(none)]).toEqual([null, 0, null, 0]);
});

test('a kernel thread and a process that is ending have no memory of their own', () => {
  const ids = 'PPid:\t2\nUid:\t1\t2\t3\t4\nNSpgid:\t5\t1\nNSsid:\t6\t1\n';
  expect(parseStatus(9, `Name:\tState: Z\nState:\tZ (zombie)\n${ids}Threads:\t1\n`)).toEqual({
    pid: 9,
    parent: 2,
    group: 5,
    session: 6,
    uids: { real: 1, effective: 2, saved: 3 },
    zombie: true,
    bare: true,
    residentBytes: 0,
  });
  expect(parseStatus(9, `State:\tS (sleeping)\n${ids}VmRSS:\t   12 kB\n`)).toMatchObject({
    zombie: false,
    bare: false,
    residentBytes: 12288,
  });
});
