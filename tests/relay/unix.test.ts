import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { peerCredentials } from '../../src/os/socket.js';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { echo, startTarget } from './target.js';

const superdOnly = 'an extension of superd';

describeWith({ superdOnly }, 'redirect to unix sockets', () => {
  test('uses a path, and the next target when it is missing', async () => {
    const port = await freePort();
    const path = join(temporaryDirectory(), 'target');
    await startTarget(echo, { path });
    await startDaemon({ config: serviceBlock('web', { port, redirect: [`${path}.missing`, path] }) });
    expect(await ask({ port }, 'x'.repeat(100_000))).toBe('x'.repeat(100_000));
  });
});

/** As Node knows it. */
const descriptorOf = (socket: Socket) => (socket as unknown as { _handle: { fd: number } })._handle.fd;

describeWith({ superdOnly, root: true }, 'redirect to unix sockets as the user of the service', () => {
  const NOBODY = 65_534;

  test('shows the target that user, and leaves superd unchanged', async () => {
    const port = await freePort();
    const path = join(temporaryDirectory(), 'target');
    chmodSync(dirname(path), 0o755);
    await startTarget((socket) => void socket.end(JSON.stringify(peerCredentials(descriptorOf(socket)))), { path });
    chmodSync(path, 0o666);
    const daemon = await startDaemon({ config: serviceBlock('web', { port, user: 'nobody', redirect: path }) });
    const { gid } = JSON.parse(await ask({ port })) as { gid: number };
    expect(JSON.parse(await ask({ port }))).toEqual({ pid: daemon.pid, uid: NOBODY, gid });
    expect(gid).toBeGreaterThan(0);
    for (const task of readdirSync(`/proc/${daemon.pid}/task`)) {
      const path = `/proc/${daemon.pid}/task/${task}/status`;
      if (existsSync(path)) expect(readFileSync(path, 'latin1')).toMatch(/^Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0$/m);
    }
  });

  test('does not connect to a socket that the user may not write to', async () => {
    const port = await freePort();
    const path = join(temporaryDirectory(), 'target');
    chmodSync(dirname(path), 0o755);
    await startTarget((socket) => void socket.end('secret'), { path });
    chmodSync(path, 0o600);
    const daemon = await startDaemon({ config: serviceBlock('web', { port, user: 'nobody', redirect: path }) });
    expect(await ask({ port })).toBe('');
    await daemon.waitForWords(/permission denied \(EACCES\)/);
  });
});
