import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { childrenOf, isSameProcess, killProcess, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock } from '../support/resident.js';
import { run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';

const root = new URL('../..', import.meta.url).pathname;

describeWith({ superdOnly: 'xinetd has no resident daemons' }, 'npm start', () => {
  test('runs a resident daemon that is started again when it is killed, and leaves nothing behind', async () => {
    const config = join(temporaryDirectory(), 'superd.conf');
    writeFileSync(config, `# What it is about.\n${residentBlock('stays', { server: '/bin/sleep', server_args: '1000' })}`);
    const started = spawn(process.execPath, [`${root}scripts/start.mjs`, config], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void started.kill('SIGTERM'));
    const ended = once(started, 'exit');
    let said = '';
    for (const stream of [started.stdout, started.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ups = () => [...said.matchAll(/stays +running +pid (\d+)\n/g)].map(([, pid]) => processFacts(Number(pid)));
    const first = await waitFor('the daemon', () => ups()[0]);
    expect(said).toContain('# What it is about.\n');
    const socket = /--socket (\S+)/.exec(said)![1]!;
    expect((await run(`${root}bin/superctl`, ['--socket', socket, 'status', 'stays'])).code).toBe(0);
    killProcess(first);
    const second = await waitFor('another', () => ups()[1]);
    const superd = childrenOf(started.pid!)[0]!;
    started.kill('SIGTERM');
    expect(await within('the end', ended)).toEqual([0, null]);
    expect([first, second, superd].map(isSameProcess)).toEqual([false, false, false]);
    expect(existsSync(dirname(socket))).toBe(false);
  });
});
