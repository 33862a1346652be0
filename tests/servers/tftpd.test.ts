import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { childrenOf } from '../support/processes.js';
import { describeWith, findProgram } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

describeWith({ root: true, programs: ['in.tftpd', 'tftp'] }, 'tftpd over UDP', () => {
  test('sends files to several clients, ends when idle, and is started again for the next client', async () => {
    const offered = temporaryDirectory();
    const image = Buffer.alloc(200_000, 'kernel');
    writeFileSync(join(offered, 'image'), image);
    chmodSync(join(offered, 'image'), 0o644);
    const port = await freePort();
    const daemon = await startDaemon({
      // It runs for a second after the last request.
      config: serviceBlock('tftp', {
        port,
        socket_type: 'dgram',
        server: findProgram('in.tftpd')!,
        server_args: ['--secure', '--timeout', 1, offered],
      }),
    });
    const here = temporaryDirectory();
    const fetch = async (name: string) => {
      const { code, stdout, stderr } = await run('tftp', ['-m', 'binary', '127.0.0.1', String(port), '-c', 'get', 'image', name], {
        cwd: here,
      });
      expect(`${code}${stdout}${stderr}`).toBe('0');
      return readFileSync(join(here, name));
    };
    const fetched = await Promise.all([fetch('one'), fetch('two')]);
    expect(fetched.every((one) => one.equals(image))).toBe(true);
    await waitFor('the server to end', () => childrenOf(daemon.pid).length === 0);
    expect((await fetch('three')).equals(image)).toBe(true);
    await daemon.waitForEntry(/^START: tftp pid=\d+ from=127\.0\.0\.1$/);
  });
});
