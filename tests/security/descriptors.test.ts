import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { echo, startTarget } from '../relay/target.js';
import { ask, Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { descriptorsOf, killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitUntilUp } from '../support/resident.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

describeWith({ programs: ['prlimit'], superdOnly: 'xinetd has a process for each client' }, 'a stranger who opens 900 connections', () => {
  test('to three redirect listeners: superd keeps descriptors for itself, says so once for each, and serves again', async () => {
    const ports = await freePorts(3);
    const target = await startTarget(echo);
    const redirect = (port: number, i: number) =>
      serviceBlock(`web${i}`, { port, redirect: ['127.0.0.1', target.port], instances: 'UNLIMITED', per_source: 'UNLIMITED', cps: [0, 1] });
    const neighbour = residentBlock('neighbour', { server: '/bin/sleep', server_args: '1000', memory_max: '1G', restart_delay: '0' });
    const daemon = await startDaemon({ config: ports.map(redirect).join('') + neighbour, prefix: ['prlimit', '--nofile=1024:1024'] });
    const up = await waitUntilUp(daemon, 'neighbour');
    // In the kernel's queue at once, so that each batch is as large as it can be.
    daemon.signal('SIGSTOP');
    const clients = await Promise.all(Array.from({ length: 900 }, (_, i) => Connection.open({ port: ports[i % 3]! })));
    daemon.signal('SIGCONT');
    for (const client of clients) client.send('here');
    await daemon.waitForWords(/web\d +paused.*no descriptors/);
    await waitFor('as many as possible to be served', () => clients.filter((one) => one.text === 'here').length > 350);
    expect(descriptorsOf(daemon.pid).size).toBeLessThanOrEqual(1024 - 32);

    killProcess(up);
    await waitUntilUp(daemon, 'neighbour', up);
    expect((await superctl(daemon, ['status', 'neighbour'])).code).toBe(0);
    expect(clients.filter((one) => one.ending !== null)).toEqual([]);

    for (const client of clients) client.end();
    expect(new Set(await Promise.all(clients.map((client) => client.readToEnd(120_000))))).toEqual(new Set(['here']));
    await Promise.all(ports.map(async (port) => expect(await ask({ port }, 'again')).toBe('again')));
    await waitFor('all to have resumed', () => (daemon.words.match(/resumed/g) ?? []).length >= 1);
    expect(daemon.words).not.toMatch(/internal error|EMFILE|cannot connect/);
    for (const i of [0, 1, 2]) expect((daemon.words.match(new RegExp(`web${i} +paused`, 'g')) ?? []).length).toBeLessThanOrEqual(3);
  });
});
