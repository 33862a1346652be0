import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { container, processOne } from '../support/container.js';
import { startDaemon } from '../support/daemon.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { within } from '../support/wait-for.js';

const ours = { superdOnly: 'xinetd has no resident daemons' };

/** Ends as the file says, once it is there. */
const endAs = (path: string) => `-c "while [ ! -s ${path} ]; do sleep 0.02; done; . ${path}"`;

const shell = { server: '/bin/sh', output: 'null', essential: 'yes' };

describeWith({ ...ours, root: true, programs: ['unshare'], mountNamespaces: true }, 'process 1 with an essential service', () => {
  test.each([
    ['exit 0', 'on-failure', 0],
    ['exit 7', 'never', 7],
    ['kill -KILL $$', 'never', 137],
  ])('after %j and restart = %s ends with it, and stops the others first', async (how, restart, status) => {
    const directory = temporaryDirectory();
    const [words, trace] = [join(directory, 'words'), join(directory, 'trace')];
    const other = {
      server: '/bin/sh',
      output: 'null',
      server_args: `-c "trap 'echo stopped > ${trace}; exit 0' TERM; while :; do sleep 0.05; done"`,
    };
    const config = residentBlock('main', { ...shell, restart, server_args: endAs(words) }) + residentBlock('other', other);
    const daemon = await startDaemon({ config, prefix: container });
    await processOne(daemon);
    await daemon.waitForWords(/ other +running/);
    writeFileSync(words, `${how}\n`);
    expect(await within('the end', daemon.exited)).toEqual({ code: status, signal: null });
    expect(readFileSync(trace, 'utf8')).toBe('stopped\n');
  });
});

describeWith(ours, 'an essential service', () => {
  test('that always restarts ends superd only after restart_max failures', async () => {
    const config = residentBlock('main', { ...shell, restart_max: 2, restart_delay: '10ms', server_args: '-c "exit 3"' });
    const daemon = await startDaemon({ config });
    expect(await within('the end', daemon.exited)).toEqual({ code: 3, signal: null });
    expect(daemon.words).toContain('main, which is essential, has ended with status 3');
  });

  test('that an operator stops ends nothing else', async () => {
    const config =
      residentBlock('main', { ...shell, server_args: '-c "exec sleep 1000"' }) +
      residentBlock('other', { server: '/bin/sleep', server_args: '1000' });
    const daemon = await startDaemon({ config });
    await waitUntilUp(daemon, 'main');
    expect((await superctl(daemon, ['stop', 'main'])).code).toBe(0);
    await waitUntilUp(daemon, 'other');
    expect(daemon.running).toBe(true);
  });
});
