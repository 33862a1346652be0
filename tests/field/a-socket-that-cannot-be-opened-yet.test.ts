import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { ask as control, superctl } from '../control/superctl.js';
import { reload } from '../life/reloading.js';
import { knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { makeNetwork } from '../support/namespace.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

const retried = { superdOnly: 'xinetd tries ten times at the start and gives up' };
const LATE = '192.168.77.9';

async function squatter(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  server.listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as { port: number }).port, server };
}

describeWith({ ...retried, root: true, programs: ['ip', 'nsenter', 'nc'] }, 'a service whose address is not there yet', () => {
  test('waits for it, at the start and after a reload, and is open within seconds', async () => {
    const { server } = makeNetwork({ server: ['192.168.77.1/24'], client: ['192.168.77.2/24'] });
    const block = (name: string, port: number, bind: string) => serviceBlock(name, { port, bind, server: '/bin/echo', server_args: name });
    const daemon = await startDaemon({ config: block('virtual', 7001, LATE), namespace: server });
    const said = await reload(daemon, block('virtual', 7001, LATE) + block('other', 7002, LATE) + block('here', 7003, '192.168.77.1'));
    expect(said).toMatch(/Reconfigured: new=1 /);
    const states = async () => (await control<{ state: string }[]>(daemon, ['list', 'virtual', 'other', 'here'])).map(({ state }) => state);
    expect((await states()).sort()).toEqual(['listening', 'waiting', 'waiting']);
    expect(daemon.words).not.toMatch(/stopped/);
    const doctor = await superctl(daemon, ['doctor']);
    expect(doctor.stdout).toMatch(new RegExp(`tcp ${LATE}:7001 of virtual: .*address`));
    await server.run('ip', ['address', 'add', `${LATE}/24`, 'dev', 'eth0']);
    for (const [port, name] of [
      [7001, 'virtual'],
      [7002, 'other'],
    ] as const)
      await waitFor(`the service ${name}`, async () => (await server.run('nc', ['-N', LATE, String(port)])).stdout === `${name}\n`, {
        evidence: () => daemon.account(),
      });
    expect(await states()).toEqual(['listening', 'listening', 'listening']);
  });
});

describeWith(retried, 'a service whose port is taken', () => {
  test('is open when the port is free, unless an operator stops it', async () => {
    const [first, second] = [await squatter(), await squatter()];
    const port = await freePort();
    const block = (name: string, at: number) => serviceBlock(name, { port: at, server: '/bin/echo', server_args: name });
    const daemon = await startDaemon({ config: block('here', port) + block('late', first.port) + block('never', second.port) });
    const late = await control<{ state: string; problem: string }[]>(daemon, ['list', 'late']);
    expect(late).toMatchObject([{ state: 'failed', problem: expect.stringMatching(/EADDRINUSE/) }]);
    expect(daemon.words.match(/late .*EADDRINUSE/g)).toHaveLength(1);
    expect(daemon.words).not.toMatch(/late +stopped/);
    expect(await superctl(daemon, ['stop', 'never'])).toMatchObject({ code: 0 });
    for (const { server } of [first, second]) {
      server.close();
      await once(server, 'close');
    }
    await waitFor('the service', async () => (await knock({ port: first.port })) === 'late\n', { evidence: () => daemon.account() });
    expect(await knock({ port: second.port })).toBe('refused');
    expect(await superctl(daemon, ['start', 'never'])).toMatchObject({ code: 0 });
    expect(await knock({ port: second.port })).toBe('never\n');
  });
});
