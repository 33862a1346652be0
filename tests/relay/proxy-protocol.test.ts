import { expect, test } from 'vitest';
import { makeProxyHeader } from '../../src/relay/make-proxy-header.js';
import { ask, Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { echo, startTarget } from './target.js';

const superdOnly = 'an extension of superd';
const V2_SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';

describeWith({ superdOnly }, 'PROXY headers to the target', () => {
  test('version 1 names both ends', async () => {
    const port = await freePort();
    const target = await startTarget(echo);
    await startDaemon({ config: serviceBlock('web', { port, proxy_protocol: 'v1', redirect: ['127.0.0.1', target.port] }) });
    const connection = await Connection.open({ port, from: '127.0.0.9' });
    connection.end('hello');
    expect(await connection.readToEnd()).toBe(`PROXY TCP4 127.0.0.9 127.0.0.1 ${connection.localPort} ${port}\r\nhello`);
  });

  test('version 2 is read by superd itself, two in a row', async () => {
    const [outer, inner] = (await freePorts(2)) as [number, number];
    const target = await startTarget(echo);
    const daemon = await startDaemon({
      config:
        serviceBlock('outer', { port: outer, proxy_protocol: 'v2', redirect: ['127.0.0.1', inner] }) +
        serviceBlock('inner', { port: inner, proxy_from: '127.0.0.0/8', redirect: ['127.0.0.1', target.port] }),
    });
    expect(await ask({ port: outer, from: '127.0.0.9' }, 'hello')).toBe('hello');
    await daemon.waitForEntry(/^START: inner .*from=127\.0\.0\.9$/);
  });
});

describeWith({ superdOnly }, 'PROXY headers from a proxy', () => {
  const announce = (address: string) =>
    makeProxyHeader('v2', { client: { address, port: 4711 }, server: { address: '192.0.2.1', port: 80 } });

  test('the client of the header passes the gate, is logged, and is in the server’s environment', async () => {
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('who', {
        port,
        proxy_from: '127.0.0.1',
        only_from: '192.0.2.0/24',
        server: '/bin/sh',
        server_args: ['-c', "'read line; echo $REMOTE_HOST $line'"],
      }),
    });
    const admitted = await Connection.open({ port });
    admitted.send(Buffer.concat([announce('192.0.2.7'), Buffer.from('hello\n')]));
    expect(await admitted.readToEnd()).toBe('192.0.2.7 hello\n');
    await daemon.waitForEntry(/^START: who .*from=192\.0\.2\.7$/);
    const refused = await Connection.open({ port });
    refused.send(announce('198.51.100.7'));
    expect(await refused.readToEnd()).toBe('');
    await daemon.waitForEntry(/^FAIL: who address from=198\.51\.100\.7$/);
  });

  test('a header may arrive slowly in many pieces, and superd reads not a byte more', async () => {
    const port = await freePort();
    const target = await startTarget(echo);
    await startDaemon({ config: serviceBlock('web', { port, proxy_from: '127.0.0.1', redirect: ['127.0.0.1', target.port] }) });
    const connection = await Connection.open({ port });
    connection.socket.setNoDelay(true);
    for (const byte of 'PROXY TCP6 2001:db8::7 ::1 1 2\r\n') {
      connection.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    connection.end('\r\nPROXY');
    expect(await connection.readToEnd()).toBe('\r\nPROXY');
  });

  test('a silent session is ended, also a redirected one', async () => {
    const [port, relayed] = (await freePorts(2)) as [number, number];
    const target = await startTarget(echo);
    const common = { proxy_from: '127.0.0.1', session_idle: '1s', log_format: 'json', log_on_success: ['EXIT', 'HOST'] };
    const daemon = await startDaemon({
      config:
        serviceBlock('served', { port, ...common, server: '/bin/cat' }) +
        serviceBlock('passed', { port: relayed, ...common, redirect: ['127.0.0.1', target.port] }),
    });
    for (const [id, to] of Object.entries({ served: port, passed: relayed })) {
      const idle = await Connection.open({ port: to });
      idle.send(announce('192.0.2.7'));
      await idle.waitForEnd();
      await daemon.waitForEntry(new RegExp(`"id":"${id}".*"address":"192.0.2.7".*"cause":"session_idle"`));
    }
  });

  test('silent connections to one service do not block another service', async () => {
    const [flooded, port] = (await freePorts(2)) as [number, number];
    const common = { proxy_from: '127.0.0.1', server: '/bin/echo', server_args: 'hello', cps: [0, 1], instances: 'UNLIMITED' };
    await startDaemon({ config: serviceBlock('flooded', { port: flooded, ...common }) + serviceBlock('other', { port, ...common }) });
    await Promise.all(Array.from({ length: 1100 }, () => Connection.open({ port: flooded })));
    const client = await Connection.open({ port });
    client.send(announce('192.0.2.7'));
    expect(await client.readToEnd()).toBe('hello\n');
  });

  test('a proxy may announce itself as the client', async () => {
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('greet', { port, proxy_from: '127.0.0.1', server: '/bin/echo', server_args: 'hello' }),
    });
    const connection = await Connection.open({ port });
    connection.send(Buffer.from(`${V2_SIGNATURE}\x20\0\0\0`, 'latin1'));
    expect(await connection.readToEnd()).toBe('hello\n');
    await daemon.waitForEntry(/^START: greet .*from=127\.0\.0\.1$/);
  });

  test.each([
    ['none', 'GET / HTTP/1.0\r\n\r\n'],
    ['one that never ends', `PROXY UNKNOWN ${'x'.repeat(5000)}`],
    ['one that claims 64 KiB', Buffer.from(`${V2_SIGNATURE}\x21\x11\xff\xff`, 'latin1')],
  ])('a connection of a proxy with a wrong header is refused: %s', async (_name, bytes) => {
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('greet', { port, proxy_from: '127.0.0.1', server: '/bin/echo', server_args: 'hello' }),
    });
    const connection = await Connection.open({ port });
    connection.send(bytes);
    expect(await connection.readToEnd()).toBe('');
    await daemon.waitForEntry(/^FAIL: greet proxy from=127\.0\.0\.1$/);
  });

  test('a silent proxy is refused after a while, and others are served meanwhile', async () => {
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('greet', { port, proxy_from: '127.0.0.1', server: '/bin/echo', server_args: 'hello' }),
    });
    const silent = await Connection.open({ port });
    const connection = await Connection.open({ port });
    connection.send('PROXY UNKNOWN\r\n');
    expect(await connection.readToEnd()).toBe('hello\n');
    await silent.waitForEnd();
    await daemon.waitForEntry(/^FAIL: greet proxy/);
  });

  test('a header from any other address is ordinary data', async () => {
    const port = await freePort();
    const target = await startTarget(echo);
    const daemon = await startDaemon({
      config: serviceBlock('web', { port, proxy_from: '127.0.0.1', redirect: ['127.0.0.1', target.port] }),
    });
    const lie = 'PROXY TCP4 192.0.2.7 192.0.2.1 40112 80\r\n';
    expect(await ask({ port, from: '127.0.0.2' }, lie)).toBe(lie);
    await daemon.waitForEntry(/^START: web .*from=127\.0\.0\.2$/);
  });
});
