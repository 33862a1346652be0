import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask as control, superctl } from '../control/superctl.js';
import { ask, Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const root = new URL('../..', import.meta.url).pathname;
const own = { superdOnly: 'xinetd has no such command' };

/** `npm start -- PATH`. */
function start(path: string) {
  const child = spawn(process.execPath, [`${root}scripts/start.mjs`, path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGTERM'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return {
    said: () => said,
    waitFor: (pattern: RegExp) => waitFor(`${pattern}`, () => pattern.test(said), { evidence: () => said }),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

describeWith(own, 'superd -t', () => {
  test('checks the configuration and starts nothing', async () => {
    const file = join(temporaryDirectory(), 'superd.conf');
    const port = await freePort();
    writeFileSync(file, serviceBlock('greet', { port, server: '/bin/echo' }));
    const good = await run(`${root}bin/superd`, ['-t', '-f', file]);
    expect(good).toMatchObject({ code: 0, stdout: expect.stringMatching(/1 service accepted/) });
    writeFileSync(file, serviceBlock('greet', { port, server: '/no/such/program' }));
    const bad = await run(`${root}bin/superd`, ['-t', '-f', file]);
    expect(bad).toMatchObject({ code: 100, stdout: expect.stringMatching(/superd\.conf:\d+: error: server: /) });
  });
});

describeWith(own, 'npm start', () => {
  test('with a folder takes the superd.conf in it, and says so when there is none', async () => {
    const folder = temporaryDirectory();
    const without = await run(process.execPath, [`${root}scripts/start.mjs`, folder]);
    expect(without).toMatchObject({ code: 100, stderr: expect.stringMatching(/folder without a superd\.conf/) });
    mkdirSync(join(folder, 'example'));
    writeFileSync(join(folder, 'example', 'superd.conf'), '# Nothing in it.\n');
    const started = start(join(folder, 'example'));
    await started.waitFor(/superd: ready/);
    expect(started.said()).toContain('# Nothing in it.');
    await started.stop();
  });

  test('with a taken port names it, and the other services run', async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    server.listen(await freePort(), '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const file = join(temporaryDirectory(), 'superd.conf');
    writeFileSync(file, serviceBlock('late', { port, server: '/bin/echo' }));
    const started = start(file);
    await started.waitFor(new RegExp(`late .*bind 127\\.0\\.0\\.1.*${port}: address already in use`));
    await started.stop();
  });
});

describeWith(own, 'superctl apply --confirm', () => {
  test('ends at once when the files change nothing, also when only their lines have moved', async () => {
    const port = await freePort();
    const config = serviceBlock('greet', { port, server: '/bin/cat' });
    const daemon = await startDaemon({ config });
    const session = await Connection.open({ port });
    writeFileSync(daemon.configFile, `# A comment.\n\n${config}`);
    expect(await superctl(daemon, ['apply'])).toMatchObject({ code: 0 });
    writeFileSync(daemon.configFile, `\n# Another comment.\n\n${config}`);
    const unchanged = await superctl(daemon, ['apply', '--confirm', '600s']);
    expect(unchanged).toMatchObject({ code: 0, stderr: expect.stringMatching(/change nothing/) });
    session.send('still here\n');
    expect(await session.waitForText(/here/)).toBe('still here\n');
    writeFileSync(daemon.configFile, serviceBlock('greet', { port, server: '/bin/echo', server_args: 'changed' }));
    const rolledBack = await superctl(daemon, ['apply', '--confirm', '1s']);
    expect(rolledBack.code).toBe(1);
    session.send('and again\n');
    expect(await session.waitForText(/again/)).toContain('and again\n');
  });
});

describeWith(own, 'an RPC service without a port', () => {
  test('is listed with the port that the kernel has given it', async () => {
    const port = await freePort();
    const rpc = serviceBlock('sums', {
      type: 'RPC UNLISTED',
      rpc_number: 536870999,
      rpc_version: 1,
      server: '/bin/echo',
      server_args: 'sum',
    });
    const daemon = await startDaemon({ config: rpc + serviceBlock('other', { port, server: '/bin/cat' }) });
    const [facts] = await control<{ endpoint: string }[]>(daemon, ['list', 'sums']);
    const given = Number(/^tcp 127\.0\.0\.1:(\d+)$/.exec(facts!.endpoint)?.[1]);
    expect(given).toBeGreaterThan(0);
    expect(await ask({ port: given })).toBe('sum\n');
  });
});
