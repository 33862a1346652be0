import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { rpcBlock, stream } from './blocks.js';
import { needs, RpcWorld } from './world.js';

const program = new URL('../../bin/superctl', import.meta.url).pathname;

describeWith(needs, 'doctor and RPC services', () => {
  test('reports an rpcbind that does not answer, and nothing about one that does', async () => {
    const world = await RpcWorld.withRpcbind();
    const file = join(temporaryDirectory(), 'superd.conf');
    writeFileSync(file, rpcBlock('tcp', '1', stream));
    const examine = () => world.here(program, '--socket', '/nonexistent', 'doctor', '--config', file);
    expect((await examine()).stdout).not.toContain('rpcbind');
    world.signalRpcbind('SIGSTOP');
    const { code, stdout } = await examine();
    world.signalRpcbind('SIGCONT');
    expect(code).toBe(1);
    expect(stdout).toMatch(/error: .* must be registered with rpcbind, but .*does not answer\n {2}fix: start or restart rpcbind/);
  });
});
