import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, knock } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { linesOf } from '../support/lines.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

async function logged(attributes: Attributes): Promise<{ port: number; daemon: Daemon }> {
  const port = await freePort();
  const daemon = await startDaemon({ config: serviceBlock('told', { port, server: fixture('end-as-told.sh'), ...attributes }) });
  return { port, daemon };
}

describeWith({}, 'the FILE log', () => {
  test('dates each line as yy/m/d@hh:mm:ss, local time', async () => {
    const port = await freePort();
    const config = serviceBlock('told', { port, server: fixture('end-as-told.sh') });
    const before = Date.now();
    const daemon = await startDaemon({ config, env: { TZ: 'TST-3' } });
    await ask({ port }, 'exit 0\n');
    await daemon.waitForEntry(/^EXIT/);
    for (const line of linesOf(daemon.serviceLog)) {
      const [, year, month, day, hour, minute, second] = /^(\d\d)\/([1-9]\d?)\/([1-9]\d?)@(\d\d):(\d\d):(\d\d): [A-Z]+: told/
        .exec(line)!
        .map(Number);
      const at = Date.UTC(2000 + year!, month! - 1, day!, hour! - 3, minute!, second!);
      expect(at).toBeGreaterThanOrEqual(before - 1_000);
      expect(at).toBeLessThanOrEqual(Date.now());
    }
  });

  test('has START and EXIT of a session, in that order, with the pid of the server', async () => {
    const { port, daemon } = await logged({});
    const pid = (await ask({ port }, 'echo $$; exit 0\n')).trim();
    await daemon.waitForEntry(/^EXIT/);
    expect(daemon.entries()).toEqual([
      `START: told pid=${pid} from=127.0.0.1`,
      expect.stringMatching(new RegExp(`^EXIT: told status=0 pid=${pid} duration=\\d+\\(sec\\)$`)),
    ]);
  });

  test('has the exit status', async () => {
    const { port, daemon } = await logged({});
    await ask({ port }, 'exit 3\n');
    await daemon.waitForEntry(/^EXIT: told status=3 pid=\d+ duration=\d+\(sec\)$/);
  });

  test('has the signal', async () => {
    const { port, daemon } = await logged({});
    await ask({ port }, 'kill -9 $$\n');
    await daemon.waitForEntry(/^EXIT: told signal=9 pid=\d+ duration=\d+\(sec\)$/);
  });

  test.each<[fields: string[], start: RegExp, exit: RegExp | null]>([
    [['PID'], /^START: told pid=\d+$/, null],
    [['HOST'], /^START: told from=127\.0\.0\.1$/, null],
    [['EXIT'], /^START: told$/, /^EXIT: told status=0$/],
    [['DURATION'], /^START: told$/, /^EXIT: told duration=\d+\(sec\)$/],
    [['PID', 'EXIT'], /^START: told pid=\d+$/, /^EXIT: told status=0 pid=\d+$/],
  ])('has the fields of log_on_success and no others: %j', async (fields, start, exit) => {
    const { port, daemon } = await logged({ log_on_success: fields });
    await ask({ port }, 'exit 0\n');
    await ask({ port }, 'exit 0\n');
    await daemon.waitForEntry(exit ?? start);
    for (const line of daemon.entries()) expect(line).toMatch(line.startsWith('START') || exit === null ? start : exit);
  });

  test('has a FAIL without the client unless log_on_failure has HOST', async () => {
    const { port, daemon } = await logged({ instances: 0, log_on_failure: 'ATTEMPT' });
    await knock({ port });
    await daemon.waitForEntry(/^FAIL: told service_limit$/);
  });

  test('has no line without log_on_success and log_on_failure', async () => {
    const [silent, loud] = [await freePort(), await freePort()];
    const server = { server: fixture('end-as-told.sh') };
    const daemon = await startDaemon({
      config:
        serviceBlock('silent', { port: silent, log_on_success: [], log_on_failure: [], ...server }) +
        serviceBlock('loud', { port: loud, ...server }),
    });
    await ask({ port: silent }, 'exit 0\n');
    await ask({ port: loud }, 'exit 0\n');
    await daemon.waitForEntry(/^EXIT: loud/);
    expect(daemon.entries().filter((line) => line.includes('silent'))).toEqual([]);
  });

  test('is a file for one service with log_type, and its lines have the id', async () => {
    const path = join(temporaryDirectory(), 'own.log');
    const { port, daemon } = await logged({ id: 'told-otherwise', log_type: ['FILE', path], 'log_on_success+=': [] });
    await ask({ port }, 'exit 0\n');
    await daemon.waitForEntry(/^START: told-otherwise pid=\d+ from=127\.0\.0\.1$/, path);
    expect(daemon.entries()).toEqual([]);
  });

  test('has <no address> for a listener that was handed over', async () => {
    const port = await freePort();
    const attributes = { port, wait: 'yes', server: fixture('accept-some.c'), server_args: 1 };
    const daemon = await startDaemon({ config: serviceBlock('handed', attributes) });
    await ask({ port });
    await daemon.waitForEntry(/^START: handed pid=\d+ from=<no address>$/);
    await daemon.waitForEntry(/^EXIT: handed status=0/);
  });
});
