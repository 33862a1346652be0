import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ask, Connection, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { childrenOf, descriptorsOf, isSameProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const INTERCEPT = { wait: 'yes', flags: 'INTERCEPT' };

async function echoService(attributes: Attributes = {}) {
  const port = await freePort();
  const block = (more: Attributes) =>
    serviceBlock('echoing', { port, ...INTERCEPT, server: fixture('accept-and-echo.py'), ...attributes, ...more });
  const daemon = await startDaemon({ config: block({}) });
  const reload = (more: Attributes) => {
    writeFileSync(daemon.configFile, readFileSync(daemon.configFile, 'utf8').replace(/service echoing[\s\S]*$/, block(more)));
    daemon.signal('SIGHUP');
    return daemon.waitForWords(/Reconfigured:/);
  };
  return { port, daemon, reload };
}

/** Connects and reads the pid, which the server sends first. */
async function letIn(port: number, from = '127.0.0.1'): Promise<{ connection: Connection; pid: number }> {
  const connection = await Connection.open({ port, from });
  await connection.waitForText(/\n/);
  return { connection, pid: Number(connection.text) };
}

/** The TCP ports on which a process listens, without `except`. */
function listeningPorts(pid: number, except: number): number[] {
  const inodes = new Set([...descriptorsOf(pid).values()].flatMap((name) => /^socket:\[(\d+)\]$/.exec(name)?.[1] ?? []));
  const rows = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1));
  const fields = rows.map((row) => row.trim().split(/\s+/));
  return fields
    .filter((row) => row[3] === '0A' && inodes.has(row[9] as string))
    .map((row) => Number.parseInt((row[1] as string).split(':')[1] as string, 16))
    .filter((port) => port !== except);
}

describeWith({ programs: ['python3'], superdOnly: 'INTERCEPT of xinetd 2.3.15.3 serves no client' }, 'a listener with INTERCEPT', () => {
  test('passes each client of a server that accepts through the gate, and logs it', async () => {
    const { port, daemon } = await echoService({ only_from: '127.0.0.2 127.0.0.3' });
    const one = await letIn(port, '127.0.0.2');
    expect(await knock({ port, from: '127.0.0.1' })).toBe('closed');
    const two = await letIn(port, '127.0.0.3');
    expect(two.pid).toBe(one.pid);
    expect(childrenOf(daemon.pid).map(({ pid }) => pid)).toEqual([one.pid]);
    await daemon.waitForEntry(/^FAIL: echoing address from=127\.0\.0\.1$/);
    await daemon.waitForEntry(/^START: echoing pid=0 from=127\.0\.0\.2$/);
    await daemon.waitForEntry(new RegExp(`^START: echoing pid=${one.pid} from=<no address>$`));
    one.connection.end();
    await one.connection.waitForEnd();
    await daemon.waitForEntry(/^EXIT: echoing status=0 pid=0 duration=\d+\(sec\)$/);
  });

  test('passes on every byte, also after one side has ended', async () => {
    const { port } = await echoService();
    const { connection } = await letIn(port);
    const said = randomBytes(1 << 20);
    const greeting = connection.bytes.length;
    connection.end(said);
    await connection.waitForEnd();
    expect(connection.ending).toBe('end');
    expect(connection.bytes.subarray(greeting).equals(said)).toBe(true);
  });

  test('counts clients, not servers, for instances and per_source', async () => {
    const { port, daemon } = await echoService({ instances: 2, per_source: 1 });
    const { connection } = await letIn(port, '127.0.0.2');
    expect(await knock({ port, from: '127.0.0.2' })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: echoing per_source_limit from=127\.0\.0\.2$/);
    await letIn(port, '127.0.0.3');
    expect(await knock({ port, from: '127.0.0.4' })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: echoing service_limit from=127\.0\.0\.4$/);
    connection.end();
    await waitFor('a place to be free', async () => (await knock({ port, from: '127.0.0.4' })) !== 'closed');
  });

  test('ends clients by session_limit, and not the server', async () => {
    const { port } = await echoService({ session_limit: '1s' });
    // On a busy machine the limit may end the first clients before the server answers them.
    const served = () => waitFor('a client that the server answers', () => letIn(port).catch(() => null));
    const one = await served();
    await one.connection.waitForEnd();
    const two = await served();
    expect(two.pid).toBe(one.pid);
    await two.connection.waitForEnd();
  });

  test('ends a silent client by the idle_timeout of a new configuration, and not the server', async () => {
    const { port, reload } = await echoService();
    const before = await letIn(port);
    await reload({ idle_timeout: '300ms' });
    const { connection, pid } = await letIn(port);
    expect(pid).toBe(before.pid);
    await connection.waitForEnd();
    before.connection.send('still here\n');
    await before.connection.waitForText(/still here/);
  });

  test('starts no server for a refused client', async () => {
    const { port, daemon } = await echoService({ no_access: '127.0.0.1' });
    expect(await knock({ port })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: echoing address/);
    expect(childrenOf(daemon.pid)).toEqual([]);
  });

  test('keeps its server and its clients when only rules change, and ends the clients they exclude', async () => {
    const { port, daemon, reload } = await echoService();
    const [kept, excluded] = [await letIn(port, '127.0.0.2'), await letIn(port, '127.0.0.3')];
    await reload({ no_access: '127.0.0.3' });
    await excluded.connection.waitForEnd();
    kept.connection.send('still here\n');
    await kept.connection.waitForText(/still here/);
    expect((await letIn(port, '127.0.0.2')).pid).toBe(kept.pid);
    expect(childrenOf(daemon.pid).map(({ pid }) => pid)).toEqual([kept.pid]);
  });

  test('gets another server when the flag is removed', async () => {
    const { port, reload } = await echoService();
    const before = await letIn(port);
    await reload({ flags: 'REUSE' });
    await before.connection.waitForEnd();
    expect((await letIn(port)).pid).not.toBe(before.pid);
  });

  test('leaves no server behind', async () => {
    const { port, daemon } = await echoService();
    const { connection } = await letIn(port);
    const [server] = childrenOf(daemon.pid);
    daemon.signal('SIGTERM');
    await daemon.exited;
    await connection.waitForEnd();
    expect(isSameProcess(server!)).toBe(false);
  });
});

