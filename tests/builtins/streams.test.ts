import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { ask, Connection, knock } from '../support/client.js';
import { childrenOf, descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { waitFor } from '../support/wait-for.js';
import { builtin } from './builtin.js';

const DAYTIME = /^\d\d [A-Z]{3} \d{4} \d\d:\d\d:\d\d \S+\r\n$/;

describeWith({}, 'the built-in stream services', () => {
  test('daytime sends the local time in one line and closes', async () => {
    const { port, daemon } = await builtin('daytime');
    expect(await ask({ port })).toMatch(DAYTIME);
    await daemon.waitForEntry(/^START: daytime pid=0 from=127\.0\.0\.1$/);
  });

  test('daytime answers a client that sends a lot first', async () => {
    const { port } = await builtin('daytime');
    const connection = await Connection.open({ port });
    connection.send('x'.repeat(10_000));
    await connection.waitForText(DAYTIME);
  });

  test('time is the seconds since 1900 in four bytes', async () => {
    const { port } = await builtin('time');
    const before = Date.now();
    const connection = await Connection.open({ port });
    await connection.waitForEnd();
    expect(connection.bytes.length).toBe(4);
    const seconds = connection.bytes.readUInt32BE() - 2_208_988_800;
    expect(seconds).toBeGreaterThanOrEqual(Math.floor(before / 1000));
    expect(seconds).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test('echo sends back 10 MB unchanged, and closes after the client', async () => {
    const { port, daemon } = await builtin('echo');
    const sent = randomBytes(10 * 2 ** 20);
    const connection = await Connection.open({ port });
    connection.end(sent);
    await connection.waitForEnd();
    expect(connection.bytes.equals(sent)).toBe(true);
    expect(connection.ending).toBe('end');
    await daemon.waitForEntry(/^START: echo pid=\d+ from=127\.0\.0\.1$/);
    await daemon.waitForEntry(/^EXIT: echo status=0 pid=\d+ duration=\d+\(sec\)$/);
  });

  test('discard receives everything and sends nothing', async () => {
    const { port } = await builtin('discard');
    expect(await ask({ port }, randomBytes(5 * 2 ** 20))).toBe('');
  });

  test('chargen sends lines of 72 characters, each starting one character later', async () => {
    const { port, daemon } = await builtin('chargen');
    const connection = await Connection.open({ port });
    await waitFor('200 lines', () => connection.bytes.length > 200 * 74);
    connection.close();
    const ring = Array.from({ length: 93 }, (_, i) => String.fromCharCode(33 + i)).join('');
    const line = (i: number) => `${ring}${ring}`.slice((i % 95) % 93).slice(0, 72);
    const lines = connection.text.split('\r\n').slice(0, 200);
    expect(lines).toEqual(lines.map((_, i) => line(i)));
    await daemon.waitForEntry(/^EXIT: chargen/);
  });

  test('a session ends when its client leaves', async () => {
    const { port, daemon } = await builtin('echo', { instances: 2 });
    const clients = [await Connection.open({ port }), await Connection.open({ port })];
    for (const client of clients) client.send('here');
    for (const client of clients) await client.waitForText(/here/);
    expect(await knock({ port })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: echo service_limit from=127\.0\.0\.1$/);
    clients[0]!.close();
    await daemon.waitForEntry(/^EXIT: echo/);
    expect(await ask({ port }, 'me now')).toBe('me now');
  });

  test('per_source limits the sessions of a source', async () => {
    const { port } = await builtin('echo', { per_source: 1 });
    const first = await Connection.open({ port });
    first.send('one');
    await first.waitForText(/one/);
    expect(await knock({ port })).toBe('closed');
    expect(await ask({ port, from: '127.0.0.9' }, 'another')).toBe('another');
  });
});

describeWith({ superdOnly: 'xinetd has a process for each client' }, 'the built-in services of superd', () => {
  test('are not paused by a burst of clients, unless cps is set', async () => {
    const { port } = await builtin('daytime');
    const answers = await Promise.all(Array.from({ length: 120 }, () => ask({ port })));
    expect(answers.filter((answer) => !DAYTIME.test(answer))).toEqual([]);
  });

  test('start no process, and leave no descriptor', async () => {
    const { port, daemon } = await builtin('echo', { cps: [0, 1] });
    await ask({ port }, 'once');
    const before = descriptorsOf(daemon.pid).size;
    const clients = await Promise.all(Array.from({ length: 200 }, () => Connection.open({ port })));
    for (const [i, client] of clients.entries()) client.send(`I am ${i}.`);
    await Promise.all(clients.map((client, i) => client.waitForText(new RegExp(`^I am ${i}\\.$`))));
    expect(childrenOf(daemon.pid)).toEqual([]);
    for (const client of clients) client.close();
    await waitFor('all to be gone', () => descriptorsOf(daemon.pid).size <= before);
  });
});
