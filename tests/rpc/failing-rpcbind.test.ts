import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { withMounts } from '../support/mounts.js';
import { killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, storyOf, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';
import { PROGRAM, rpcBlock, stream } from './blocks.js';
import { needs, portOf, RpcWorld, SERVER } from './world.js';

const here = (name: string) => new URL(name, import.meta.url).pathname;
const only = { ...needs, superdOnly: 'xinetd blocks meanwhile' };

describeWith(only, 'an rpcbind that accepts calls and never answers', () => {
  test('delays neither the start, nor clients, nor the end for long', async () => {
    const world = await RpcWorld.withRpcbind();
    world.signalRpcbind('SIGSTOP');
    const daemon = await world.startDaemon({ config: rpcBlock('tcp', '1', stream) });
    await daemon.waitForWords(/rpcbind\.sock does not answer: RPC services are not registered/);
    expect(daemon.words).toMatch(/^superd: ready$[\s\S]*does not answer/m);
    world.signalRpcbind('SIGCONT');
    await world.waitForRegistrations(`${PROGRAM} 1 tcp`);
    world.signalRpcbind('SIGSTOP');
    daemon.signal('SIGTERM');
    expect(await within('the end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(daemon.words).toMatch(/left behind/);
    world.signalRpcbind('SIGCONT');
  });

  test('does not keep superd from ending without its daemons', async () => {
    const world = await RpcWorld.withRpcbind();
    const resident = residentBlock('sleeper', { server: '/bin/sleep', server_args: '1000' });
    const daemon = await world.startDaemon({ config: rpcBlock('tcp', '1', stream) + resident });
    const [service] = await world.waitForRegistrations(`${PROGRAM} 1 tcp`);
    const listener = `:${portOf(service!).toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`;
    const listens = async () => (await world.server.run('cat', ['/proc/net/tcp'])).stdout.includes(listener);
    expect(await listens()).toBe(true);
    const sleeper = await waitUntilUp(daemon, 'sleeper');
    onTestFinished(() => killProcess(sleeper));
    world.signalRpcbind('SIGSTOP');
    daemon.signal('SIGQUIT');
    await waitFor('the service to be closed', async () => !(await listens()));
    killProcess(sleeper);
    await within('the end', daemon.exited);
    expect(daemon.words).toMatch(/left behind/);
    expect(storyOf(daemon, 'sleeper').at(-1)).toBe(`running pid ${sleeper.pid}`);
    world.signalRpcbind('SIGCONT');
  });
});

describeWith(only, 'an rpcbind that answers nonsense', () => {
  const kinds = [
    'nothing-and-end',
    'other-call',
    'no-reply',
    'endless-list',
    'huge-record',
    'empty-fragments',
    'cut-off',
    'long-string',
    'noise',
    'slow-bytes',
  ];

  test.each(kinds)('is reported once and does not disturb: %s', async (kind) => {
    const world = new RpcWorld();
    const fake = world.server.start('env', [...world.mounts, process.execPath, here('bad-rpcbind.mjs'), kind]);
    await fake.waitForLines(1);
    const daemon = await world.startDaemon({ config: rpcBlock('tcp', '1', { ...stream, id: 'tcp' }) });
    await daemon.waitForWords(/RPC services are not registered/);
    expect(daemon.words).not.toMatch(/internal error/);
    expect(daemon.running).toBe(true);
    daemon.signal('SIGTERM');
    expect(await within('the end', daemon.exited)).toEqual({ code: 0, signal: null });
    expect(daemon.words.match(/RPC services are not registered/g)).toHaveLength(1);
  });
});

describeWith(only, 'an rpcbind without a unix socket', () => {
  test('is asked at port 111, from a privileged port', async () => {
    const world = await RpcWorld.withRpcbind();
    const prefix = withMounts({ '/run': temporaryDirectory() });
    const daemon = await world.startDaemon({ config: rpcBlock('udp', '1-2'), prefix });
    await world.waitForRegistrations(`${PROGRAM} 1 udp`, `${PROGRAM} 2 udp`);
    await daemon.stop();
    await world.waitForRegistrations();
  });

  test.each(['tcp', 'udp'])(
    'may be a portmapper of version 2, over %s, which gets back the registrations that it removes too many',
    async (protocol) => {
      const world = new RpcWorld();
      const portmapper = world.server.start('env', [...world.mounts, process.execPath, here('portmapper-2.mjs'), protocol]);
      await portmapper.waitForLines(1);
      const table = () => JSON.parse(portmapper.lines.at(-1)!) as string[];
      await world.startDaemon({ config: rpcBlock('tcp', '1', stream) });
      await waitFor('the first service', () => table().length === 1);
      const [sibling] = table();
      const daemon = await world.startDaemon({ config: rpcBlock('udp', '1-2') });
      await waitFor('the second', () => table().length === 3);
      await daemon.stop();
      await waitFor('what was there before', () => table().join() === sibling);
    },
  );
});

describeWith({ ...only, superdOnly: 'xinetd asks no access rules for RPC over tcp' }, 'access rules', () => {
  test.each([
    ['udp', {}],
    ['tcp', stream],
  ] as const)('hold for RPC services over %s', async (netId, more) => {
    const world = await RpcWorld.withRpcbind();
    const directory = temporaryDirectory();
    writeFileSync(`${directory}/allow`, 'answer-calls.py: 10.99.7.1\n');
    writeFileSync(`${directory}/deny`, 'ALL: ALL\n');
    const defaults = `defaults\n{\n\tlog_type = FILE ${directory}/log\n\tlog_on_failure = HOST\n\thosts_allow = ${directory}/allow\n\thosts_deny = ${directory}/deny\n}\n`;
    const daemon = await world.startDaemon({ config: defaults + rpcBlock('calls', '1', more) });
    await world.waitForRegistrations(`${PROGRAM} 1 ${netId}`);
    const ask = ['-T', netId, SERVER, String(PROGRAM), '1'];
    expect((await world.here('rpcinfo', ...ask)).stdout).toContain('ready');
    const refused = spawn('env', [...world.client.enter, 'rpcinfo', ...ask]);
    onTestFinished(() => void refused.kill('SIGKILL'));
    await daemon.waitForEntry(/^FAIL: calls libwrap from=10\.99\.7\.2$/, `${directory}/log`);
    expect((await world.here('rpcinfo', ...ask)).stdout).toContain('ready');
  });
});
