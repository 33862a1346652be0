import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Top } from '../../src/control/verbs/top.js';
import { Connection } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';
import { waitFor } from '../support/wait-for.js';
import { ask, superctl } from './superctl.js';

const program = new URL('../../bin/superctl', import.meta.url).pathname;

async function twoServices() {
  const [hold, other] = (await freePorts(2)) as [number, number];
  const config = [
    serviceBlock('hold', { port: hold, server: '/bin/cat', instances: 'UNLIMITED', only_from: '127.0.0.1' }),
    serviceBlock('other', { port: other, server: '/bin/cat', instances: 'UNLIMITED' }),
  ].join('');
  const daemon = await startDaemon({ config });
  const open = async (port = hold) => {
    const client = await Connection.open({ port });
    client.send('hello\n');
    await client.waitForText(/hello/);
    return client;
  };
  return { daemon, hold, other, open };
}

function top(daemon: Daemon, size = { rows: 24, columns: 80 }): Terminal {
  return new Terminal(size, program, ['--socket', daemon.controlSocket, 'top']);
}

async function refused(port: number): Promise<void> {
  const client = await Connection.open({ port, from: '127.0.0.9' });
  await client.waitForEnd();
}

describe('one snapshot', () => {
  test('as JSON, and as text in a pipe', async () => {
    const { daemon, hold, open } = await twoServices();
    await open();
    await refused(hold);
    const snapshot = await waitFor('the refusal', async () => {
      const now = await ask<Top>(daemon, ['top']);
      return now.refusals['address'] === 1 && now;
    });
    expect(snapshot.accepted).toBe(2);
    expect(snapshot.services.map(({ unit, refusals }) => [unit.id, unit.sessions, refusals])).toEqual([
      ['hold', 1, { address: 1 }],
      ['other', 0, {}],
    ]);
    expect(snapshot.services[0]!.residentBytes).toBeGreaterThan(100_000);
    expect(snapshot.services[1]!.residentBytes).toBe(null);
    expect(snapshot.superd.pid).toBe(daemon.pid);
    expect(snapshot.spawns.counts.reduce((sum, one) => sum + one, 0)).toBe(1);
    for (const args of [['top'], ['top', '--once']]) {
      const { stdout, code } = await superctl(daemon, args);
      expect(code).toBe(0);
      expect(stdout).not.toContain('\x1b');
      expect(stdout).toMatch(/^superd \S+ {2}up .* 2 services {3}1 session\n/);
      expect(stdout).toMatch(/\nrefused: address 1\n\nSERVICE +STATE +SESSIONS/);
    }
  });

  test('without a superd, fails as every verb does', async () => {
    const { daemon } = await twoServices();
    await daemon.stop();
    expect(await superctl(daemon, ['top', '--once'])).toMatchObject({ code: 111, stderr: expect.stringContaining('no superd answers') });
  });
});

