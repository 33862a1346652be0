import { execFileSync } from 'node:child_process';
import { existsSync, statSync, unlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';

/** superd trims its memory a second after it is ready. */
const SETTLED_MS = 1500;

async function greeting() {
  const port = await freePort();
  return { port, config: serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' }) };
}

describeWith({ root: true, programs: ['unshare'], superdOnly: 'xinetd does not use /proc' }, 'a machine without /proc', () => {
  test('does not keep superd from running', async () => {
    const { port, config } = await greeting();
    const hide = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', 'mount -t tmpfs none /proc; exec "$@"', 'sh'];
    const daemon = await startDaemon({ config, prefix: hide });
    const patience = new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    await Promise.race([daemon.exited, patience]);
    expect(await ask({ port })).toBe('hello\n');
    daemon.signal('SIGTERM');
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
  });
});

describeWith({ superdOnly: 'xinetd removes any file there' }, 'the end of the daemon', () => {
  test('does not wait for a FIFO at the place of the pidfile, and does not remove it', async () => {
    const { config } = await greeting();
    const daemon = await startDaemon({ config });
    expect(existsSync(daemon.pidFile)).toBe(true);
    unlinkSync(daemon.pidFile);
    execFileSync('mkfifo', [daemon.pidFile]);
    daemon.signal('SIGTERM');
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
    expect(statSync(daemon.pidFile).isFIFO()).toBe(true);
  });
});
