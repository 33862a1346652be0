import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection, DatagramClient } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';

const [EAGAIN, ENOMEM] = [11, 12];

/** A daemon for which clone(2) fails at will. */
async function startPoor(attributes: Attributes) {
  const directory = temporaryDirectory();
  const library = join(directory, 'fail-clone.so');
  const source = new URL('../fixtures/fail-clone.c', import.meta.url).pathname;
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  const file = join(directory, 'errno');
  const port = await freePort();
  const config = serviceBlock('poor', { port, server: '/bin/cat', cps: [0, 1], ...attributes });
  const dump = join(directory, 'dump');
  const prefix = ['env', `LD_PRELOAD=${library}`, `FAIL_CLONE=${file}`];
  const daemon = await startDaemon({ config, prefix, args: ['--dump', dump] });
  const want = (errno: number | null) => (errno === null ? rmSync(file) : writeFileSync(file, String(errno)));
  return { daemon, port, want, dump };
}

const sockets = (daemon: Daemon) => [...descriptorsOf(daemon.pid).values()].filter((one) => one.startsWith('socket:')).length;

describeWith({ programs: ['gcc', 'env'], superdOnly: 'the preloaded library fits superd' }, 'a machine without processes', () => {
  test('lets clients wait, reports it once, and serves them when it has processes again', async () => {
    const { daemon, port, want, dump } = await startPoor({});
    want(EAGAIN);
    const clients = await Promise.all(Array.from({ length: 20 }, () => Connection.open({ port })));
    for (const client of clients) client.end('data');
    await daemon.waitForWords(/fork failed: resource temporarily unavailable \(EAGAIN\); retrying every 5 seconds/i);
    daemon.signal('SIGUSR1');
    await daemon.waitForWords(/generated state dump/);
    const text = readFileSync(dump, 'utf8');
    expect(text).toMatch(/retry servers = [1-9]\d*$/m);
    expect(text).toMatch(/Retry table dump:\npoor server\nattempts = 1\nremote_address = 127\.0\.0\.1,\d+$/m);
    want(null);
    expect(await Promise.all(clients.map((client) => client.readToEnd()))).toEqual(clients.map(() => 'data'));
    expect(daemon.words.match(/fork failed/g)).toHaveLength(1);
    daemon.signal('SIGABRT');
    await daemon.waitForWords(/Consistency check passed/);
  });

  test('fails immediately with NORETRY, for any errno, and keeps no descriptor', async () => {
    const { daemon, port, want } = await startPoor({ flags: 'NORETRY' });
    const before = sockets(daemon);
    want(ENOMEM);
    for (let i = 0; i < 5; i++) expect(await ask({ port })).toBe('');
    await daemon.waitForEntry(/^FAIL: poor fork from=127\.0\.0\.1$/);
    await daemon.waitForWords(/clone: .*\(ENOMEM\)/);
    await waitFor('all to be closed', () => sockets(daemon) === before);
    want(null);
    expect(await ask({ port }, 'data')).toBe('data');
  });

  test('closes the waiting clients when superd ends', async () => {
    const { daemon, port, want } = await startPoor({});
    want(EAGAIN);
    const client = await Connection.open({ port });
    await daemon.waitForWords(/fork failed/);
    daemon.signal('SIGTERM');
    expect(await within('the daemon to end', daemon.exited)).toEqual({ code: 0, signal: null });
    await client.waitForEnd();
    expect(daemon.words).toMatch(/ended before there was a process for it/);
  });

  test('does not keep superd from ending on SIGQUIT', async () => {
    const { daemon, port, want } = await startPoor({});
    want(EAGAIN);
    await Connection.open({ port });
    await daemon.waitForWords(/fork failed/);
    daemon.signal('SIGQUIT');
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
  });

  test('keeps a datagram for the server that starts later', async () => {
    const { daemon, port, want } = await startPoor({ socket_type: 'dgram', server: fixture('answer-datagrams.c') });
    want(EAGAIN);
    const client = await DatagramClient.open();
    await client.send('hello', port);
    await daemon.waitForWords(/fork failed/);
    want(null);
    await client.waitForCount(1);
  });
});
