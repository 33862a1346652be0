import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection } from '../support/client.js';
import { container, processOne } from '../support/container.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { descendantsOf, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';

function script(text: string): string {
  const path = join(temporaryDirectory(), 'server');
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

const needs = { root: true, programs: ['unshare'], mountNamespaces: true, superdOnly: 'xinetd reaps every child' };

describeWith(needs, 'process 1 of a container', () => {
  test('reaps the orphans of servers', async () => {
    const port = await freePort();
    const server = script('for i in 1 2 3 4 5; do (sleep 0.$i & echo $!) & done; wait');
    const daemon = await startDaemon({ config: serviceBlock('leave', { port, server }), prefix: container });
    const one = await processOne(daemon);
    await Promise.all(Array.from({ length: 10 }, () => ask({ port })));
    await waitFor('no process but superd', () => descendantsOf(one.pid).length === 0);
    await waitFor('all ends', () => daemon.entries().filter((line) => /^EXIT: leave status=0/.test(line)).length === 10);
  });

  test('notices the end of every server while many orphans end', async () => {
    const port = await freePort();
    const server = script('for i in 1 2 3 4 5 6 7 8; do (true &) ; done; exit 3');
    const daemon = await startDaemon({ config: serviceBlock('leave', { port, server, cps: [1000, 1] }), prefix: container });
    const one = await processOne(daemon);
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 10 }, () => ask({ port })));
    await waitFor('all ends', () => daemon.entries().filter((line) => /^EXIT: leave status=3/.test(line)).length === 100);
    await waitFor('no process but superd', () => descendantsOf(one.pid).length === 0);
    expect(daemon.words).not.toMatch(/internal error/);
  });

  test('ends with its servers on TERM, with status 0', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('hold', { port, server: '/bin/cat' }), prefix: container });
    const session = await Connection.open({ port });
    await daemon.waitForEntry(/^START: hold/);
    process.kill((await processOne(daemon)).pid, 'SIGTERM');
    expect(await within('the end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(await session.waitForEnd()).toBeTruthy();
    await daemon.waitForEntry(/^EXIT: hold signal=15/);
  });

  test('stays in the foreground without --foreground', async () => {
    const port = await freePort();
    const directory = temporaryDirectory();
    const conf = join(directory, 'conf');
    writeFileSync(conf, serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' }));
    // A shell drops the options that the suite adds to the command line.
    const shell = ['sh', '-c', `exec "$1" --config ${conf}`, 'sh'];
    const daemon = await startDaemon({ config: '', prefix: [...container, ...shell], directory });
    expect(await ask({ port })).toBe('hello\n');
    expect(processFacts((await processOne(daemon)).pid)).not.toBe(null);
  });
});
