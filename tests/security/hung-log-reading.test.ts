import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask, Connection } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { Running, run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const needs = { root: true, programs: ['python3', 'umount'], superdOnly: 'xinetd has no control socket' };

/** More than superd has threads for files. */
const READERS = 90;
const AT_ONCE = 45;

async function request(daemon: Daemon, target: string): Promise<Connection> {
  const connection = await Connection.open({ path: daemon.controlSocket });
  connection.send(`GET /v1/${target} HTTP/1.1\r\nhost: superd\r\n\r\n`);
  return connection;
}

describeWith(needs, 'readers of a log on a file system that does not answer', () => {
  test('get an answer, and stop no other log', async () => {
    const directory = temporaryDirectory();
    const mount = join(directory, 'mount');
    mkdirSync(mount);
    const server = new Running(fixture('one-file-system.py'), [mount]);
    onTestFinished(async () => void (await run('umount', ['--lazy', mount])));
    await server.waitForLines(1);
    const [port, other] = (await freePorts(2)) as [number, number];
    const block = (name: string, of: number, path: string) =>
      serviceBlock(name, {
        port: of,
        server: '/bin/echo',
        server_args: 'hello',
        cps: '0 0',
        log_type: `FILE ${path}`,
        log_on_success: 'HOST',
      });
    const log = join(directory, 'other.log');
    const daemon = await startDaemon({ config: block('greet', port, join(mount, 'log')) + block('other', other, log) });
    server.signal('SIGSTOP');
    onTestFinished(() => server.signal('SIGCONT'));
    for (let done = 0; done < READERS; done += AT_ONCE) {
      const readers = await Promise.all(Array.from({ length: AT_ONCE }, () => request(daemon, 'logs?services=greet')));
      await (await request(daemon, 'list')).waitForText(/"greet"/);
      if (done > 0) await readers[0]!.readToEnd();
      for (const reader of readers) reader.close();
    }
    const lines = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length : 0);
    const before = lines();
    await waitFor(
      'lines of the other log',
      async () => {
        expect(await ask({ port: other })).toBe('hello\n');
        return lines() > before + 3;
      },
      { timeoutMs: 10_000 },
    );
  });
});
