import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { makeNetwork, type Namespace } from '../support/namespace.js';
import { describeWith } from '../support/requirements.js';
import { environmentOf, reporter, type SelfReport } from '../support/self-report.js';
import { serviceBlock } from '../support/service-block.js';

const PORT = 7000;

async function isLetIn(client: Namespace, from: string, to: string): Promise<boolean> {
  const [answer] = await client.start(fixture('knock.c'), [from, to, String(PORT), '1']).waitForLines(1);
  return answer === 'in';
}

describeWith({ root: true, programs: ['gcc'], networkNamespaces: true, ipv6: true }, 'clients of other networks', () => {
  test('are distinguished by their IPv6 prefix', async () => {
    const { server, client } = makeNetwork({
      server: ['2001:db8:1::1/64', '2001:db8:2::1/64'],
      client: ['2001:db8:1::7/64', '2001:db8:1::8/64', '2001:db8:2::7/64'],
    });
    const rules = { only_from: '2001:db8:1::/64', no_access: '2001:db8:1::8' };
    const daemon = await startDaemon({
      config: serviceBlock('door', { port: PORT, bind: null, server: fixture('greet-then-hold.sh'), ...rules }),
      namespace: server,
    });
    expect(await isLetIn(client, '2001:db8:1::7', '2001:db8:1::1')).toBe(true);
    expect(await isLetIn(client, '2001:db8:1::8', '2001:db8:1::1')).toBe(false);
    expect(await isLetIn(client, '2001:db8:2::7', '2001:db8:2::1')).toBe(false);
    await daemon.waitForEntry(/^START: door pid=\d+ from=2001:db8:1::7$/);
    await daemon.waitForEntry(/^FAIL: door address from=2001:db8:2::7$/);
  });

  test('of both families pass the rules of their family on one socket', async () => {
    const { server, client } = makeNetwork({
      server: ['192.168.10.1/24', '2001:db8:1::1/64'],
      client: ['192.168.10.7/24', '192.168.10.8/24', '2001:db8:1::7/64', '2001:db8:1::8/64'],
    });
    await startDaemon({
      config: serviceBlock('door', {
        port: PORT,
        bind: null,
        server: fixture('greet-then-hold.sh'),
        only_from: ['192.168.10.7', '2001:db8:1::7'],
      }),
      namespace: server,
    });
    expect(await isLetIn(client, '192.168.10.7', '192.168.10.1')).toBe(true);
    expect(await isLetIn(client, '192.168.10.8', '192.168.10.1')).toBe(false);
    expect(await isLetIn(client, '2001:db8:1::7', '2001:db8:1::1')).toBe(true);
    expect(await isLetIn(client, '2001:db8:1::8', '2001:db8:1::1')).toBe(false);
  });

  test('of the same link are logged with the interface they came from', async () => {
    const { server, client } = makeNetwork({ server: ['fe80::1/64'], client: ['fe80::7/64'] });
    await startDaemon({ config: serviceBlock('self', { port: PORT, bind: null, server: reporter() }), namespace: server });
    const { stdout } = await client.run('nc', ['-s', 'fe80::7%eth0', 'fe80::1%eth0', String(PORT)]);
    expect(environmentOf(JSON.parse(stdout) as SelfReport).get('REMOTE_HOST')).toBe('fe80::7%eth0');
  });

  test('reach a service only at the address that it is bound to', async () => {
    const { server, client } = makeNetwork({ server: ['192.168.10.1/24', '192.168.10.2/24'], client: ['192.168.10.7/24'] });
    await startDaemon({
      config: serviceBlock('door', { port: PORT, bind: '192.168.10.2', server: fixture('greet-then-hold.sh') }),
      namespace: server,
    });
    expect(await isLetIn(client, '192.168.10.7', '192.168.10.2')).toBe(true);
    const [answer] = await client.start(fixture('knock.c'), ['192.168.10.7', '192.168.10.1', String(PORT), '1']).waitForLines(1);
    expect(answer).toBe('refused');
  });
});
