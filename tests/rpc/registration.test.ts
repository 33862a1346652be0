import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { waitFor } from '../support/wait-for.js';
import { PROGRAM, rpcBlock, stream } from './blocks.js';
import { CLIENT, needs, portOf, RpcWorld, SERVER } from './world.js';

describeWith(needs, 'an RPC service', () => {
  test('is registered for each version, answers clients that ask rpcbind, and is unregistered when the daemon ends', async () => {
    const world = await RpcWorld.withRpcbind();
    const daemon = await world.startDaemon({ config: rpcBlock('udp', '2-4') + rpcBlock('tcp', '2', stream) });
    const program = PROGRAM;
    const found = await world.waitForRegistrations(`${program} 2 udp`, `${program} 3 udp`, `${program} 4 udp`, `${program} 2 tcp`);
    expect(new Set(found.filter(({ netId }) => netId === 'udp').map(portOf)).size).toBe(1);
    for (const [netId, version] of [
      ['udp', '3'],
      ['tcp', '2'],
    ] as const) {
      const { stdout } = await world.client.run('rpcinfo', ['-T', netId, SERVER, String(program), version]);
      expect(stdout).toContain(`program ${program} version ${version} ready`);
    }
    await daemon.stop();
    await world.waitForRegistrations();
  });

  test('has its listener handed over with wait = yes', async () => {
    const world = await RpcWorld.withRpcbind();
    const daemon = await world.startDaemon({ config: rpcBlock('tcp', '7', { ...stream, wait: 'yes' }) });
    await world.waitForRegistrations(`${PROGRAM} 7 tcp`);
    expect((await world.client.run('rpcinfo', ['-T', 'tcp', SERVER, String(PROGRAM), '7'])).stdout).toContain('version 7 ready');
    await daemon.waitForEntry(/^START: tcp /);
  });
});

describeWith({ ...needs, superdOnly: 'xinetd listens for one family' }, 'an RPC service', () => {
  test('on a socket for both families is registered for both', async () => {
    const world = await RpcWorld.withRpcbind();
    await world.startDaemon({
      config: rpcBlock('both', '1', { flags: null }) + rpcBlock('six', '1', { ...stream, flags: null, v6only: 'yes' }),
    });
    const found = await world.waitForRegistrations(`${PROGRAM} 1 udp`, `${PROGRAM} 1 udp6`, `${PROGRAM} 1 tcp6`);
    expect(new Set(found.filter(({ netId }) => netId.startsWith('udp')).map(portOf)).size).toBe(1);
    expect((await world.here('rpcinfo', '-T', 'udp6', '::1', String(PROGRAM), '1')).stdout).toContain('ready');
  });
});

describeWith({ ...needs, superdOnly: 'xinetd ignores port' }, 'an RPC service', () => {
  test('has the port of its attribute', async () => {
    const world = await RpcWorld.withRpcbind();
    const port = await freePort();
    const daemon = await world.startDaemon({ config: rpcBlock('pinned', '1', { port, bind: SERVER }) });
    const [found] = await world.waitForRegistrations(`${PROGRAM} 1 udp`);
    expect(found?.address).toBe(`${SERVER}.${port >> 8}.${port & 255}`);
    await daemon.waitForWords(/read-rpc-port|always has port/);
  });
});

describeWith(needs, 'a new configuration', () => {
  test('registers new versions on the same port, and unregisters removed ones', async () => {
    const world = await RpcWorld.withRpcbind();
    const daemon = await world.startDaemon({ config: rpcBlock('udp', '2-3') + rpcBlock('tcp', '2', stream) });
    const before = await world.waitForRegistrations(`${PROGRAM} 2 udp`, `${PROGRAM} 3 udp`, `${PROGRAM} 2 tcp`);
    writeFileSync(daemon.configFile, rpcBlock('udp', '3-5'));
    daemon.signal('SIGHUP');
    const after = await world.waitForRegistrations(`${PROGRAM} 3 udp`, `${PROGRAM} 4 udp`, `${PROGRAM} 5 udp`);
    const udp = before.find(({ netId }) => netId === 'udp')!;
    expect(new Set(after.map(portOf))).toEqual(new Set([portOf(udp)]));
  });
});

