import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection, DatagramClient } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { childrenOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

/** What `accept-some` sends to each client: its pid, the number of the client, the mode of the listener, and its open descriptors. */
function parts(answer: string): [pid: string, number: string, mode: string, descriptors: string] {
  return answer.trim().split(' ') as [string, string, string, string];
}

describeWith({ programs: ['gcc'] }, 'a stream socket that is handed over (wait = yes)', () => {
  test('serves several clients in one process, which has it in blocking mode', async () => {
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('some', { port, wait: 'yes', server: fixture('accept-some.c'), server_args: 3 }),
    });
    const answers = [parts(await ask({ port })), parts(await ask({ port })), parts(await ask({ port }))];
    expect(new Set(answers.map(([pid]) => pid)).size).toBe(1);
    expect(answers.map(([, number]) => number)).toEqual(['1', '2', '3']);
    expect(answers.map(([, , mode]) => mode)).toEqual(['blocking', 'blocking', 'blocking']);
    await waitFor('it to be reaped', () => childrenOf(daemon.pid).length === 0);
  });

  test('is watched again when the server has ended', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('one', { port, wait: 'yes', server: fixture('accept-some.c'), server_args: 1 }) });
    const pids = new Set<string>();
    for (let i = 0; i < 5; i++) pids.add(parts(await ask({ port }))[0]);
    expect(pids.size).toBe(5);
  });

  test('keeps the clients that wait while no server runs', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('one', { port, wait: 'yes', server: fixture('accept-some.c'), server_args: 1 }) });
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask({ port })));
    expect(new Set(answers.map((answer) => parts(answer)[0])).size).toBe(10);
  });

  test('is given to one server at a time', async () => {
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('two', { port, wait: 'yes', server: fixture('accept-some.c'), server_args: 2 }),
    });
    const [pid] = parts(await ask({ port }));
    expect(childrenOf(daemon.pid).map((one) => String(one.pid))).toEqual([pid]);
    const second = await ask({ port });
    expect(parts(second)).toEqual([pid, '2', 'blocking', '0,1,2']);
  });

  test('starts no server before the first client', async () => {
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('one', { port, wait: 'yes', server: fixture('accept-some.c'), server_args: 1 }),
    });
    expect(childrenOf(daemon.pid)).toEqual([]);
    await ask({ port });
  });

  test('is descriptors 0, 1 and 2 of the server, which has no other', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('one', { port, wait: 'yes', server: fixture('accept-some.c'), server_args: 1 }) });
    expect(parts(await ask({ port }))[3]).toBe('0,1,2');
  });

  test('is served again when a server ends without accepting the connection', async () => {
    const port = await freePort();
    const marker = join(temporaryDirectory(), 'failed-once');
    await startDaemon({
      config: serviceBlock('second-try', {
        port,
        wait: 'yes',
        server: fixture('fail-once.sh'),
        server_args: [marker, fixture('accept-some.c'), 1],
      }),
    });
    expect(parts(await ask({ port }))[1]).toBe('1');
    expect(existsSync(marker)).toBe(true);
  });
});

describeWith({ superdOnly: 'xinetd tries until cps closes the service' }, 'a socket whose server cannot be executed', () => {
  test.each(['stream', 'dgram'])('is retried once a second, not in a loop: %s', async (kind) => {
    const script = join(temporaryDirectory(), 'script');
    writeFileSync(script, '#!/nonexistent/interpreter\n', { mode: 0o755 });
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('broken', {
        port,
        socket_type: kind,
        protocol: kind === 'stream' ? 'tcp' : 'udp',
        wait: 'yes',
        server: script,
        cps: [0, 1],
      }),
    });
    const since = performance.now();
    const request = async () => {
      if (kind === 'stream') await Connection.open({ port });
      else await (await DatagramClient.open()).send('hello', port);
    };
    await request();
    const tries = () => daemon.words.match(/no such file or directory/gi)?.length ?? 0;
    await waitFor('two tries', () => tries() >= 2);
    // The first try is immediate; half a second is for timers that come early.
    expect(tries()).toBeLessThanOrEqual(1.5 + (performance.now() - since) / 1_000);
    // A client is served as soon as the server can be executed: the one that waits, or another where three tries have failed meanwhile.
    writeFileSync(script, `#!/bin/sh\nexec ${fixture(kind === 'stream' ? 'accept-some.c' : 'answer-datagrams.c')} 1\n`);
    await request();
    await daemon.waitForEntry(/^EXIT: broken status=0/);
  });
});