describeWith({ programs: ['python3'] }, 'on a terminal', () => {
  test('updates by itself, and q restores the terminal', async () => {
    const { daemon, hold, open } = await twoServices();
    const terminal = top(daemon);
    await terminal.shows(/2 services {3}0 sessions[\s\S]*hold +listening +0/);
    await open();
    await refused(hold);
    await terminal.shows(/1 session\n[\s\S]*refused: address 1[\s\S]*hold +listening +1/);
    await terminal.shows(/loop delay p99 [≤>][\d.]+m?s/);
    expect(terminal.screen).toHaveLength(24);
    terminal.keys('q');
    expect(await terminal.halted()).toEqual({ what: 'ended', status: 0, restored: true });
    expect(terminal.output).toMatch(/^\x1b\[\?1049h\x1b\[\?25l/);
    expect(terminal.output.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
  });

  test('sorts, filters, shows help and the sessions of a service', async () => {
    const { daemon, other, open } = await twoServices();
    await open(other);
    const terminal = top(daemon);
    await terminal.shows(/SESSIONS▾[\s\S]*other[\s\S]*hold/);
    terminal.keys('r');
    await terminal.shows(/SESSIONS▴[\s\S]*hold[\s\S]*other/);
    terminal.keys('/oth');
    await terminal.shows(/\/oth_/);
    await waitFor('the filter', () => !terminal.screen.join('\n').includes('hold'));
    terminal.keys('\r\x1b');
    await terminal.shows(/hold[\s\S]*other/);
    terminal.keys('?');
    await terminal.shows(/kick a session/);
    terminal.keys(' \x1b[F\r');
    await terminal.shows(/ID +SERVICE +FROM[\s\S]*other +127\.0\.0\.1:\d+/);
  });

  test('stops a service only after a yes, and starts it again', async () => {
    const { daemon } = await twoServices();
    const terminal = top(daemon);
    await terminal.shows(/hold +listening/);
    terminal.keys('x');
    await terminal.shows(/stop hold\? y\/n/);
    terminal.keys('n');
    await waitFor('the question to be gone', () => !terminal.screen.join('\n').includes('y/n'));
    terminal.keys('xy');
    await terminal.shows(/hold +stopped[\s\S]*stop hold: done/);
    expect((await superctl(daemon, ['status', 'hold'])).code).toBe(3);
    terminal.keys('xy');
    await terminal.shows(/hold +listening[\s\S]*start hold: done/);
  });

  test('kicks one session and no other', async () => {
    const { daemon, open } = await twoServices();
    const [one, two] = [await open(), await open()];
    const terminal = top(daemon);
    terminal.keys('\t');
    await terminal.shows(/ID +SERVICE[\s\S]*hold +127[\s\S]*hold +127/);
    terminal.keys('ky');
    await terminal.shows(/kick \d+: done/);
    const ends = [one, two].map((client) => client.waitForEnd().then(() => client));
    expect(await Promise.race(ends)).toBe(one);
    two.send('still\n');
    await two.waitForText(/still/);
  });

  test('follows the size of the terminal, even a very small one', async () => {
    const { daemon } = await twoServices();
    const terminal = top(daemon);
    await terminal.shows(/hold/);
    for (const [rows, columns] of [
      [40, 132],
      [10, 40],
      [3, 12],
      [1, 1],
      [24, 80],
    ] as const) {
      terminal.resize(rows, columns);
      await waitFor(`${rows} lines`, () => terminal.screen.length === rows, { evidence: () => terminal.screen.join('\n') });
      expect(Math.max(...terminal.screen.map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    }
    await terminal.shows(/hold +listening/);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s restores the terminal', async (signal, status) => {
    const { daemon } = await twoServices();
    const terminal = top(daemon);
    await terminal.shows(/hold/);
    terminal.signal(signal);
    expect(await terminal.halted()).toEqual({ what: 'ended', status, restored: true });
    expect(terminal.output).toContain('\x1b[?25h\x1b[?1049l');
  });

  test('ends when the terminal disappears', async () => {
    const { daemon } = await twoServices();
    const terminal = top(daemon);
    await terminal.shows(/hold/);
    terminal.hangUp();
    expect(await terminal.halted()).toEqual({ what: 'ended', status: -constants.signals.SIGHUP, restored: null });
  });

  test('^C ends it; ^Z suspends it, and fg brings it back', async () => {
    const { daemon } = await twoServices();
    const terminal = top(daemon);
    await terminal.shows(/hold/);
    terminal.keys('\x1a');
    expect(await terminal.halted()).toMatchObject({ what: 'stopped', restored: true });
    expect(terminal.output.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
    const before = terminal.output.length;
    terminal.signal('SIGCONT');
    await waitFor('a new screen', () => /\x1b\[\?1049h[\s\S]*hold/.test(terminal.output.slice(before)));
    terminal.signal('SIGTSTP');
    expect(await terminal.halted(2)).toMatchObject({ what: 'stopped', restored: true });
    terminal.signal('SIGCONT');
    await waitFor('a new screen', () => (terminal.output.match(/\x1b\[\?1049h/g) ?? []).length === 3);
    terminal.keys('\x03');
    expect(await terminal.halted(3)).toEqual({ what: 'ended', status: 0, restored: true });
  });

  test('when superd ends, shows the problem and the last data, and asks again', async () => {
    const { daemon } = await twoServices();
    const terminal = top(daemon);
    await terminal.shows(/hold/);
    await daemon.stop();
    await terminal.shows(/hold[\s\S]*no superd answers at .*/);
    terminal.keys('q');
    expect(await terminal.halted()).toEqual({ what: 'ended', status: 0, restored: true });
  });

  test('a defect restores the terminal before its message', async () => {
    const { daemon } = await twoServices();
    const spoil = join(temporaryDirectory(), 'spoil.cjs');
    writeFileSync(spoil, "process.on('SIGUSR2', () => { throw new Error('spoilt'); });");
    const bundle = new URL('../../dist/superctl.cjs', import.meta.url).pathname;
    const args = ['--require', spoil, bundle, '--socket', daemon.controlSocket, 'top'];
    const terminal = new Terminal({ rows: 24, columns: 80 }, process.execPath, args);
    await terminal.shows(/hold/);
    terminal.signal('SIGUSR2');
    expect(await terminal.halted()).toMatchObject({ what: 'ended', restored: true });
    expect(terminal.output).toMatch(/\x1b\[\?25h\x1b\[\?1049l[\s\S]*spoilt/);
  });
});
