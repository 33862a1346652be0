import { expect, test } from 'vitest';
import { ask, superctl } from '../control/superctl.js';
import { Connection, DatagramClient, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { makeNetwork } from '../support/namespace.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';

const HELLO = 'hello\n';

async function greeter(attributes: Attributes) {
  const port = await freePort();
  const config = serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', cps: [0, 1], ...attributes });
  return { port, daemon: await startDaemon({ config }) };
}

describeWith({ superdOnly: 'limits per source are an extension' }, 'limits per source', () => {
  test('rate_per_source refuses a source that connects too often, and no other', async () => {
    const { port, daemon } = await greeter({ rate_per_source: ['2/h', 'burst', 5] });
    const answers: string[] = [];
    for (let i = 0; i < 12; i++) answers.push(await knock({ port, from: '127.0.0.66' }));
    expect(answers.filter((answer) => answer === HELLO).length).toBe(5);
    for (let i = 10; i < 14; i++) expect(await knock({ port, from: `127.0.0.${i}` })).toBe(HELLO);
    await daemon.waitForEntry(/^FAIL: greet rate from=127\.0\.0\.66$/);
  });

  test('cps per source never closes the service', async () => {
    const { port, daemon } = await greeter({ cps: [3, 60], cps_scope: 'source' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => knock({ port, from: '127.0.0.66' })));
    expect(answers.filter((answer) => answer === HELLO).length).toBe(3);
    expect(await knock({ port, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.2' })).toBe(HELLO);
    await daemon.waitForEntry(/^FAIL: greet connections per second from=127\.0\.0\.66$/);
  });

  test('per_source_prefix counts a network as one source, and limit_exempt excludes addresses from it', async () => {
    const { port, daemon } = await greeter({
      server: fixture('greet-then-hold.sh'),
      server_args: null,
      per_source_prefix: '24:3',
      limit_exempt: '127.0.0.99',
    });
    const held = await Promise.all([1, 2, 3].map((i) => Connection.open({ port, from: `127.0.0.${i}` })));
    for (const one of held) await one.waitForText(/^hello/);
    expect(await knock({ port, from: '127.0.0.4' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.99' })).toMatch(/^hello/);
    expect(await knock({ port, from: '127.0.1.4' })).toMatch(/^hello/);
    await daemon.waitForEntry(/^FAIL: greet prefix_limit from=127\.0\.0\.4$/);
  });
});

describeWith(
  { superdOnly: 'limits per source are an extension', root: true, networkNamespaces: true, programs: ['nc'] },
  'an attacker who rotates addresses in a /64',
  () => {
    test('is one source', async () => {
      const rotating = Array.from({ length: 8 }, (_, i) => `fd00:1::${(i * 4711).toString(16)}:5`);
      const { server, client } = makeNetwork({
        server: ['fd00:1::1/64', 'fd00:3::1/64'],
        client: [...rotating, 'fd00:3::9'].map((address) => `${address}/64`),
      });
      const port = await freePort();
      const config = serviceBlock('greet', {
        ...{ port, bind: 'fd00:1::1', server: '/bin/echo', server_args: 'hello', cps: [0, 1] },
        rate_per_source: ['1/h', 'burst', 3],
      });
      const daemon = await startDaemon({ config, namespace: server });
      const call = async (from: string) => (await client.run('nc', ['-6', '-d', '-s', from, 'fd00:1::1', String(port)])).stdout;
      const answers: string[] = [];
      for (const one of rotating) answers.push(await call(one));
      expect(answers.filter((answer) => answer === HELLO).length).toBe(3);
      expect(await call('fd00:3::9')).toBe(HELLO);
      await daemon.waitForEntry(/^FAIL: greet rate from=fd00:1::/);
    });
  },
);

describeWith({ superdOnly: 'an extension' }, 'enforce = shadow', () => {
  test('refuses no client, and logs which clients it would have refused', async () => {
    const { port, daemon } = await greeter({ enforce: 'shadow', only_from: '127.0.0.2', rate_per_source: ['2/h', 'burst', 2] });
    for (let i = 0; i < 3; i++) expect(await knock({ port, from: '127.0.0.2' })).toBe(HELLO);
    expect(await knock({ port, from: '127.0.0.66' })).toBe(HELLO);
    await daemon.waitForEntry(/^SHADOW: greet rate from=127\.0\.0\.2$/);
    await daemon.waitForEntry(/^SHADOW: greet address from=127\.0\.0\.66$/);
    expect(daemon.entries().filter((line) => line.startsWith('SHADOW')).length).toBe(2);
  });

  test('does not count a server that it would not have started for a datagram', async () => {
    const { port, daemon } = await greeter({
      ...{ socket_type: 'dgram', wait: 'yes', server: '/bin/sleep', server_args: '60' },
      ...{ enforce: 'shadow', no_access: '127.0.0.66', cps: null },
    });
    (await DatagramClient.open('127.0.0.66')).send('x', port);
    await daemon.waitForEntry(/^START: greet/);
    expect((await ask<object[]>(daemon, ['limits', 'greet']))[0]).toMatchObject({ limit: 'instances', now: 0 });
  });

  test('lets advise propose limits from the clients so far', async () => {
    const { port, daemon } = await greeter({ enforce: 'shadow', server: fixture('greet-then-hold.sh'), server_args: null, per_source: 1 });
    expect((await superctl(daemon, ['advise', 'greet'])).code).toBe(1);
    const held = await Promise.all([1, 2, 3].map(() => Connection.open({ port, from: '127.0.0.66' })));
    for (const one of held) await one.waitForText(/^hello/);
    await knock({ port, from: '127.0.0.2' });
    const { code, stdout } = await superctl(daemon, ['advise', 'greet']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/based on 4 connections of 2 sources/)]);
    expect(stdout).toMatch(/concurrent sessions +1 +3 +3 +3\n/);
    expect(stdout).toMatch(/^\tper_source = 5\n\trate_per_source = [1-5]\/m burst [1-5]\n$/m);
    expect(await ask<object[]>(daemon, ['advise', 'greet'])).toMatchObject([{ id: 'greet', recording: true, advice: { sources: 2 } }]);
    expect(stdout).not.toContain('127.0.0.66');
  });

  test('is needed by advise, which reports that enforce = on records nothing', async () => {
    const { port, daemon } = await greeter({});
    await knock({ port });
    expect((await superctl(daemon, ['advise', 'greet'])).stdout).toBe(
      'greet: nothing is recorded; `enforce = shadow` records without refusing\n',
    );
  });
});
