import { expect, test } from 'vitest';
import { ask as control } from '../control/superctl.js';
import { reload } from '../life/reloading.js';
import { knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { makeNetwork } from '../support/namespace.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

const further = { superdOnly: 'xinetd takes one address' };

describeWith(further, 'bind with several addresses', () => {
  test('listens on each of them and on no other, and a reload changes them one by one', async () => {
    const port = await freePort();
    const block = (...bind: string[]) => serviceBlock('greet', { port, bind, server: '/bin/echo', server_args: 'hello' });
    const daemon = await startDaemon({ config: block('127.0.0.2', '127.0.0.3') });
    const answers = () => Promise.all(['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'].map((host) => knock({ port, host })));
    expect(await answers()).toEqual(['refused', 'hello\n', 'hello\n', 'refused']);
    await reload(daemon, block('127.0.0.3', '127.0.0.4'));
    expect(await answers()).toEqual(['refused', 'refused', 'hello\n', 'hello\n']);
  });
});

describeWith({ ...further, root: true, programs: ['ip', 'nsenter', 'nc'] }, 'interface with the name of a device', () => {
  test('serves what arrives there, at any address, and waits for a device that is not there yet', async () => {
    const { server, client } = makeNetwork({ server: ['192.168.78.1/24'], client: ['192.168.78.2/24'] });
    const block = (name: string, port: number, device: string) =>
      serviceBlock(name, { port, bind: null, interface: device, server: '/bin/echo', server_args: name });
    const daemon = await startDaemon({ config: block('cable', 7001, 'eth0') + block('later', 7002, 'tap7'), namespace: server });
    expect((await client.run('nc', ['-N', '192.168.78.1', '7001'])).stdout).toBe('cable\n');
    expect((await server.run('nc', ['-N', '127.0.0.1', '7001'])).stdout).toBe('');
    const [cable] = await control<{ endpoint: string }[]>(daemon, ['list', 'cable']);
    expect(cable!.endpoint).toBe('tcp *%eth0:7001');
    await server.run('ip', ['link', 'add', 'tap7', 'type', 'veth', 'peer', 'name', 'tap8']);
    await waitFor('the service', async () => (await control<{ state: string }[]>(daemon, ['list', 'later']))[0]!.state === 'listening', {
      evidence: () => daemon.account(),
    });
  });
});
