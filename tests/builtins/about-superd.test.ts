import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { ask, Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';

const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

const gone = { superdOnly: 'xinetd has not had them since 2.3.12' };

async function withMirror(name: string, more: Attributes = {}) {
  const [mirror, port] = (await freePorts(2)) as [number, number];
  const config =
    serviceBlock('mirror', { port: mirror, server: '/bin/cat' }) +
    serviceBlock(name, { type: 'INTERNAL UNLISTED', port, bind: null, ...more });
  const daemon = await startDaemon({ config });
  const client = await Connection.open({ port: mirror });
  client.send('here');
  await client.waitForText(/here/);
  // The server may answer before superd has its start record.
  await daemon.waitForEntry(/^START: mirror/);
  return { mirror, port, daemon, client };
}

describeWith(gone, 'the built-in services that list services and sessions', () => {
  test('services has a line for each service', async () => {
    const { mirror, port } = await withMirror('services');
    expect(await ask({ port })).toBe(`mirror tcp ${mirror}\nservices tcp ${port}\n`);
  });

  test('servers has a block for each session', async () => {
    const { port, client } = await withMirror('servers');
    const text = await ask({ port });
    expect(text).toMatch(
      /^mirror server\npid = [1-9]\d*\nstart_time = \w{3} \w{3} \d\d \d\d:\d\d:\d\d \d{4}\nConnection info:\n\tservice = mirror\n/,
    );
    expect(text).toContain(`\tremote_address = 127.0.0.1,${client.localPort}\n`);
  });

  test('xadmin answers commands that are abbreviated, split, batched or too long', async () => {
    const { mirror, port } = await withMirror('xadmin');
    const operator = await Connection.open({ port });
    await operator.waitForText(/^> $/);
    operator.send('sh r\r\nshow av');
    await operator.waitForText(/Running services:\nservice +run +retry attempts descriptor\nmirror +1 +0/);
    operator.send('ail\nhelp\nnonsense\n');
    await operator.waitForText(new RegExp(`mirror +${mirror} +127\\.0\\.0\\.1`));
    await operator.waitForText(/no such command/);
    operator.send(`${'x'.repeat(100_000)}\n`);
    await operator.waitForText(/too long/);
    operator.send('bye\n');
    expect(await operator.readToEnd()).toMatch(/> bye bye\n$/);
  });
});

describeWith(
  { ...gone, files: { there: outside !== undefined, called: 'an address beside the loopback' } },
  'access to services, servers and xadmin',
  () => {
    test('is for this machine only, unless the service has an only_from', async () => {
      const { port, daemon } = await withMirror('services');
      expect(await ask({ port, host: outside! })).toBe('');
      await daemon.waitForEntry(/^FAIL: services address from=/);
      const open = await withMirror('services', { only_from: '0.0.0.0/0' });
      expect(await ask({ port: open.port, host: outside! })).toMatch(/^mirror/);
    });
  },
);
