import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RIGHTS } from '../security/attacker.js';
import { Connection, type Target } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { Running } from '../support/run.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

/** A shell script as the server of a service; $DIR is a directory that the test shares with it. */
async function service(script: string, attributes: Attributes = {}) {
  const [port, directory] = [await freePort(), temporaryDirectory()];
  chmodSync(directory, 0o777);
  const server = join(directory, 'server');
  writeFileSync(server, `#!/bin/sh\nDIR=${directory}\n${script}\n`, { mode: 0o755 });
  const daemon = await startDaemon({ config: serviceBlock('answering', { port, server, cps: [0, 1], ...attributes }) });
  const go = () => writeFileSync(join(directory, 'go'), '');
  return { port, daemon, directory, go };
}

/** In a script: waits until the test says `go`, or is over. */
const WAIT = 'while [ -d $DIR ] && [ ! -e $DIR/go ]; do sleep 0.02; done';
const ANSWER = 'printf "HTTP/1.0 200 OK\\r\\n\\r\\nfine\\n"';
const REQUEST = 'GET / HTTP/1.0\r\n\r\n';

/** Sends a request without an end, as HAProxy's httpchk does, and returns what came and how it ended. */
async function request(target: Target): Promise<string> {
  const client = await Connection.open(target);
  client.send(REQUEST);
  const ending = await client.waitForEnd();
  return `${client.text.split('\n').at(-2)} ${ending}`;
}

const sockets = (pid: number) => [...descriptorsOf(pid).values()].filter((name) => name.startsWith('socket:')).length;

describeWith({ superdOnly: 'the kernel resets about half of them' }, 'an answer whose server has not read the request', () => {
  test('reaches every client, and its end too', async () => {
    const { port, daemon } = await service(ANSWER);
    const before = sockets(daemon.pid);
    const outcomes: string[] = [];
    // Several at a time: a process that superd starts has a copy of the other connections until its execve.
    for (let i = 0; i < 20; i++) outcomes.push(...(await Promise.all(Array.from({ length: 10 }, () => request({ port })))));
    expect(new Set(outcomes)).toEqual(new Set(['fine end']));
    await waitFor('the connections to be closed', () => sockets(daemon.pid) === before);
  });

  test('reaches a client that sends more than the socket holds', async () => {
    const { port, go } = await service(`${WAIT}; ${ANSWER}`);
    const client = await Connection.open({ port });
    client.send(Buffer.alloc(8_000_000));
    go();
    expect(await client.waitForText(/fine/)).toMatch(/200 OK/);
  });

  test('reaches the client of a unix socket', async () => {
    const path = join(temporaryDirectory(), 'answering.sock');
    await service(ANSWER, { protocol: 'unix', port: null, bind: path });
    expect(await request({ path })).toBe('fine end');
  });

  test('is lost with linger_answer = 0, as with xinetd: the kernel resets the connection', async () => {
    const { port, go } = await service(WAIT, { linger_answer: 0 });
    const client = await Connection.open({ port });
    client.send(REQUEST);
    go();
    expect(await client.waitForEnd()).toBe('reset');
  });
});

describeWith({ superdOnly: 'linger_answer is an extension' }, 'a client that goes on sending', () => {
  test('is cut off after linger_answer', async () => {
    const { port, daemon } = await service(ANSWER, { linger_answer: '100ms' });
    const before = sockets(daemon.pid);
    const client = await Connection.open({ port });
    client.send(REQUEST);
    await waitFor('the end of the answer', () => client.ending === 'end');
    // It never closes.
    await waitFor('superd to close', () => sockets(daemon.pid) === before);
    expect(client.text).toMatch(/fine/);
  });
});

describeWith({}, 'the end of a connection', () => {
  test.each(['', REQUEST])('is there when a server closes it and runs on, after %j', async (sent) => {
    const { port, go } = await service(`${sent === '' ? '' : 'read line; read line;'} ${ANSWER}; exec <&- >&- 2>&-; ${WAIT}`);
    const client = await Connection.open({ port });
    if (sent !== '') client.send(sent);
    expect(await client.waitForEnd()).toBe('end');
    expect(client.text).toMatch(/fine/);
    go();
  });

  test('is not there while a process that the server left behind has it, which reads on', async () => {
    const { port, daemon, go } = await service(`exec 3<&0; (${WAIT}; read line <&3; echo "child read $line") & exit 0`);
    const before = sockets(daemon.pid);
    const client = await Connection.open({ port });
    client.send('hello\n');
    await daemon.waitForEntry(/^EXIT: answering status=0/);
    await waitFor('superd to look who has it', () => sockets(daemon.pid) === before);
    go();
    expect(await client.waitForText(/child read/)).toBe('child read hello\n');
  });
});

describeWith({ superdOnly: 'superd keeps a descriptor' }, 'the descriptors of superd', () => {
  test('hold no connection whose server has ended or closed it', async () => {
    const { port, daemon } = await service('read line; echo "$line"');
    const before = sockets(daemon.pid);
    const client = await Connection.open({ port });
    await waitFor('superd to keep it', () => sockets(daemon.pid) === before + 1);
    client.send('hello\n');
    expect(await client.readToEnd()).toBe('hello\n');
    await waitFor('superd to close it', () => sockets(daemon.pid) === before);
  });
});

/**
 * In this file, because no other test of it may run meanwhile: superd gives up the search for other holders of a connection then. Before it did,
 * with 800,000 descriptors to look at, each client waited more than five seconds.
 */
const hoard = { root: true, programs: ['setpriv', 'gcc'], superdOnly: 'xinetd keeps no connection' };

describeWith(hoard, 'a local user with very many descriptors', () => {
  test('keeps no client waiting for the end of its answer', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', cps: '0 0' }) });
    await new Running('setpriv', [...RIGHTS, fixture('hoard-descriptors.c'), '40', '20000']).waitForLines(1);
    for (let i = 0; i < 3; i++) {
      const client = await Connection.open({ port });
      client.send('more than /bin/echo reads');
      expect(await client.waitForEnd(5000)).toMatch(/end|reset/);
    }
  });
});
