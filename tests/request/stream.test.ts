import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { childrenOf, descendantsOf, descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

describeWith({}, 'a process for each connection', () => {
  test('answers, and the client reads to its end', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/echo', server_args: ['hello', 'world'] }) });
    expect(await ask({ port })).toBe('hello world\n');
  });

  test('reads the client’s half-close and can still answer', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('count', { port, server: '/usr/bin/wc', server_args: '-c' }) });
    expect((await ask({ port }, 'x'.repeat(12_345))).trim()).toBe('12345');
  });

  test('carries 10 MB both ways unchanged', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('mirror', { port, server: '/bin/cat' }) });
    const sent = randomBytes(10 * 2 ** 20);
    const connection = await Connection.open({ port });
    connection.end(sent);
    await connection.waitForEnd();
    expect(connection.bytes.equals(sent)).toBe(true);
  });

  test('reads what the client sent before the server started', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('mirror', { port, server: '/bin/cat' }) });
    const connection = await Connection.open({ port });
    connection.socket.write('first ');
    connection.socket.write('second');
    connection.end();
    expect(await connection.readToEnd()).toBe('first second');
  });

  test('serves 300 clients at once, each by a process', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('mirror', { port, server: '/bin/cat', cps: [0, 1], instances: 'UNLIMITED' }) });
    const clients = await Promise.all(Array.from({ length: 300 }, () => Connection.open({ port })));
    for (const [number, client] of clients.entries()) client.send(`I am ${number}.`);
    await Promise.all(clients.map((client, number) => client.waitForText(new RegExp(`^I am ${number}\\.$`))));
    expect(childrenOf(daemon.pid).length).toBe(300);
    for (const client of clients) client.end();
    await Promise.all(clients.map((client) => client.waitForEnd()));
    await waitFor('all 300 to be gone', () => childrenOf(daemon.pid).length === 0);
  });

  test('belongs to the service of its port', async () => {
    const [one, two] = (await freePorts(2)) as [number, number];
    await startDaemon({
      config:
        serviceBlock('one', { port: one, server: '/bin/echo', server_args: 'one' }) +
        serviceBlock('two', { port: two, server: '/bin/echo', server_args: 'two' }),
    });
    expect(await Promise.all([ask({ port: one }), ask({ port: two }), ask({ port: one })])).toEqual(['one\n', 'two\n', 'one\n']);
  });

  test('is started for the next client after clients that reset immediately', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('mirror', { port, server: '/bin/cat' }) });
    for (let i = 0; i < 20; i++) (await Connection.open({ port })).socket.resetAndDestroy();
    expect(await ask({ port }, 'still here')).toBe('still here');
  });

  test('leaves no zombie and no descriptor behind after 1,000 requests', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', cps: [0, 1] }) });
    for (let i = 0; i < 50; i++) await ask({ port });
    await waitFor('the first servers to be reaped', () => childrenOf(daemon.pid).length === 0);
    const before = descriptorsOf(daemon.pid).size;
    for (let round = 0; round < 40; round++) {
      const answers = await Promise.all(Array.from({ length: 25 }, () => ask({ port })));
      expect(new Set(answers)).toEqual(new Set(['hello\n']));
    }
    await waitFor('all servers to be reaped', () => childrenOf(daemon.pid).length === 0);
    await waitFor('the descriptors to be what they were', () => descriptorsOf(daemon.pid).size <= before, {
      evidence: () => [...descriptorsOf(daemon.pid)].join('\n'),
    });
  });

  test('leaves the daemon no copy of the client’s socket', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('mirror', { port, server: '/bin/cat' }) });
    const connection = await Connection.open({ port });
    connection.send('ping');
    await connection.waitForText(/ping/);
    const [server] = childrenOf(daemon.pid);
    process.kill(server!.pid, 'SIGKILL');
    expect(await connection.waitForEnd()).toBe('end');
  });

  test('receives the client’s reset', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('mirror', { port, server: '/bin/cat' }) });
    const connection = await Connection.open({ port });
    connection.send('ping');
    await connection.waitForText(/ping/);
    connection.socket.resetAndDestroy();
    await once(connection.socket, 'close');
    await waitFor('the server to end', () => descendantsOf(daemon.pid).length === 0);
  });

  test('runs a script with an interpreter line', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('script', { port, server: fixture('greet-then-hold.sh') }) });
    expect(await ask({ port })).toMatch(/^hello \d+\n$/);
  });
});

describeWith({}, 'a server that cannot be executed', () => {
  test('closes the connection, is reported to the operator, and does not disturb other services', async () => {
    const [broken, sound] = (await freePorts(2)) as [number, number];
    // Executable as far as access(2) can tell.
    const script = join(temporaryDirectory(), 'script');
    writeFileSync(script, '#!/nonexistent/interpreter\n', { mode: 0o755 });
    const daemon = await startDaemon({
      config:
        serviceBlock('broken', { port: broken, server: script }) +
        serviceBlock('sound', { port: sound, server: '/bin/echo', server_args: 'hello' }),
    });
    for (let i = 0; i < 3; i++) expect(await ask({ port: broken })).toBe('');
    await daemon.waitForWords(/\/script.*no such file or directory/i);
    expect(await ask({ port: sound })).toBe('hello\n');
    await waitFor('no child to be left', () => childrenOf(daemon.pid).length === 0);
  });
});
