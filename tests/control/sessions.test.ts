import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SessionFacts } from '../../src/control/shared-schemas.js';
import { Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { isSameProcess, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { ask, superctl } from './superctl.js';

async function holdDaemon(attributes = {}) {
  const port = await freePort();
  const daemon = await startDaemon({ config: serviceBlock('hold', { port, server: '/bin/cat', instances: 'UNLIMITED', ...attributes }) });
  const open = async (from?: string) => {
    const client = await Connection.open({ port, ...(from === undefined ? {} : { from }) });
    client.send('hello\n');
    await client.waitForText(/hello/);
    return client;
  };
  return { daemon, port, open };
}

describe('sessions', () => {
  test('shows the client, its age, bytes and round-trip time of the kernel, and memory of the server', async () => {
    const { daemon, open } = await holdDaemon();
    await open();
    // The kernel counts sent bytes when they are acknowledged.
    const session = await waitFor('its answer to count', async () => {
      const [one] = await ask<SessionFacts[]>(daemon, ['sessions']);
      return one?.sent === 6 ? one : null;
    });
    expect(session).toMatchObject({ service: 'hold', address: '127.0.0.1', state: 'established', received: 6, sent: 6 });
    expect(session.rttMicroseconds).toBeGreaterThan(0);
    expect(session.residentBytes).toBeGreaterThan(100_000);
    expect(readFileSync(`/proc/${session.pid}/comm`, 'latin1')).toBe('cat\n');
    expect((await superctl(daemon, ['sessions'])).stdout).toMatch(/^ID +SERVICE +FROM.*\n +\d+ +hold +127\.0\.0\.1:\d+/);
  });

  test('shows only those of a service, or of an address', async () => {
    const { daemon, open } = await holdDaemon();
    await open('127.0.0.2');
    await open('127.0.0.3');
    const found = await ask<SessionFacts[]>(daemon, ['sessions', '--from', '127.0.0.3', 'h*']);
    expect(found.map(({ address }) => address)).toEqual(['127.0.0.3']);
    expect((await superctl(daemon, ['sessions', 'nobody'])).code).toBe(100);
  });
});

describe('kick', () => {
  test('ends exactly one session at once', async () => {
    const { daemon, open } = await holdDaemon();
    const [one, two] = [await open(), await open()];
    const before = await ask<SessionFacts[]>(daemon, ['sessions']);
    const outcome = await superctl(daemon, ['kick', String(before[0]!.id)]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    await one.waitForEnd();
    await waitFor('its server to end', async () => (await ask<SessionFacts[]>(daemon, ['sessions'])).length === 1);
    expect((await ask<SessionFacts[]>(daemon, ['sessions'])).map(({ id }) => id)).toEqual([before[1]!.id]);
    two.send('still\n');
    await two.waitForText(/still/);
  });

  test('a number without a session, and a word, are errors', async () => {
    const { daemon } = await holdDaemon();
    expect(await superctl(daemon, ['kick', '77'])).toMatchObject({ code: 1, stderr: 'superctl: there is no session 77\n' });
    expect((await superctl(daemon, ['kick', 'hold'])).code).toBe(100);
    expect((await superctl(daemon, ['kick'])).code).toBe(100);
  });
});

describeWith({ root: true }, 'kick as root', () => {
  test('cuts the client off at once although its server ignores SIGTERM', async () => {
    const { daemon, port } = await holdDaemon({ server: fixture('stay-deaf.sh') });
    const client = await Connection.open({ port });
    const [session] = await waitFor('the session', async () => {
      const all = await ask<SessionFacts[]>(daemon, ['sessions']);
      return all.length === 1 && all[0]!.pid !== 0 && all;
    });
    const server = processFacts(session!.pid)!;
    const kicked = superctl(daemon, ['kick', String(session!.id)]);
    await client.waitForEnd();
    // superd kills it five seconds later.
    expect(isSameProcess(server)).toBe(true);
    await kicked;
  });
});

describeWith({ programs: ['ss'] }, '100 mixed sessions', () => {
  test('agree with ss, servers included', async () => {
    const [stream, dgram] = (await freePorts(2)) as [number, number];
    const path = `${temporaryDirectory()}/door`;
    const many = { instances: 'UNLIMITED', per_source: 'UNLIMITED', cps: '1000 1' };
    const daemon = await startDaemon({
      config:
        serviceBlock('stream', { port: stream, server: '/bin/cat', ...many }) +
        serviceBlock('unix', { protocol: 'unix', port: null, bind: path, server: '/bin/cat', ...many }) +
        serviceBlock('dgram', { socket_type: 'dgram', port: dgram, server: '/bin/sleep', server_args: 60, ...many }),
    });
    await Promise.all(Array.from({ length: 89 }, () => Connection.open({ port: stream })));
    await Promise.all(Array.from({ length: 10 }, () => Connection.open({ path })));
    const udp = createSocket('udp4');
    onTestFinished(() => void udp.close());
    udp.send('one', dgram, '127.0.0.1');
    const sessions = await waitFor('100 sessions with servers', async () => {
      const all = await ask<SessionFacts[]>(daemon, ['sessions']);
      return all.length === 100 && all.every(({ pid, state }) => pid !== 0 && state !== 'starting') && all;
    });
    const pids = (lines: string[]) => lines.map((line) => Number(/pid=(\d+)/.exec(line)?.[1])).sort((a, b) => a - b);
    const ours = (service: string) => sessions.filter((one) => one.service === service);
    const tcp = (await run('ss', ['-Htnp', 'sport', '=', `:${stream}`])).stdout.trim().split('\n');
    expect(tcp.map((line) => line.split(/\s+/)[4]).sort()).toEqual(
      ours('stream')
        .map(({ address, port }) => `${address}:${port}`)
        .sort(),
    );
    expect(pids(tcp)).toEqual(
      ours('stream')
        .map(({ pid }) => pid)
        .sort((a, b) => a - b),
    );
    const local = (await run('ss', ['-Hxp'])).stdout.split('\n').filter((line) => line.includes(` ${path} `) && line.includes('"cat"'));
    expect(pids(local)).toEqual(
      ours('unix')
        .map(({ pid }) => pid)
        .sort((a, b) => a - b),
    );
    const shared = (await run('ss', ['-Huanp', 'sport', '=', `:${dgram}`])).stdout;
    expect(ours('dgram').map(({ pid }) => shared.includes(`pid=${pid},`))).toEqual([true]);
  });
});
