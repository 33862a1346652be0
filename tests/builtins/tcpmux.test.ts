import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ask, Connection } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { childrenOf, descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { reporter, type SelfReport } from '../support/self-report.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

const behind = (name: string, more: Attributes) => serviceBlock(name, { type: 'TCPMUX UNLISTED', bind: null, ...more });

async function mux(services: string, more: Attributes = {}): Promise<{ readonly port: number; readonly daemon: Daemon }> {
  const port = await freePort();
  const daemon = await startDaemon({ config: serviceBlock('tcpmux', { type: 'INTERNAL UNLISTED', port, ...more }) + services });
  return { port, daemon };
}

const GREET = behind('greet', { server: '/bin/echo', server_args: '+hello' });
const MIRROR = behind('mirror', { type: 'TCPMUXPLUS UNLISTED', server: '/bin/cat' });

describeWith({}, 'tcpmux', () => {
  test('starts the requested service, whatever the case; a TCPMUX server sends + itself', async () => {
    const { port, daemon } = await mux(GREET);
    expect(await ask({ port }, 'greet\r\n')).toBe('+hello\n');
    expect(await ask({ port }, 'GrEEt\r\n')).toBe('+hello\n');
    await daemon.waitForEntry(/^START: tcpmux pid=\d+ from=127\.0\.0\.1$/);
    await daemon.waitForEntry(/^EXIT: tcpmux status=0 pid=\d+ duration=\d+\(sec\)$/);
  });

  test('sends + for a TCPMUXPLUS service', async () => {
    const { port } = await mux(MIRROR);
    const connection = await Connection.open({ port });
    connection.send('mirror\r\n');
    await connection.waitForText(/^\+Go\r\n/);
    connection.end('and on');
    // xinetd sends the NUL of its string as well.
    expect((await connection.readToEnd()).replace('\0', '')).toBe('+Go\r\nand on');
  });

  test('finds only tcpmux services, not those that superd listens for', async () => {
    const other = await freePort();
    const { port } = await mux(GREET + serviceBlock('secret', { port: other, server: '/bin/echo', server_args: 'secret' }));
    expect((await ask({ port }, 'secret\r\n')).replace('\0', '')).toBe('-Service name not found\r\n');
  });
});

describeWith({ superdOnly: 'xinetd reads once, and has no HELP' }, 'the name sent to tcpmux', () => {
  test('may arrive in pieces, and the bytes after it go to the service', async () => {
    const { port } = await mux(MIRROR);
    const connection = await Connection.open({ port });
    for (const piece of ['m', 'irro', 'r', '\r', '\n']) {
      const before = connection.socket.bytesWritten;
      connection.send(piece);
      await waitFor('it to leave', () => connection.socket.bytesWritten > before && connection.socket.writableLength === 0);
    }
    await connection.waitForText(/^\+Go\r\n/);
    connection.end();
    await connection.waitForEnd();
    const pipelined = await ask({ port }, `mirror\r\n${'x'.repeat(100_000)}`);
    expect(pipelined).toBe(`+Go\r\n${'x'.repeat(100_000)}`);
  });

  test('may end in a bare LF', async () => {
    const { port } = await mux(GREET);
    expect(await ask({ port }, 'greet\n')).toBe('+hello\n');
  });

  test('help lists the services', async () => {
    const { port } = await mux(GREET + MIRROR);
    expect(await ask({ port }, 'HELP\r\n')).toBe('greet\r\nmirror\r\n');
  });

  test('is refused when it is too long, has a NUL or is empty; one that never ends is dropped', async () => {
    const { port, daemon } = await mux(GREET);
    const before = descriptorsOf(daemon.pid).size;
    const long = await Connection.open({ port });
    long.send('x'.repeat(2 ** 20));
    await long.waitForEnd();
    expect(['', '-Service name too long\r\n']).toContain(long.text);
    expect(await ask({ port }, 'greet\0\r\n')).toBe('-Service name not found\r\n');
    expect(await ask({ port }, '\r\n')).toBe('-Service name not found\r\n');
    expect(await ask({ port }, 'greet')).toBe('');
    await waitFor('all to be gone', () => descriptorsOf(daemon.pid).size <= before);
    expect(await ask({ port }, 'greet\r\n')).toBe('+hello\n');
  });

  test('has a deadline of ten seconds, and at most 256 clients may be unnamed', async () => {
    // The first use of linger_answer opens a descriptor for good.
    const { port, daemon } = await mux(behind('greet', { server: '/bin/echo', server_args: '+hello', linger_answer: 0 }), { cps: [0, 1] });
    const before = descriptorsOf(daemon.pid).size;
    const silent = await Promise.all(Array.from({ length: 300 }, () => Connection.open({ port })));
    await waitFor('the oldest to go', () => silent.filter(({ ending }) => ending !== null).length === 300 - 256);
    expect(silent.slice(0, 44).every(({ ending }) => ending !== null)).toBe(true);
    expect(await ask({ port }, 'greet\r\n')).toBe('+hello\n');
    await waitFor('the others to go', () => silent.every(({ ending }) => ending !== null));
    for (const client of silent) client.close();
    await waitFor('their descriptors to go', () => descriptorsOf(daemon.pid).size <= before);
  });

  test('may be that of a built-in service', async () => {
    const { port } = await mux(serviceBlock('daytime', { type: 'INTERNAL TCPMUXPLUS UNLISTED', bind: null, user: null }));
    expect(await ask({ port }, 'daytime\r\n')).toMatch(/^\+Go\r\n\d\d [A-Z]{3} \d{4}/);
  });
});

describeWith({ superdOnly: 'xinetd asks only for addresses, and logs under the name of tcpmux alone' }, 'a service behind tcpmux', () => {
  test('has its own gate and its own log lines', async () => {
    const { port, daemon } = await mux(behind('mirror', { server: '/bin/cat', instances: 1, no_access: '127.0.0.9' }));
    const first = await Connection.open({ port });
    first.send('mirror\r\nhere');
    await first.waitForText(/here/);
    await daemon.waitForEntry(/^START: mirror pid=[1-9]\d* from=127\.0\.0\.1$/);
    expect(await ask({ port }, 'mirror\r\n')).toBe('-Service refused\r\n');
    await daemon.waitForEntry(/^FAIL: mirror service_limit from=127\.0\.0\.1$/);
    expect(await ask({ port, from: '127.0.0.9' }, 'mirror\r\n')).toBe('-Service refused\r\n');
    await daemon.waitForEntry(/^FAIL: mirror address from=127\.0\.0\.9$/);
    first.end();
    await daemon.waitForEntry(/^EXIT: mirror status=0/);
    await waitFor('three EXIT lines of tcpmux', () => daemon.entries().filter((line) => line.startsWith('EXIT: tcpmux')).length === 3);
    expect(await ask({ port }, 'mirror\r\nagain')).toBe('again');
  });

  test('counts among the instances of tcpmux while it runs', async () => {
    const { port, daemon } = await mux(MIRROR, { instances: 1 });
    const first = await Connection.open({ port });
    first.send('mirror\r\n');
    await first.waitForText(/Go/);
    expect(await ask({ port }, 'mirror\r\n')).toBe('');
    await daemon.waitForEntry(/^FAIL: tcpmux service_limit/);
    first.end();
    await waitFor('its end', () => childrenOf(daemon.pid).length === 0);
    await daemon.waitForEntry(/^EXIT: tcpmux/);
    expect(await ask({ port }, 'mirror\r\nme')).toBe('+Go\r\nme');
  });

  test('is paused by its own cps, and tcpmux is not', async () => {
    const { port } = await mux(GREET.replace('}\n', '\tcps = 2 60\n}\n') + MIRROR);
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask({ port }, 'greet\r\n')));
    expect(answers.sort()).toEqual(['+hello\n', '+hello\n', '-Service refused\r\n', '-Service refused\r\n']);
    expect(await ask({ port }, 'mirror\r\n')).toBe('+Go\r\n');
  });

  test('comes and goes with the configuration, and keeps its sessions', async () => {
    const { port, daemon } = await mux(GREET + MIRROR);
    const client = await Connection.open({ port });
    client.send('mirror\r\n');
    await client.waitForText(/Go/);
    const config = (services: string) => serviceBlock('tcpmux', { type: 'INTERNAL UNLISTED', port }) + services;
    writeFileSync(daemon.configFile, config(MIRROR + behind('other', { server: '/bin/echo', server_args: '+other' })));
    daemon.signal('SIGHUP');
    await daemon.waitForWords(/Reconfigured/);
    expect(await ask({ port }, 'greet\r\n')).toBe('-Service name not found\r\n');
    expect(await ask({ port }, 'other\r\n')).toBe('+other\n');
    client.send('still here');
    await client.waitForText(/still here/);
    writeFileSync(daemon.configFile, config(GREET));
    daemon.signal('SIGHUP');
    await client.waitForEnd();
    expect(await ask({ port }, 'greet\r\n')).toBe('+hello\n');
  });
});

describeWith({ root: true, programs: ['gcc'] }, 'the server of a service behind tcpmux', () => {
  test('runs as the service’s own user', async () => {
    const { port } = await mux(behind('self', { server: reporter(), user: 'nobody' }), { user: 'root' });
    const report = JSON.parse(await ask({ port }, 'self\r\n')) as SelfReport;
    expect(report.uids).toEqual([65534, 65534, 65534]);
    expect(report.gids).toEqual([65534, 65534, 65534]);
    expect(report.groups).toEqual([]);
  });
});
