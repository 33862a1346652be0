import { describe, expect, test } from 'vitest';
import { shared } from '../support/at-end.js';
import { Connection } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { superctl } from './superctl.js';

const program = new URL('../../bin/superctl', import.meta.url).pathname;

async function world() {
  const port = await freePort();
  const config = serviceBlock('a-service-with-a-name-that-is-rather-long', { port, server: fixture('ignore-term.sh') });
  return { port, daemon: await startDaemon({ config }) };
}

describeWith({ programs: ['script'] }, 'superctl on a terminal', () => {
  /** Runs a command on a new terminal of this width. */
  const onTerminal = (columns: number, command: string, env: Readonly<Record<string, string>> = {}) =>
    run('script', ['-qec', `stty cols ${columns} rows 24; ${command}`, '/dev/null'], { env: { TERM: 'xterm', NO_COLOR: '', ...env } });

  test('tables fit its width and have colours; NO_COLOR and a pipe have none', async () => {
    const { daemon } = await world();
    const list = `${program} --socket ${daemon.controlSocket} list`;
    for (const columns of [40, 80, 132]) {
      const { stdout } = await onTerminal(columns, list);
      expect(stdout).toContain('\x1b[32mlistening');
      for (const line of stdout.replace(/\x1b\[\d+m/g, '').split('\r\n')) expect([...line].length).toBeLessThanOrEqual(columns);
    }
    expect((await onTerminal(80, list, { NO_COLOR: '1' })).stdout).not.toContain('\x1b');
    const { stdout } = await superctl(daemon, ['list']);
    expect(stdout).not.toContain('\x1b');
    expect(stdout).toContain('a-service-with-a-name-that-is-rather-long');
  });

  describe('every command', () => {
    const service = 'a-service-with-a-name-that-is-rather-long';
    // Each daemon gets all of them, in an order in which each command finds what it needs.
    const commands: readonly (readonly [words: string, code: number])[] = [
      ['list', 0],
      ['list --json', 0],
      ['status', 0],
      ['status nobody', 4],
      ['show all', 0],
      ['cat all', 0],
      ['logs -n 5', 0],
      ['events -n 5', 0],
      ['limits', 0],
      ['sessions', 0],
      ['check', 0],
      ['plan', 0],
      ['apply', 0],
      ['explain all --from 127.0.0.1', 0],
      [`explain ${service} --from 127.0.0.1`, 0],
      [`advise ${service}`, 1],
      ['ban 192.0.2.1', 0],
      ['bans', 0],
      ['unban 192.0.2.1', 0],
      ['disable all', 0],
      ['enable all', 0],
      ['drain all', 0],
      ['start all', 0],
      ['restart all', 0],
      ['reload all', 0],
      ['kill all', 0],
      ['kick 4711', 1],
      [`scale ${service} 2`, 1],
      ['top --once', 0],
      ['tree', 0],
      ['run -- sleep 1000', 0],
      ['delete all', 0],
      ['stop all', 0],
      ['status', 3],
      ['version', 0],
      ['completion bash', 0],
      ['confirm', 1],
      ['shutdown', 0],
    ];
    const daemonOfPipe = shared(async () => (await world()).daemon);
    const daemonOfTerminal = shared(async () => (await world()).daemon);

    test.each(commands)('%s exits alike on a terminal and in a pipe', async (words, code) => {
      const command = (daemon: Daemon) => `${program} --socket ${daemon.controlSocket} ${words}`;
      const [inPipe, onTty] = await Promise.all([run('sh', ['-c', command(daemonOfPipe())]), onTerminal(80, command(daemonOfTerminal()))]);
      expect({ inPipe, onTty }).toMatchObject({ inPipe: { code }, onTty: { code } });
    });
  });

  test('shows progress while a command takes long, then removes the line; a pipe gets none', async () => {
    const { daemon, port } = await world();
    const client = await Connection.open({ port });
    await client.waitForText(/hello/);
    const { stdout } = await onTerminal(80, `${program} --socket ${daemon.controlSocket} stop all`);
    expect(stdout).toMatch(/\r\x1b\[Kstopping all … \ds/);
    expect(stdout.endsWith('\r\x1b[K')).toBe(true);
    await superctl(daemon, ['start', 'all']);
    expect(await superctl(daemon, ['stop', 'all'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});
