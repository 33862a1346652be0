import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { DatagramClient, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const HELLO = 'hello\n';

/** A service that greets every client, and a second one that bans its clients: by default a sensor. */
async function twoServices(attributes: Attributes, defaults = '', state = temporaryDirectory()) {
  const [port, trap] = (await freePorts(2)) as [number, number];
  const greet = serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' });
  const config = defaults + greet + serviceBlock('trap', { port: trap, server: '/bin/echo', ...attributes });
  const daemon = await startDaemon({ config, args: ['--state', state] });
  return { port, trap, daemon, state };
}

describeWith({ superdOnly: 'an extension' }, 'a ban with enforce = shadow', () => {
  const attributes = { server_args: 'trap', no_access: '127.0.0.66', ban_after: ['2', 'in', '1h', 'for', '1h'] };

  test('is logged with what it would refuse, refuses no client, and ends when rules are enforced', async () => {
    const { port, trap, daemon } = await twoServices({ ...attributes, enforce: 'shadow' });
    for (let i = 0; i < 4; i++) expect(await knock({ port: trap, from: '127.0.0.66' })).toBe('trap\n');
    await waitFor('the last of them', () => daemon.entries().filter((line) => line.startsWith('SHADOW: trap')).length === 4);
    await daemon.waitForWords(/trap +shadow +127\.0\.0\.66:\d+ +banned/);
    expect(daemon.words).toMatch(/trap +would ban +127\.0\.0\.66 +for 1h +refusals/);
    expect(await knock({ port, from: '127.0.0.66' })).toBe(HELLO);
    expect((await superctl(daemon, ['explain', 'trap', '--from', '127.0.0.66'])).stdout).toMatch(/^banned +refuse +127\.0\.0\.66 until/m);
    expect((await superctl(daemon, ['bans', '--json'])).stdout).toBe('[]\n');
    writeFileSync(daemon.configFile, readFileSync(daemon.configFile, 'utf8').replace(/\tenforce = shadow\n|\tno_access = .*\n/g, ''));
    expect((await superctl(daemon, ['apply'])).code).toBe(0);
    expect(await knock({ port: trap, from: '127.0.0.66' })).toBe('trap\n');
  });
});

describeWith({ superdOnly: 'xinetd checks bans once a minute, and has no ban_after' }, 'a sensor', () => {
  test('bans every client that connects to it from all services, and no other client', async () => {
    const { port, trap, daemon } = await twoServices({ flags: 'SENSOR', deny_time: 5 });
    expect(await knock({ port, from: '127.0.0.66' })).toBe(HELLO);
    expect(await knock({ port: trap, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.2' })).toBe(HELLO);
    await daemon.waitForEntry(/^FAIL: trap address from=127\.0\.0\.66$/);
    await daemon.waitForEntry(/^FAIL: greet address from=127\.0\.0\.66$/);
    await daemon.waitForWords(/trap +banned +127\.0\.0\.66 +for 5m +sensor/);
  });

  test('without deny_time only refuses', async () => {
    const { port, trap } = await twoServices({ flags: 'SENSOR' });
    expect(await knock({ port: trap })).toBe('closed');
    expect(await knock({ port })).toBe(HELLO);
  });

  test('cannot hand its listener over: it looks at each client', async () => {
    const { port, trap } = await twoServices({ flags: 'SENSOR', deny_time: 'FOREVER', wait: 'yes' });
    expect(await knock({ port: trap, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.67' })).toBe(HELLO);
  });

  test('never bans a source of limit_exempt', async () => {
    const { port, trap } = await twoServices({ flags: 'SENSOR', deny_time: 5 }, 'defaults\n{\n\tban_exempt = 127.0.0.64/26\n}\n');
    for (const from of ['127.0.0.66', '127.0.0.2']) expect(await knock({ port: trap, from })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.66' })).toBe(HELLO);
    expect(await knock({ port, from: '127.0.0.2' })).toBe('closed');
  });

  test('of datagrams bans no sender: senders can be forged', async () => {
    const { port, trap, daemon } = await twoServices({ flags: 'SENSOR', deny_time: 5, socket_type: 'dgram', protocol: 'udp', wait: 'yes' });
    const client = await DatagramClient.open('127.0.0.66');
    for (let i = 0; i < 20; i++) await client.send('x', trap);
    await waitFor('all to be refused', () => daemon.entries().filter((line) => line.startsWith('FAIL: trap address')).length === 20);
    expect(await knock({ port, from: '127.0.0.66' })).toBe(HELLO);
  });

  test('has bans that outlive a restart, until their time is over', async () => {
    const first = await twoServices({ flags: 'SENSOR', deny_time: 5 });
    expect(await knock({ port: first.trap, from: '127.0.0.66' })).toBe('closed');
    await first.daemon.stop();
    const { sections } = JSON.parse(readFileSync(join(first.state, 'state.json'), 'utf8')) as { sections: { bans: object[] } };
    expect(sections.bans).toMatchObject([{ source: '127.0.0.66', cause: 'sensor', service: 'trap' }]);
    const second = await twoServices({ flags: 'SENSOR', deny_time: 5 }, '', first.state);
    expect(await knock({ port: second.port, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port: second.port, from: '127.0.0.2' })).toBe(HELLO);
  });
});

describeWith({ superdOnly: 'an extension' }, 'ban_after', () => {
  test('bans a client that is refused so often in that time', async () => {
    const { port, trap, daemon } = await twoServices({ only_from: '127.0.0.2', ban_after: ['5', 'in', '1m', 'for', '1h'] });
    for (let i = 0; i < 4; i++) expect(await knock({ port: trap, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.66' })).toBe(HELLO);
    expect(await knock({ port: trap, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.67' })).toBe(HELLO);
    await daemon.waitForWords(/trap +banned +127\.0\.0\.66 +for 60m|trap +banned +127\.0\.0\.66 +for 1h +refusals/);
  });

  test('counts only refusals that the client has caused', async () => {
    const { port, trap } = await twoServices({ instances: 0, ban_after: ['2', 'in', '1m', 'for', '1h'] });
    for (let i = 0; i < 6; i++) expect(await knock({ port: trap, from: '127.0.0.66' })).toBe('closed');
    expect(await knock({ port, from: '127.0.0.66' })).toBe(HELLO);
  });
});

describeWith({ superdOnly: 'xinetd has no superctl' }, 'an operator', () => {
  test('bans, lists and unbans', async () => {
    const { port, daemon } = await twoServices({});
    expect((await superctl(daemon, ['ban', '127.0.0.64/26', '--for', '1h', '--comment', 'knocks'])).code).toBe(0);
    expect([await knock({ port, from: '127.0.0.66' }), await knock({ port, from: '127.0.0.2' })]).toEqual(['closed', HELLO]);
    expect((await superctl(daemon, ['bans'])).stdout).toMatch(/127\.0\.0\.64\/26 +\S.* +1 +operator +knocks/);
    expect((await superctl(daemon, ['explain', 'greet', '--from', '127.0.0.66'])).stdout).toMatch(
      /banned +refuse +127\.0\.0\.64\/26 until/,
    );
    expect((await superctl(daemon, ['unban', '127.0.0.64/26'])).code).toBe(0);
    expect(await knock({ port, from: '127.0.0.66' })).toBe(HELLO);
    expect((await superctl(daemon, ['unban', '127.0.0.64/26'])).code).toBe(1);
    expect((await superctl(daemon, ['ban', 'nobody'])).code).toBe(100);
  });
});
