import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { UnitFacts } from '../../src/control/shared-schemas.js';
import { Connection, knock, ask as talk } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePorts } from '../support/ports.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';
import { ask, superctl } from './superctl.js';

async function twoServices() {
  const [greet, hold] = (await freePorts(2)) as [number, number];
  const daemon = await startDaemon({
    config:
      serviceBlock('greet', { port: greet, server: '/bin/echo', server_args: 'hello' }) +
      serviceBlock('hold', { port: hold, server: fixture('greet-then-hold.sh') }),
  });
  return { daemon, greet, hold };
}

describe('list and status', () => {
  test('list prints every service with its state, in the order of the configuration', async () => {
    const { daemon, greet } = await twoServices();
    await talk({ port: greet });
    const { code, stdout } = await superctl(daemon, ['list']);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^SERVICE +STATE/);
    expect(stdout.match(/^\w+/gm)).toEqual(['SERVICE', 'greet', 'hold']);
    await daemon.waitForEntry(/^EXIT: greet/);
    const units = await ask<UnitFacts[]>(daemon, ['list', 'greet']);
    expect(units).toMatchObject([
      { id: 'greet', state: 'listening', up: true, started: 1, sessions: 0, endpoint: `tcp 127.0.0.1:${greet}` },
    ]);
  });

  test('superctl alone, ls and ps are list', async () => {
    const { daemon } = await twoServices();
    for (const words of [[], ['ls'], ['ps']]) expect((await superctl(daemon, words)).stdout).toContain('greet');
  });

  test('status exits as LSB wants: 0, 3 when stopped, 4 when unknown', async () => {
    const { daemon } = await twoServices();
    expect((await superctl(daemon, ['status', 'greet'])).code).toBe(0);
    await superctl(daemon, ['stop', 'greet']);
    expect((await superctl(daemon, ['status', 'greet'])).code).toBe(3);
    const unknown = await superctl(daemon, ['status', 'greeet']);
    expect(unknown).toMatchObject({ code: 4, stdout: '' });
    expect(unknown.stderr).toContain('did you mean greet?');
  });

  test('an unknown verb exits with 100 and names the nearest verb', async () => {
    const { daemon } = await twoServices();
    const outcome = await superctl(daemon, ['statsu']);
    expect(outcome.code).toBe(100);
    expect(outcome.stderr).toContain('"status"');
  });

  test('without a superd, superctl says so and exits with 111', async () => {
    const { daemon } = await twoServices();
    await daemon.stop();
    const outcome = await superctl(daemon, ['list']);
    expect(outcome.code).toBe(111);
    expect(outcome.stderr).toMatch(/no superd answers at .*control\.sock/);
  });
});

