import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atEnd } from '../support/at-end.js';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

async function greeter(args: readonly string[]) {
  const port = await freePort();
  const daemon = await startDaemon({ args, config: serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' }) });
  expect(await ask({ port })).toBe('hello\n');
  return daemon;
}

describeWith({}, 'superd starts and serves', () => {
  test('where its pidfile cannot be written, with a warning', async () => {
    const pidfile = join(temporaryDirectory(), 'nowhere/superd.pid');
    const daemon = await greeter(['-pidfile', pidfile]);
    await daemon.waitForWords(/warning +without a pidfile: .*nowhere\/superd\.pid/);
  });
});

describeWith({ root: true }, 'superd starts and serves as root', () => {
  test('where the directory of its pidfile is missing below /run: superd creates it', async () => {
    const directory = `/run/superd-test-${process.pid}`;
    atEnd(() => rmSync(directory, { recursive: true, force: true }));
    const daemon = await greeter(['-pidfile', `${directory}/deep/superd.pid`]);
    expect(readFileSync(`${directory}/deep/superd.pid`, 'utf8')).toBe(`${daemon.pid}\n`);
    await daemon.stop();
    expect(existsSync(`${directory}/deep/superd.pid`)).toBe(false);
  });

  test('with a raw socket and the default flags, as xinetd does', async () => {
    const [port, other] = await freePorts(2);
    const daemon = await startDaemon({
      config:
        serviceBlock('raw', { socket_type: 'raw', protocol: 'icmp', wait: 'yes', bind: null, port: other!, server: '/bin/true' }) +
        serviceBlock('greet', { port: port!, server: '/bin/echo', server_args: 'hello' }),
    });
    expect(await ask({ port: port! })).toBe('hello\n');
    expect(daemon.words).toMatch(/^\S+ +raw +listen /m);
  });

  test('with options of xinetd that have odd values', async () => {
    await greeter(['-syslog', 'LOCAL3', '-limit', '-1']);
    await greeter(['-syslog', 'nonsense', '-limit', '99999999999']);
  });
});
