import { spawn } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Connection, ask as talk } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePorts } from '../support/ports.js';
import { residentBlock } from '../support/resident.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { ask, superctl } from './superctl.js';

async function world() {
  const [greet, hold] = (await freePorts(2)) as [number, number];
  const daemon = await startDaemon({
    config:
      serviceBlock('greet', { port: greet, server: '/bin/echo', server_args: 'hello', no_access: '127.0.0.9' }) +
      serviceBlock('hold', { port: hold, server: fixture('greet-then-hold.sh'), env: 'PASSWORD=hush-hush "NAME=two words" A=1' }) +
      serviceBlock('asleep', { port: 1, server: '/bin/echo', disable: 'yes' }),
  });
  return { daemon, greet, hold };
}

describe('cat and show', () => {
  test('cat prints the block as written, show every attribute and its place', async () => {
    const { daemon, hold } = await world();
    const block = (await superctl(daemon, ['cat', 'hold'])).stdout;
    expect(block).toContain(`# ${daemon.configFile}:`);
    expect(block).toContain(`\tport = ${hold}\n`);
    expect(block.trimEnd().endsWith('}')).toBe(true);
    const shown = (await superctl(daemon, ['show', 'hold'])).stdout;
    expect(shown).toMatch(new RegExp(`^hold: listening\n(.*\n)*  port +  *= ${hold}  # ${daemon.configFile}:\\d+\n`));
  });

  test('neither prints the value of an environment variable, in any form', async () => {
    const { daemon } = await world();
    for (const words of [
      ['cat', 'all'],
      ['show', 'all'],
      ['show', 'hold', '--json'],
      ['cat', 'hold', '--json'],
    ]) {
      const { stdout } = await superctl(daemon, words);
      expect(stdout).toContain('PASSWORD=***');
      expect(stdout).not.toMatch(/hush|two words|A=1/);
    }
  });

  test('show also prints disabled services', async () => {
    const { daemon } = await world();
    expect((await superctl(daemon, ['show', 'asleep'])).stdout).toMatch(/^asleep: disabled/);
  });
});

describe('logs and events', () => {
  test('logs prints the last lines of one service from its own log file', async () => {
    const { daemon, greet, hold } = await world();
    await talk({ port: greet });
    await Connection.open({ port: hold });
    await daemon.waitForEntry(/START: hold/);
    await daemon.waitForEntry(/EXIT: greet/);
    const lines = (await superctl(daemon, ['logs', 'greet'])).stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/^\S+ /, '').replace(/ .*/, ''))).toEqual(['START:', 'EXIT:']);
    expect((await superctl(daemon, ['logs', 'greet', '-n', '1', '--grep', 'START'])).stdout).toMatch(
      /^\S+ START: greet pid=\d+ from=127.0.0.1\n$/,
    );
    expect((await superctl(daemon, ['logs', 'greet', '--since', '1h'])).stdout.trimEnd().split('\n')).toHaveLength(2);
    expect((await superctl(daemon, ['logs', 'greet', '--since', '2099-01-01'])).stdout).toBe('');
  });

  test('logs prints the captured output of a resident daemon', async () => {
    const output = `${temporaryDirectory()}/speak.out`;
    const daemon = await startDaemon({
      config: residentBlock('speak', {
        server: '/bin/sh',
        server_args: '-c "echo first words; echo complaint; exec sleep 1000"',
        output,
      }),
    });
    await waitFor('its words', async () => {
      const { stdout } = await superctl(daemon, ['logs', 'speak']);
      return stdout.includes('first words') && stdout.includes('complaint');
    });
    expect((await superctl(daemon, ['logs', 'speak', '-n', '1'])).stdout).toMatch(/complaint\n$/);
    expect((await superctl(daemon, ['logs', 'speak', '--grep', 'first'])).stdout).not.toContain('complaint');
  });

  test('logs -f keeps printing new lines in the same form', async () => {
    const { daemon, greet } = await world();
    const tool = follow(daemon.controlSocket, ['logs', '-f', '-n', '0', 'greet']);
    await waitFor('a line of the log', async () => {
      await talk({ port: greet });
      return /^\S+ START: greet pid=\d+ from=127.0.0.1$/m.test(tool.text());
    });
  });

  test('events -f prints each event as it happens, with --json unchanged', async () => {
    const { daemon, greet } = await world();
    const people = follow(daemon.controlSocket, ['events', '-f', '-n', '0']);
    const programs = follow(daemon.controlSocket, ['events', '-f', '--json', '--type', 'session-refused']);
    await waitFor('the refusal', async () => {
      await Connection.open({ port: greet, from: '127.0.0.9' });
      return /greet +refused .*127\.0\.0\.9/.test(people.text()) && programs.text().includes('\n');
    });
    expect(JSON.parse(programs.text().split('\n')[0]!)).toMatchObject({
      type: 'session-refused',
      service: { id: 'greet' },
      reason: 'address',
    });
  });

  test('without -f, events prints past events and exits', async () => {
    const { daemon } = await world();
    expect((await superctl(daemon, ['events', '-n', '1'])).stdout).toMatch(/Started working: 2 available services\n$/);
  });
});

describe('kill', () => {
  test('sends the signal to the processes of the service', async () => {
    const { daemon, hold } = await world();
    const client = await Connection.open({ port: hold });
    await client.waitForText(/hello/);
    const { pids } = await ask<{ pids: number[] }>(daemon, ['kill', '-s', 'KILL', 'hold']);
    expect(pids).toHaveLength(1);
    await client.waitForEnd();
    await daemon.waitForEntry(/EXIT: hold signal=9/);
    expect((await superctl(daemon, ['kill', '-s', 'LOUDLY', 'hold'])).code).toBe(100);
  });
});

function follow(socket: string, args: readonly string[]) {
  const program = new URL('../../bin/superctl', import.meta.url).pathname;
  const child = spawn(program, ['--socket', socket, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { text: () => text };
}