describe('start, stop, restart', () => {
  test('stop closes the listener, ends its sessions and returns when they are gone; start opens it again', async () => {
    const { daemon, hold } = await twoServices();
    const client = await Connection.open({ port: hold });
    await client.waitForText(/hello/);
    const { code } = await superctl(daemon, ['stop', 'hold']);
    expect(code).toBe(0);
    expect((await ask<UnitFacts[]>(daemon, ['list', 'hold']))[0]).toMatchObject({
      state: 'stopped',
      sessions: 0,
      pids: [],
      stoppedByOperator: true,
    });
    await client.waitForEnd();
    expect(await knock({ port: hold })).toBe('refused');
    await superctl(daemon, ['start', 'hold']);
    expect(await knock({ port: hold })).toMatch(/hello/);
  });

  test('a stopped service stays stopped when superd reads the configuration again, and when it moves', async () => {
    const { daemon, hold } = await twoServices();
    await superctl(daemon, ['stop', 'hold']);
    daemon.signal('SIGHUP');
    await daemon.waitForWords(/Reconfigured: new=0 old=2/);
    expect(await knock({ port: hold })).toBe('refused');
    expect((await superctl(daemon, ['status', 'hold'])).code).toBe(3);
  });

  test('a stopped service stays stopped after a restart of superd', async () => {
    const { daemon, greet } = await twoServices();
    await superctl(daemon, ['stop', 'greet']);
    await daemon.stop();
    const next = await startDaemon({ config: readFileSync(daemon.configFile, 'utf8'), directory: daemon.directory });
    expect(await knock({ port: greet })).toBe('refused');
    expect((await superctl(next, ['start', 'greet'])).code).toBe(0);
    expect(await talk({ port: greet })).toBe('hello\n');
  });

  test('restart ends the sessions and keeps the listener open', async () => {
    const { daemon, hold } = await twoServices();
    const client = await Connection.open({ port: hold });
    await client.waitForText(/hello/);
    expect((await superctl(daemon, ['restart', 'hold'])).code).toBe(0);
    await client.waitForEnd();
    expect(await knock({ port: hold })).toMatch(/hello/);
  });

  test('a listener that cannot be opened makes its service failed, with the reason', async () => {
    const { daemon, greet } = await twoServices();
    await superctl(daemon, ['stop', 'greet']);
    const squatter = await startDaemon({ config: serviceBlock('squat', { port: greet, server: '/bin/true' }) });
    const outcome = await superctl(daemon, ['start', 'all']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/start greet: .*EADDRINUSE/);
    expect((await ask<UnitFacts[]>(daemon, ['list', 'greet']))[0]).toMatchObject({ state: 'failed', up: false });
    await squatter.stop();
    expect((await superctl(daemon, ['start', 'greet'])).code).toBe(0);
    expect(await talk({ port: greet })).toBe('hello\n');
  });

  test('targets are names, patterns and all; one that matches nothing fails the command before it does anything', async () => {
    const { daemon, greet } = await twoServices();
    const outcome = await superctl(daemon, ['stop', 'greet', 'nothing']);
    expect(outcome.code).toBe(100);
    expect(await talk({ port: greet })).toBe('hello\n');
    await superctl(daemon, ['stop', 'g*']);
    expect(await knock({ port: greet })).toBe('refused');
    await superctl(daemon, ['stop', 'all']);
    expect((await ask<UnitFacts[]>(daemon, ['list'])).map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  });

  test('drain refuses new clients and stops when the last client has left', async () => {
    const { daemon, hold } = await twoServices();
    const client = await Connection.open({ port: hold });
    await client.waitForText(/hello/);
    const drained = superctl(daemon, ['drain', 'hold']);
    await waitFor('the door to close', async () => (await ask<UnitFacts[]>(daemon, ['list', 'hold']))[0]?.state === 'draining');
    expect(await knock({ port: hold })).toBe('refused');
    expect(client.text).toMatch(/hello/);
    client.end();
    expect((await drained).code).toBe(0);
    expect((await superctl(daemon, ['status', 'hold'])).code).toBe(3);
  });

  test('shutdown returns when superd is gone', async () => {
    const { daemon } = await twoServices();
    expect((await superctl(daemon, ['shutdown'])).code).toBe(0);
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
  });
});

describe('enable and disable', () => {
  test('disable --now closes a service until enable opens it, whatever the file says', async () => {
    const [port, asleep] = (await freePorts(2)) as [number, number];
    const config =
      serviceBlock('awake', { port, server: '/bin/echo', server_args: 'hello' }) +
      serviceBlock('asleep', { port: asleep, server: '/bin/echo', server_args: 'hello', disable: 'yes' });
    const daemon = await startDaemon({ config });
    expect((await superctl(daemon, ['disable', 'awake'])).code).toBe(0);
    expect(await talk({ port })).toBe('hello\n');
    expect((await superctl(daemon, ['enable', '--now', 'asleep'])).code).toBe(0);
    expect(await talk({ port: asleep })).toBe('hello\n');
    expect(await knock({ port })).toBe('refused');
    await daemon.stop();
    const next = await startDaemon({ config, directory: daemon.directory });
    expect(await talk({ port: asleep })).toBe('hello\n');
    expect(await knock({ port })).toBe('refused');
    await superctl(next, ['disable', '--now', 'asleep']);
    await superctl(next, ['enable', '--now', 'awake']);
    expect((await ask<UnitFacts[]>(next, ['list'])).map(({ id }) => id)).toEqual(['awake']);
    expect((await superctl(next, ['enable', 'nobody'])).code).toBe(100);
  });

  test('list --all also prints disabled services, and what disabled them', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const config =
      serviceBlock('awake', { port, server: '/bin/echo' }) + serviceBlock('asleep', { port: other, server: '/bin/echo', disable: 'yes' });
    const daemon = await startDaemon({ config });
    await superctl(daemon, ['disable', '--now', 'awake']);
    const asleep = { id: 'asleep', state: 'disabled', by: 'configuration' };
    const awake = { id: 'awake', state: 'disabled', by: 'command', origin: '' };
    expect(await ask<object[]>(daemon, ['list', '--all'])).toMatchObject([awake, asleep]);
    expect(await ask<object[]>(daemon, ['list', '--all', 'asl*'])).toMatchObject([asleep]);
    expect(await ask<object[]>(daemon, ['list', '--all', '--state', 'listening'])).toEqual([]);
    expect(await ask<object[]>(daemon, ['list', '--state', 'disabled'])).toHaveLength(2);
    const unknown = await superctl(daemon, ['list', '--state', 'up']);
    expect(unknown).toMatchObject({ code: 100, stdout: '' });
    expect(unknown.stderr).toMatch(/unknown state "up"; known: listening, .*crash-looping.*, disabled/);
    expect(await ask<object[]>(daemon, ['list'])).toEqual([]);
    const { stdout } = await superctl(daemon, ['list', '-a']);
    expect(stdout).toMatch(/^awake +disabled .*disabled by an operator: superctl enable awake$/m);
    expect(stdout).toMatch(/^asleep +disabled .*disabled at .*:\d+$/m);
    expect((await superctl(daemon, ['list', '--all', 'nobody'])).code).toBe(100);
  });
});

describe('limits', () => {
  test('shows how near a service is to them, and which source is nearest', async () => {
    const { daemon, hold } = await twoServices();
    await Connection.open({ port: hold, from: '127.0.0.5' });
    await waitFor('the session', async () => (await ask<unknown[]>(daemon, ['sessions'])).length === 1);
    expect(await ask<object[]>(daemon, ['limits', 'hold'])).toMatchObject([
      { limit: 'instances', now: 1 },
      { limit: 'per_source', now: 1, source: '127.0.0.5' },
      { limit: 'cps', most: 50 },
    ]);
  });
});
