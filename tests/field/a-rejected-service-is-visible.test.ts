import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask as control, superctl } from '../control/superctl.js';
import { knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const visible = { superdOnly: 'xinetd listens and fails each request' };

function program(path: string, says: string): void {
  writeFileSync(path, `#!/bin/sh\necho ${says}\n`);
  chmodSync(path, 0o755);
}

/** Each cannot run, for a reason. */
const CASES = {
  'no-user': [{ user: 'no-such-user' }, /user: unknown user no-such-user/],
  'no-group': [{ group: 'no-such-group' }, /group: unknown group no-such-group/],
  'no-server': [{ server: '/no/such/program' }, /server: \/no\/such\/program does not exist/],
  'a-directory': [{ server: '/usr' }, /server: \/usr is a directory/],
  unreadable: [{ socket_type: 'strem' }, /socket_type: /],
} as const;

interface Facts {
  readonly id: string;
  readonly state: string;
  readonly up: boolean;
  readonly problem: string;
}

describeWith(visible, 'a service that cannot run', () => {
  test('is listed as rejected, with place and reason', async () => {
    const ports = await freePorts(1 + Object.keys(CASES).length);
    const blocks = Object.entries(CASES).map(([name, [attributes]], i) =>
      serviceBlock(name, { port: ports[i + 1]!, server: '/bin/cat', ...attributes }),
    );
    const daemon = await startDaemon({ config: serviceBlock('good', { port: ports[0]!, server: '/bin/cat' }) + blocks.join('') });
    const facts = await control<Facts[]>(daemon, ['list', '--state', 'rejected']);
    expect(facts.map(({ id }) => id)).toEqual(Object.keys(CASES));
    for (const { id, up, problem } of facts) {
      expect(up).toBe(false);
      expect(problem).toMatch(new RegExp(`^\\S*daemon\\.conf:\\d+: ${CASES[id as keyof typeof CASES][1].source}`));
    }
    const status = await superctl(daemon, ['status', 'no-user']);
    expect(status.code).toBe(3);
    expect(status.stdout).toMatch(/State: rejected/);
    expect(status.stdout).toMatch(/unknown user no-such-user/);
    const started = await superctl(daemon, ['start', 'no-server']);
    expect(started.code).toBe(1);
    expect(started.stderr).toMatch(/no-server is rejected: .*does not exist/);
    const explained = await superctl(daemon, ['explain', 'no-group', '--from', '192.0.2.7']);
    expect(explained).toMatchObject({ code: 1, stderr: expect.stringMatching(/no-group is rejected: .*no-such-group/) });
    expect((await superctl(daemon, ['cat', 'unreadable'])).stdout).toContain('socket_type = strem');
  });
});

describeWith(visible, 'a rejected service', () => {
  test('runs as soon as its program is there', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const directory = join(temporaryDirectory(), 'late');
    const path = join(directory, 'server');
    const daemon = await startDaemon({
      config: serviceBlock('good', { port: other, server: '/bin/cat' }) + serviceBlock('ftp', { port, server: path }),
    });
    expect(await knock({ port })).toBe('refused');
    mkdirSync(directory);
    program(path, 'hello');
    await waitFor('the service', async () => (await knock({ port })) === 'hello\n', { evidence: () => daemon.account() });
    expect(await control(daemon, ['list', 'ftp'])).toMatchObject([{ state: 'listening', problem: '' }]);
  });

  test('does not run with an edit that no reload has applied', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const path = join(temporaryDirectory(), 'server');
    const config = serviceBlock('good', { port: other, server: '/bin/echo', server_args: 'before' });
    const daemon = await startDaemon({ config: config + serviceBlock('ftp', { port, server: path }) });
    writeFileSync(daemon.configFile, config.replace('before', 'after') + serviceBlock('ftp', { port, server: path }));
    program(path, 'hello');
    daemon.signal('SIGHUP');
    await waitFor('the service', async () => (await knock({ port })) === 'hello\n', { evidence: () => daemon.account() });
    expect(await knock({ port: other })).toBe('after\n');
  });

  test('that an operator has stopped stays stopped when its program appears', async () => {
    const [port, third, other] = (await freePorts(3)) as [number, number, number];
    const path = join(temporaryDirectory(), 'server');
    const daemon = await startDaemon({
      config:
        serviceBlock('good', { port: other, server: '/bin/cat' }) +
        serviceBlock('ftp', { port, server: path }) +
        serviceBlock('web', { port: third, server: path }),
    });
    expect(await superctl(daemon, ['stop', 'ftp'])).toMatchObject({ code: 0 });
    program(path, 'hello');
    await waitFor('the other service', async () => (await knock({ port: third })) === 'hello\n', { evidence: () => daemon.account() });
    expect(await knock({ port })).toBe('refused');
    expect(await superctl(daemon, ['start', 'ftp'])).toMatchObject({ code: 0 });
    expect(await knock({ port })).toBe('hello\n');
  });

  test('that is a daemon starts when its program is there, and keeps running when the program goes', async () => {
    const [other] = (await freePorts(1)) as [number];
    const path = join(temporaryDirectory(), 'daemon');
    const block = `service worker\n{\n\tactivation = boot\n\tserver = ${path}\n\tuser = root\n}\n`;
    const daemon = await startDaemon({ config: serviceBlock('good', { port: other, server: '/bin/cat' }) + block });
    writeFileSync(path, '#!/bin/sh\nexec sleep 1000\n');
    chmodSync(path, 0o755);
    const state = async () => (await control<{ state: string }[]>(daemon, ['list', 'worker']))[0]!.state;
    await waitFor('the daemon', async () => (await state()) === 'running', { evidence: () => daemon.account() });
    rmSync(path);
    daemon.signal('SIGHUP');
    await daemon.waitForWords(/last good settings: worker/);
    expect(await state()).toBe('running');
  });
});

describeWith({ ...visible, root: true, programs: ['unshare'] }, 'a service of a missing user', () => {
  test('runs as soon as the account is there', async () => {
    const [port, other] = (await freePorts(2)) as [number, number];
    const passwd = join(temporaryDirectory(), 'passwd');
    writeFileSync(passwd, 'root:x:0:0::/:/bin/sh\n');
    const daemon = await startDaemon({
      config:
        serviceBlock('good', { port: other, server: '/bin/cat' }) +
        serviceBlock('ftp', { port, server: '/bin/echo', server_args: 'hello', user: 'latecomer' }),
      prefix: withMounts({ '/etc/passwd': passwd }),
    });
    expect(await knock({ port })).toBe('refused');
    writeFileSync(passwd, 'root:x:0:0::/:/bin/sh\nlatecomer:x:4242:4242::/:/bin/sh\n');
    await waitFor('the service', async () => (await knock({ port })) === 'hello\n', { evidence: () => daemon.account() });
  });
});
