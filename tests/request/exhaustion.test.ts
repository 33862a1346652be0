import { chownSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ask, Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

describeWith({ programs: ['prlimit'], superdOnly: 'xinetd closes the service' }, 'a daemon with few descriptors', () => {
  test('serves more clients than it can hold, one after the other, and reports the shortage once', async () => {
    const port = await freePort();
    const config = serviceBlock('mirror', { port, server: '/bin/cat', cps: [0, 1] });
    // superd has about 30 and keeps 64 free. A session has two, its connection (`linger_answer`) and its process: room for about 60.
    const daemon = await startDaemon({ config, prefix: ['prlimit', '--nofile=220:220'] });
    const clients = await Promise.all(Array.from({ length: 400 }, () => Connection.open({ port })));
    const first = clients.slice(0, 50);
    for (const [number, client] of first.entries()) client.send(`I am ${number}.`);
    await Promise.all(first.map((client, number) => client.waitForText(new RegExp(`^I am ${number}\\.$`))));
    await daemon.waitForWords(/no descriptors/);
    // No client leaves before this line.
    for (const client of clients) client.end('Goodbye.');
    const answers = await Promise.all(clients.map((client) => client.readToEnd(120_000)));
    expect(answers).toEqual(clients.map((_, number) => (number < 50 ? `I am ${number}.Goodbye.` : 'Goodbye.')));
    await daemon.waitForWords(/mirror +resumed/);
    expect(daemon.entries().filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(daemon.words.match(/no descriptors/g)!.length).toBeLessThan(5);
  });
});

/** A user that no other process has, in this run or another. */
const NOBODY = 100_000 + process.pid;

const needs = { root: true, programs: ['prlimit', 'setpriv'], superdOnly: 'xinetd waits and tries again' };

describeWith(needs, 'a daemon that may have few processes', () => {
  test('refuses the clients whose server it cannot start, reports why, and serves again when there is room', async () => {
    const port = await freePort();
    const directory = temporaryDirectory();
    chownSync(directory, NOBODY, NOBODY);
    const config = serviceBlock('held', { port, user: NOBODY, server: fixture('greet-then-hold.sh'), cps: [0, 1], flags: 'NORETRY' });
    // The threads of Node count too.
    const prefix = ['prlimit', '--nproc=30:30', 'setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    const daemon = await startDaemon({ config, prefix, directory });
    const clients = await Promise.all(Array.from({ length: 60 }, () => Connection.open({ port })));
    await waitFor('all to be let in or refused', () => clients.every((one) => one.text !== '' || one.ending !== null));
    expect(clients.some((one) => one.text !== '')).toBe(true);
    expect(clients.some((one) => one.ending !== null)).toBe(true);
    await daemon.waitForWords(/resource temporarily unavailable/i);
    for (const client of clients) client.end();
    await waitFor('room for another', async () => /^hello/.test(await ask({ port })));
  });
});
