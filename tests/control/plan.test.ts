import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Result } from '../../src/control/protocol.js';
import type { SessionFacts } from '../../src/control/shared-schemas.js';
import { Connection } from '../support/client.js';
import type { Daemon } from '../support/daemon.js';
import { startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';
import { ask, superctl } from './superctl.js';

type Plan = Result<'plan'>;

const many = { instances: 'UNLIMITED', cps: '1000 1' };

async function daemonWith(config: (ports: readonly number[]) => string) {
  const ports = await freePorts(3);
  const daemon = await startDaemon({ config: config(ports) });
  const defaults = readFileSync(daemon.configFile, 'utf8').slice(0, -config(ports).length);
  return { daemon, ports, rewrite: (text: string) => writeFileSync(daemon.configFile, defaults + text) };
}

async function talking(port: number, from = '127.0.0.1'): Promise<Connection> {
  const client = await Connection.open({ port, from });
  await stillEchoes(client, 'hello');
  return client;
}

async function stillEchoes(client: Connection, word: string): Promise<void> {
  client.send(`${word}\n`);
  await client.waitForText(new RegExp(word));
}

describe('plan', () => {
  const two = ([a, b]: readonly number[]) =>
    serviceBlock('one', { port: a!, server: '/bin/cat' }) + serviceBlock('two', { port: b!, server: '/bin/cat' });

  test('shows what apply would keep, change in place, move, add and drop, and changes nothing', async () => {
    const { daemon, ports, rewrite } = await daemonWith(two);
    const [a, b, c] = ports as [number, number, number];
    expect((await ask<Plan>(daemon, ['plan'])).steps.map(({ action }) => action)).toEqual(['keep', 'keep']);
    rewrite(serviceBlock('one', { port: a, server: '/bin/cat', per_source: 3 }) + serviceBlock('new', { port: c, server: '/bin/cat' }));
    expect(await ask<Plan>(daemon, ['plan'])).toMatchObject({
      steps: [
        { id: 'one', action: 'change', changes: ['per_source'] },
        { id: 'new', action: 'add', endpoint: `tcp 127.0.0.1:${c}` },
        { id: 'two', action: 'drop' },
      ],
      lost: [],
    });
    rewrite(serviceBlock('one', { port: c, server: '/bin/cat' }));
    expect((await ask<Plan>(daemon, ['plan'])).steps[0]).toMatchObject({ id: 'one', action: 'move', changes: ['port'] });
    expect(await isOpen(b)).toBe(true);
  });

  test('prints errors, and nothing is applied', async () => {
    const { daemon, ports, rewrite } = await daemonWith(two);
    rewrite(serviceBlock('one', { port: ports[2]!, server: '/does/not/exist' }));
    const outcome = await superctl(daemon, ['plan']);
    expect(outcome.code).toBe(100);
    expect(outcome.stdout).toContain('/does/not/exist does not exist');
    expect((await superctl(daemon, ['check'])).code).toBe(100);
    expect((await superctl(daemon, ['apply'])).code).toBe(100);
    expect(await isOpen(ports[0]!)).toBe(true);
  });

  test('names the two of 30 live sessions that the new rules exclude; apply ends exactly those', async () => {
    const config = (rule: string | null) => (ports: readonly number[]) =>
      serviceBlock('echo', { port: ports[0]!, server: '/bin/cat', ...many, no_access: rule });
    const { daemon, ports, rewrite } = await daemonWith(config(null));
    const port = ports[0]!;
    const good = await Promise.all(Array.from({ length: 28 }, () => talking(port)));
    const bad = await Promise.all([talking(port, '127.0.0.9'), talking(port, '127.0.0.9')]);
    rewrite(config('127.0.0.9')(ports));
    const { lost } = await ask<Plan>(daemon, ['plan']);
    expect(lost.map(({ session }) => session.address)).toEqual(['127.0.0.9', '127.0.0.9']);
    expect((await superctl(daemon, ['plan'])).stdout).toContain('2 sessions would be lost');
    expect((await superctl(daemon, ['apply'])).code).toBe(0);
    for (const client of bad) await client.waitForEnd();
    await Promise.all(good.map((client) => stillEchoes(client, 'again')));
    await waitFor('the end of their servers', async () => (await ask<SessionFacts[]>(daemon, ['sessions'])).length <= 28);
    expect(await ask<SessionFacts[]>(daemon, ['sessions'])).toHaveLength(28);
  });
});

async function isOpen(port: number): Promise<boolean> {
  return (await Connection.open({ port }).catch(() => null)) !== null;
}

describe('apply --confirm', () => {
  const before = ([a, b]: readonly number[]) =>
    serviceBlock('stay', { port: a!, server: '/bin/cat', ...many }) + serviceBlock('old', { port: b!, server: '/bin/cat', ...many });
  const after = ([a, , c]: readonly number[]) =>
    serviceBlock('stay', { port: a!, server: '/bin/cat', ...many, no_access: '127.0.0.9' }) +
    serviceBlock('new', { port: c!, server: '/bin/cat', ...many });

  async function trial(seconds: string) {
    const world = await daemonWith(before);
    const [a, b] = world.ports as [number, number];
    const clients = [await talking(a), await talking(a, '127.0.0.9'), await talking(b)];
    world.rewrite(after(world.ports));
    const tool = startTool(world.daemon, ['apply', '--confirm', seconds]);
    await tool.said(/the new configuration is running/);
    return { ...world, clients, tool };
  }

  async function isBefore(daemon: Daemon, ports: readonly number[], clients: readonly Connection[]) {
    await waitFor(
      'the old configuration',
      async () => (await ask<{ id: string }[]>(daemon, ['list'])).map(({ id }) => id).join() === 'stay,old',
    );
    for (const client of clients) await stillEchoes(client, 'there');
    await expect(Connection.open({ port: ports[2]! })).rejects.toThrow('ECONNREFUSED');
    await talking(ports[1]!);
    const old = await ask<{ sessions: number }[]>(daemon, ['list', 'old']);
    expect(old[0]!.sessions).toBe(2);
  }

  test('killed before the confirmation: superd returns to the old configuration and loses no session', async () => {
    const { daemon, ports, clients, tool } = await trial('60s');
    for (const client of clients) await stillEchoes(client, 'meanwhile');
    await talking(ports[2]!);
    tool.child.kill('SIGKILL');
    await isBefore(daemon, ports, clients);
  });

  test('unconfirmed: superd returns to the old configuration in time, and superctl exits with 1', async () => {
    const { daemon, ports, clients, tool } = await trial('1s');
    expect(await tool.ended).toBe(1);
    await isBefore(daemon, ports, clients);
  });

  test('confirmed elsewhere: the new configuration stays, and only then sessions end', async () => {
    const { daemon, ports, clients, tool } = await trial('60s');
    expect((await superctl(daemon, ['confirm'])).code).toBe(0);
    expect(await tool.ended).toBe(0);
    await clients[1]!.waitForEnd();
    await clients[2]!.waitForEnd();
    await stillEchoes(clients[0]!, 'there');
    await talking(ports[2]!);
    expect((await superctl(daemon, ['confirm'])).code).toBe(1);
  });

  test('confirmed with yes: the new configuration stays', async () => {
    const { daemon, tool } = await trial('60s');
    tool.child.stdin.write('yes\n');
    expect(await tool.ended).toBe(0);
    expect((await ask<{ id: string }[]>(daemon, ['list'])).map(({ id }) => id)).toEqual(['stay', 'new']);
  });

  test('a reload by signal meanwhile keeps the new configuration', async () => {
    const { daemon, tool } = await trial('60s');
    daemon.signal('SIGHUP');
    expect(await tool.ended).toBe(0);
    expect((await ask<{ id: string }[]>(daemon, ['list'])).map(({ id }) => id)).toEqual(['stay', 'new']);
  });
});

function startTool(daemon: Daemon, args: readonly string[]) {
  const program = new URL('../../bin/superctl', import.meta.url).pathname;
  const child = spawn(program, ['--socket', daemon.controlSocket, ...args], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  return {
    child,
    ended,
    said: (pattern: RegExp) => waitFor(`${pattern} from superctl`, () => pattern.test(text), { evidence: () => text }),
  };
}