describeWith(
  { programs: ['gcc'], superdOnly: 'INTERCEPT of xinetd 2.3.15.3 serves no client' },
  'a server with INTERCEPT that ends',
  () => {
    test('is started again for the next client and for waiting clients', async () => {
      const port = await freePort();
      const server = { server: fixture('accept-some.c'), server_args: 1 };
      await startDaemon({ config: serviceBlock('one', { port, ...INTERCEPT, ...server, cps: [0, 1] }) });
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask({ port })));
      const parts = answers.map((answer) => answer.trim().split(' '));
      expect(new Set(parts.map(([pid]) => pid)).size).toBe(10);
      expect(new Set(parts.map(([, ...rest]) => rest.join(' ')))).toEqual(new Set(['1 blocking 0,1,2']));
    });

    test('or cannot be executed is retried once a second', async () => {
      const port = await freePort();
      const directory = temporaryDirectory();
      const program = `${directory}/soon`;
      writeFileSync(program, '#!/nowhere/at/all\n', { mode: 0o755 });
      const daemon = await startDaemon({ config: serviceBlock('soon', { port, ...INTERCEPT, server: program }) });
      const since = performance.now();
      const waiting = await Connection.open({ port });
      await daemon.waitForEntry(/^FAIL: soon exec/);
      writeFileSync(program, '#!/bin/sh\nexec "$@"\n'.replace('"$@"', `${fixture('accept-some.c')} 1`), { mode: 0o755 });
      await waiting.waitForText(/blocking/);
      const tries = daemon.entries().filter((entry) => entry.startsWith('FAIL')).length;
      expect(tries).toBeLessThanOrEqual(1.5 + (performance.now() - since) / 1_000);
    });
  },
);

describeWith(
  { root: true, programs: ['python3'], superdOnly: 'xinetd has no such socket' },
  'the private socket of a server with INTERCEPT',
  () => {
    test('accepts superd alone', async () => {
      const { port, daemon } = await echoService({ bind: '127.0.0.1', only_from: '127.0.0.2' });
      await letIn(port, '127.0.0.2');
      const [privatePort] = listeningPorts(daemon.pid, port);
      expect(privatePort).toBeGreaterThan(0);
      const stranger = connect({ host: '127.0.0.1', port: privatePort!, localAddress: '127.0.0.2' });
      let entered = false;
      stranger.on('connect', () => (entered = true)).on('error', () => {});
      await letIn(port, '127.0.0.2');
      await letIn(port, '127.0.0.2');
      expect(entered).toBe(false);
      stranger.destroy();
    });
  },
);
