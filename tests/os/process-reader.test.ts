import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { readProcesses } from '../../src/os/process-reader.js';
import { waitFor } from '../support/wait-for.js';

const NO_PROCESS = 4_194_305;

test('reads files of many processes at once, and skips processes that are gone', async () => {
  const env = { EMPTY: '', LONG: 'x'.repeat(100_000), MARK: 'one=two', MARKED: 'three' };
  const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore', env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid!;
  await waitFor('its program', () => readProcesses([pid], 'exe').get(pid) === realpathSync('/bin/sleep'));
  const pids = [NO_PROCESS, pid, 0, process.pid];
  for (const [name, value] of Object.entries(env)) expect(readProcesses(pids, 'environ', name).get(pid)).toBe(value);
  expect(readProcesses(pids, 'environ', 'MAR').has(pid)).toBe(false);
  expect([...readProcesses(pids, 'stat').keys()]).toEqual([pid, process.pid]);
  expect(readProcesses(pids, 'stat').get(pid)).toMatch(new RegExp(`^${pid} \\(`));
  expect(readProcesses([], 'stat').size).toBe(0);
});