describeWith(
  { ...needs, superdOnly: 'xinetd does not look at rpcbind again, and unregisters the services of others' },
  'registrations',
  () => {
    test('are made again when rpcbind has been restarted', async () => {
      const world = await RpcWorld.withRpcbind();
      const daemon = await world.startDaemon({ config: rpcBlock('udp', '1-2') });
      const before = await world.waitForRegistrations(`${PROGRAM} 1 udp`, `${PROGRAM} 2 udp`);
      await world.endRpcbind();
      await daemon.waitForWords(/RPC services are not registered/);
      await world.startRpcbind();
      expect(await world.waitForRegistrations(`${PROGRAM} 1 udp`, `${PROGRAM} 2 udp`)).toEqual(before);
      await daemon.waitForWords(/rpcbind answers again/);
    });

    test('wait for a missing rpcbind, which is reported once', async () => {
      const world = new RpcWorld();
      const daemon = await world.startDaemon({ config: rpcBlock('udp', '1') });
      await daemon.waitForWords(/connect \/run\/rpcbind\.sock: no such file or directory \(ENOENT\): RPC services are not registered/);
      await world.startRpcbind();
      await world.waitForRegistrations(`${PROGRAM} 1 udp`);
      expect(daemon.words.match(/RPC services are not registered/g)).toHaveLength(1);
    });

    test('of a killed superd are replaced', async () => {
      const world = await RpcWorld.withRpcbind();
      const first = await world.startDaemon({ config: rpcBlock('udp', '1') + rpcBlock('tcp', '1', stream) });
      const left = await world.waitForRegistrations(`${PROGRAM} 1 udp`, `${PROGRAM} 1 tcp`);
      first.signal('SIGKILL');
      await first.exited;
      expect(await world.registrations()).toEqual(left);
      await world.startDaemon({ config: rpcBlock('udp', '1') + rpcBlock('tcp', '1', stream) });
      await waitFor('others in their place', async () => {
        const now = await world.registrations();
        return now.length === 2 && now.every(({ netId, address }) => left.every((old) => old.netId !== netId || old.address !== address));
      });
    });

    test('of another server that answers are not touched, and are replaced when it is gone', async () => {
      const world = await RpcWorld.withRpcbind();
      const first = await world.startDaemon({ config: rpcBlock('first', '1', stream) });
      const before = await world.waitForRegistrations(`${PROGRAM} 1 tcp`);
      const second = await world.startDaemon({ config: rpcBlock('second', '1', stream) });
      await second.waitForWords(
        /second: RPC program 200123 version 1 \(tcp\) is not registered: another server, at 0\.0\.0\.0\.\d+\.\d+, answers for it/,
      );
      expect(await world.registrations()).toEqual(before);
      await first.stop();
      second.signal('SIGHUP');
      expect(await world.waitForRegistrations(`${PROGRAM} 1 tcp`)).not.toEqual(before);
      await second.waitForWords(/is registered after all/);
    });

    test('of other versions and protocols, and later ones of other servers, stay when the service ends', async () => {
      const world = await RpcWorld.withRpcbind();
      const first = await world.startDaemon({ config: rpcBlock('first', '1-2') });
      await world.waitForRegistrations(`${PROGRAM} 1 udp`, `${PROGRAM} 2 udp`);
      await world.startDaemon({ config: rpcBlock('third', '3') + rpcBlock('tcp', '1', stream) });
      await world.waitForRegistrations(`${PROGRAM} 1 udp`, `${PROGRAM} 2 udp`, `${PROGRAM} 3 udp`, `${PROGRAM} 1 tcp`);
      expect((await world.here('rpcinfo', '-d', '-T', 'udp', String(PROGRAM), '2')).code).toBe(0);
      await world.startDaemon({ config: rpcBlock('second', '2') });
      const all = await world.waitForRegistrations(`${PROGRAM} 1 udp`, `${PROGRAM} 2 udp`, `${PROGRAM} 3 udp`, `${PROGRAM} 1 tcp`);
      await first.stop();
      const rest = await world.waitForRegistrations(`${PROGRAM} 2 udp`, `${PROGRAM} 3 udp`, `${PROGRAM} 1 tcp`);
      expect(all).toEqual(expect.arrayContaining(rest));
    });

    test('end while cps closes a service, and are made again', async () => {
      const world = await RpcWorld.withRpcbind();
      const daemon = await world.startDaemon({ config: rpcBlock('tcp', '1', { ...stream, cps: '1 5' }) });
      const [before] = await world.waitForRegistrations(`${PROGRAM} 1 tcp`);
      const gone = world.waitForRegistrations();
      world.client.start(fixture('knock.c'), [CLIENT, SERVER, String(portOf(before!)), '3']);
      await daemon.waitForWords(/paused/);
      await gone;
      await daemon.waitForWords(/resumed/);
      await world.waitForRegistrations(`${PROGRAM} 1 tcp`);
      expect((await world.client.run('rpcinfo', ['-T', 'tcp', SERVER, String(PROGRAM), '1'])).stdout).toContain('ready');
    });
  },
);
