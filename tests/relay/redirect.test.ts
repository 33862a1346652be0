import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reload } from '../life/reloading.js';
import { ask, Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { echo, readAll, startTarget } from './target.js';

const ONE_BY_ONE = 'xinetd ends both halves with the first';
const EXTENSION = 'an extension of superd';

describeWith({}, 'redirect of both daemons', () => {
  test('relays to a host and port, and back', async () => {
    const port = await freePort();
    const target = await startTarget((socket) => void socket.end('hello'));
    await startDaemon({ config: serviceBlock('web', { port, redirect: ['127.0.0.1', target.port] }) });
    const connection = await Connection.open({ port });
    expect(await connection.readToEnd()).toBe('hello');
  });

  test('logs TRAFFIC before EXIT: in from the client, out from the target', async () => {
    const port = await freePort();
    const target = await startTarget((socket) => {
      socket.once('data', () => void socket.end('123456789'));
    });
    const directory = temporaryDirectory();
    const log = `${directory}/service.log`;
    const daemon = await startDaemon({
      directory,
      defaults: defaultsBlock({ log_type: ['FILE', log], log_on_success: ['HOST', 'EXIT', 'TRAFFIC'], log_on_failure: 'HOST' }),
      config: serviceBlock('web', { port, flags: 'IPv4', redirect: ['127.0.0.1', target.port] }),
    });
    const connection = await Connection.open({ port });
    connection.send('hello');
    await connection.readToEnd();
    await daemon.waitForEntry(/^EXIT/);
    expect(daemon.entries()).toEqual(['START: web from=127.0.0.1', 'TRAFFIC: web in=5(bytes) out=9(bytes)', 'EXIT: web status=0']);
  });

  test('ends a client whose target does not listen', async () => {
    const [port, nobody] = await freePorts(2);
    const daemon = await startDaemon({ config: serviceBlock('web', { port: port!, redirect: ['127.0.0.1', nobody!] }) });
    const connection = await Connection.open({ port: port! });
    expect(await connection.waitForEnd()).toBe('end');
    await daemon.waitForWords(/connection refused/i);
  });

  test('counts redirected connections for instances', async () => {
    const port = await freePort();
    const target = await startTarget(echo);
    const daemon = await startDaemon({ config: serviceBlock('web', { port, instances: 1, redirect: ['127.0.0.1', target.port] }) });
    const first = await Connection.open({ port });
    first.send('one');
    await first.waitForText(/one/);
    const second = await Connection.open({ port });
    await second.waitForEnd();
    await daemon.waitForEntry(/^FAIL: web service_limit/);
    first.close();
    await daemon.waitForEntry(/^EXIT: web/);
    const third = await Connection.open({ port });
    third.send('three');
    await third.waitForText(/three/);
  });
});

describeWith({ superdOnly: ONE_BY_ONE }, 'redirect with a half-closed client', () => {
  test('sends the whole answer after the client has ended its half', async () => {
    const port = await freePort();
    const target = await startTarget(async (socket) => {
      socket.end(`${(await readAll(socket)).length} bytes`);
    });
    await startDaemon({ config: serviceBlock('web', { port, redirect: ['127.0.0.1', target.port] }) });
    expect(await ask({ port }, 'x'.repeat(300_000))).toBe('300000 bytes');
  });
});

describeWith({ superdOnly: EXTENSION }, 'redirect to several targets', () => {
  test('skips a dead target, reports it once, and reports when it is back', async () => {
    const [port, sometimes] = (await freePorts(2)) as [number, number];
    const second = await startTarget((socket) => void socket.end('second'));
    const config = serviceBlock('web', { port, redirect: ['localhost', sometimes, '127.0.0.1', second.port] });
    const daemon = await startDaemon({ config });
    for (let i = 0; i < 5; i++) expect(await ask({ port })).toBe('second');
    const failures = () => daemon.words.split('\n').filter((line) => line.includes(`cannot connect to 127.0.0.1 port ${sometimes}`));
    await waitFor('a report', () => failures().length > 0);
    expect(failures()).toHaveLength(1);
    second.server.close();
    await startTarget((socket) => void socket.end('first'), { port: sometimes });
    await waitFor('the first to be used', async () => (await ask({ port })) === 'first');
    await daemon.waitForWords(new RegExp(`127.0.0.1 port ${sometimes} takes connections again`));
  });

  test('skips a target behind a missing interface, and leaves no session behind', async () => {
    const [port, alone] = (await freePorts(2)) as [number, number];
    const target = await startTarget((socket) => void socket.end('second'));
    const nowhere = ['fe80::1%nosuch0', 80];
    const daemon = await startDaemon({
      config:
        serviceBlock('two', { port, redirect: [...nowhere, '127.0.0.1', target.port] }) +
        serviceBlock('alone', { port: alone, instances: 1, redirect: nowhere }),
    });
    expect(await ask({ port })).toBe('second');
    for (let i = 1; i <= 2; i++) {
      expect(await ask({ port: alone })).toBe('');
      await waitFor('its end', () => daemon.entries().filter((line) => line.startsWith('EXIT: alone')).length === i);
    }
    await daemon.waitForWords(/alone: .*fe80::1%nosuch0 port 80/);
    expect(daemon.words).not.toContain('internal error');
    expect(daemon.entries().filter((line) => line.startsWith('FAIL'))).toEqual([]);
  });

  test('ends a connection that is silent too long, and logs it like any other', async () => {
    const port = await freePort();
    const target = await startTarget(echo);
    const daemon = await startDaemon({
      config: serviceBlock('web', { port, idle_timeout: '200ms', redirect: ['127.0.0.1', target.port] }),
    });
    const connection = await Connection.open({ port });
    await connection.waitForEnd();
    await daemon.waitForEntry(/^EXIT: web status=0/);
    await waitFor('the target to be left', () => target.connections[0]?.destroyed || target.connections[0]?.readableEnded === true);
  });
});

describeWith({ superdOnly: EXTENSION, root: true, mountNamespaces: true }, 'a target whose name has no address', () => {
  test('ends its clients, is reported once, and is used when it has one', async () => {
    const port = await freePort();
    const target = await startTarget((socket) => void socket.end('hello'));
    const hosts = join(temporaryDirectory(), 'hosts');
    writeFileSync(hosts, '127.0.0.1 localhost\n');
    const daemon = await startDaemon({
      config: serviceBlock('web', { port, redirect: ['web.invalid', target.port] }),
      prefix: withMounts({ '/etc/hosts': hosts }),
    });
    for (let i = 0; i < 3; i++) expect(await ask({ port })).toBe('');
    await daemon.waitForWords(/web: no target has an address/);
    writeFileSync(hosts, '127.0.0.1 localhost web.invalid\n');
    await waitFor('the target to be found', async () => (await ask({ port })) === 'hello');
    await daemon.waitForWords(/web: a target has an address again/);
    expect(daemon.words.match(/no target has an address/g)).toHaveLength(1);
  });
});

describeWith({ superdOnly: 'xinetd ends running sessions' }, 'redirected sessions', () => {
  test('survive a reload that sends new ones elsewhere, and end with the daemon', async () => {
    const port = await freePort();
    const [old, fresh] = [await startTarget(echo), await startTarget((socket) => void socket.end('fresh'))];
    const block = (target: number) => serviceBlock('web', { port, redirect: ['127.0.0.1', target] });
    const daemon = await startDaemon({ config: block(old.port) });
    const connection = await Connection.open({ port });
    connection.send('one');
    await connection.waitForText(/one/);
    await reload(daemon, block(fresh.port));
    expect(await ask({ port })).toBe('fresh');
    connection.send('two');
    await connection.waitForText(/onetwo/);
    daemon.signal('SIGTERM');
    await connection.waitForEnd();
    await daemon.exited;
    expect(daemon.entries().filter((line) => line.startsWith('EXIT'))).toHaveLength(2);
  });

  test('do not delay QUIT', async () => {
    const port = await freePort();
    const target = await startTarget(echo);
    const daemon = await startDaemon({ config: serviceBlock('web', { port, redirect: ['127.0.0.1', target.port] }) });
    const connection = await Connection.open({ port });
    connection.send('one');
    await connection.waitForText(/one/);
    daemon.signal('SIGQUIT');
    await daemon.exited;
    await connection.waitForEnd();
  });
});
