import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseStat } from '../../src/os/proc.js';
import { superctl } from '../control/superctl.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, storyOf, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { ATTACKER } from './attacker.js';

/** Whoever runs as the user of a daemon has the pipe of its output in hand. */
const needs = { root: true, superdOnly: 'xinetd reads no output' };
const quiet = residentBlock('quiet', { server: '/bin/sleep', server_args: '1000', restart_delay: '0' });
const chatty = residentBlock('chatty', {
  server: '/bin/sh',
  server_args: "-c 'while sleep 0.1; do echo all is well; done'",
  output: 'log',
});

function thief(way: 'reopened' | 'packets', seconds: number): string {
  return residentBlock('thief', {
    user: ATTACKER.name,
    server: fixture('steal-output.c'),
    server_args: [way, String(seconds)],
    output: 'log',
    restart: 'always',
    restart_delay: '0',
  });
}

describeWith(needs, 'a daemon that reads its own output back', () => {
  test.each(['reopened', 'packets'] as const)('%s: superd runs on, and logs the output of its neighbour', async (way) => {
    const daemon = await startDaemon({ config: quiet + chatty + thief(way, 0.1) });
    const lives = () => storyOf(daemon, 'thief').filter((line) => line.startsWith('running')).length;
    await waitFor('ten lives of the thief', () => lives() >= 10 || !daemon.running, { evidence: () => daemon.account() });
    expect(daemon.running).toBe(true);
    const heard = daemon.words.length;
    await waitFor('more of its neighbour', () => /all is well/.test(daemon.words.slice(heard)));
    const before = await waitUntilUp(daemon, 'quiet');
    killProcess(before);
    await waitUntilUp(daemon, 'quiet', before);
    expect((await superctl(daemon, ['status', 'quiet'])).code).toBe(0);
    expect(daemon.words).not.toMatch(/internal error/);
    for (const line of daemon.words.split('\n').filter((one) => /chatty.*stdout/.test(one))) expect(line).toMatch(/all is well/);
  });
});

describeWith({ superdOnly: 'xinetd reads no output' }, 'eight daemons that write without end', () => {
  test('use a part of a processor in superd, which serves its clients meanwhile', async () => {
    const directory = temporaryDirectory();
    const counts = Array.from({ length: 8 }, (_, i) => join(directory, `count${i}`));
    const flood = (count: string, i: number) =>
      residentBlock(`flood${i}`, { server: fixture('flood-output.c'), server_args: count, output: ['file', '200K'], log_keep: '0' });
    const daemon = await startDaemon({ config: quiet + counts.map(flood).join('') });
    const written = () => counts.map((path) => (existsSync(path) ? Number(readFileSync(path, 'latin1')) : 0));
    await waitFor('all to write', () => written().every((mebibytes) => mebibytes >= 1));
    const ticks = () => parseStat(readFileSync(`/proc/${daemon.pid}/stat`, 'latin1')).cpuTicks;
    const [usedBefore, began, before] = [ticks(), performance.now(), written()];
    await waitFor('much more of each', () => written().every((mebibytes, i) => mebibytes >= before[i]! + 3));
    const used = (ticks() - usedBefore) * 10;
    expect(used / (performance.now() - began)).toBeLessThan(0.7);
    expect((await superctl(daemon, ['status', 'quiet'])).code).toBe(0);
  });
});
