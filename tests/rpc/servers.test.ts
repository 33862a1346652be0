import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { needs, RpcWorld, SERVER } from './world.js';

const rpcd = (name: string, versions: string) =>
  serviceBlock(name, {
    type: 'RPC',
    rpc_version: versions,
    socket_type: 'dgram',
    bind: null,
    flags: 'IPv4',
    user: 'root',
    server: `/usr/sbin/rpc.${name}`,
  });

/** An entry of utmp(5): a user is logged in. */
function login(user: string): Buffer {
  const entry = Buffer.alloc(384);
  entry.writeInt16LE(7, 0);
  entry.writeInt32LE(process.pid, 4);
  entry.write('null', 8);
  entry.write('nu', 40);
  entry.write(user, 44);
  entry.writeInt32LE(1_700_000_000, 340);
  return entry;
}

describeWith(
  { ...needs, programs: [...needs.programs, 'rup', 'rusers', '/usr/sbin/rpc.rstatd', '/usr/sbin/rpc.rusersd'] },
  'RPC services',
  () => {
    test('are found by their clients: rstatd and rup, rusersd and rusers', async () => {
      const world = await RpcWorld.withRpcbind();
      writeFileSync(join(world.run, 'utmp'), login('alice'));
      await world.startDaemon({ config: rpcd('rstatd', '1-3') + rpcd('rusersd', '1-2') });
      const found = await world.waitForRegistrations('100001 1 udp', '100001 2 udp', '100001 3 udp', '100002 1 udp', '100002 2 udp');
      expect(new Set(found.map(({ program, address }) => `${program} ${address}`)).size).toBe(2);
      expect((await world.client.run('rup', [SERVER])).stdout).toMatch(/ up .*load /);
      expect((await world.client.run('rusers', ['-l', SERVER])).stdout).toMatch(/alice/);
      for (const version of ['1', '2', '3'])
        expect((await world.client.run('rpcinfo', ['-T', 'udp', SERVER, '100001', version])).stdout).toMatch(
          `program 100001 version ${version} ready`,
        );
    });
  },
);
