import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith, findProgram } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

const superdOnly = 'INTERCEPT of xinetd 2.3.15.3 serves no client';

/** A server that answers each request from another port (RFC 1350), behind superd. */
async function intercepted(only_from: string) {
  const offered = temporaryDirectory();
  const image = Buffer.alloc(200_000, 'kernel');
  writeFileSync(join(offered, 'image'), image);
  writeFileSync(join(offered, 'upload'), '');
  chmodSync(join(offered, 'image'), 0o644);
  chmodSync(join(offered, 'upload'), 0o666);
  chmodSync(offered, 0o755);
  const port = await freePort();
  const server = { server: findProgram('in.tftpd')!, server_args: ['--secure', '--timeout', 1, offered] };
  const daemon = await startDaemon({
    config: serviceBlock('tftp', { port, socket_type: 'dgram', flags: 'INTERCEPT', only_from, ...server }),
  });
  const here = temporaryDirectory();
  const tftp = async (...commands: readonly string[]) => {
    const { stdout, stderr } = await run('tftp', ['-m', 'binary', '127.0.0.1', String(port)], {
      cwd: here,
      input: `${commands.join('\n')}\nquit\n`,
      timeoutMs: 30_000,
    });
    return `${stdout}${stderr}`;
  };
  return { daemon, image, offered, here, tftp };
}

describeWith({ root: true, programs: ['in.tftpd', 'tftp'], superdOnly }, 'tftpd over UDP with INTERCEPT', () => {
  test('sends files to several clients at once, and to clients that use one port in turn', async () => {
    const { daemon, image, here, tftp } = await intercepted('127.0.0.1');
    await Promise.all([tftp('get image one', 'get image two'), tftp('get image three')]);
    for (const name of ['one', 'two', 'three']) expect(readFileSync(join(here, name)).equals(image)).toBe(true);
    await daemon.waitForEntry(/^START: tftp pid=0 from=127\.0\.0\.1$/);
  });

  test('receives files, and reports missing ones immediately', async () => {
    const { image, offered, here, tftp } = await intercepted('127.0.0.1');
    writeFileSync(join(here, 'mine'), image);
    expect(await tftp('get nothing', 'put mine upload', 'get nothing')).toMatch(/not found/i);
    expect(readFileSync(join(offered, 'upload')).equals(image)).toBe(true);
  });

  test('gets nothing from clients that the rules refuse', async () => {
    const { daemon, here, tftp } = await intercepted('127.0.0.2');
    const asking = tftp('timeout 2', 'get image');
    await daemon.waitForEntry(/^FAIL: tftp address from=127\.0\.0\.1$/);
    await asking;
    expect(existsSync(join(here, 'image')) && readFileSync(join(here, 'image')).length > 0).toBe(false);
    expect(daemon.entries().filter((line) => line.startsWith('START'))).toEqual([]);
  });
});
