import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask as control, superctl } from '../control/superctl.js';
import { reload } from '../life/reloading.js';
import { ask, Connection, knock } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

interface UnitFacts {
  readonly id: string;
  readonly state: string;
  readonly up: boolean;
  readonly problem: string;
}

const better = { superdOnly: 'xinetd closes a service with a mistake, and ends at one in defaults' };
const says = (name: string, port: number, attributes: Attributes = {}) =>
  serviceBlock(name, { port, server: '/bin/echo', server_args: name, ...attributes });

async function unit(daemon: Daemon, id: string): Promise<UnitFacts> {
  const [found] = await control<UnitFacts[]>(daemon, ['list', id]);
  return found!;
}

describeWith({}, 'an old mistake', () => {
  test('does not keep a reload from opening a new service and closing a disabled one', async () => {
    const [good, telnet, late] = (await freePorts(3)) as [number, number, number];
    const wrong = says('wrong', good + 1, { user: 'no-such-user', server: '/no/such/program' });
    const daemon = await startDaemon({ config: wrong + says('good', good) + says('telnet', telnet) });
    expect(await ask({ port: telnet })).toBe('telnet\n');
    await reload(daemon, wrong + says('good', good) + says('telnet', telnet, { disable: 'yes' }) + says('late', late));
    expect(await ask({ port: good })).toBe('good\n');
    expect(await knock({ port: telnet })).toBe('refused');
    expect(await ask({ port: late })).toBe('late\n');
  });
});

describeWith(better, 'a service whose block has become wrong', () => {
  test('keeps its last good settings and its clients, and everything else takes effect', async () => {
    const [ftp, telnet, late] = (await freePorts(3)) as [number, number, number];
    const hold = (attributes: Attributes) => says('ftp', ftp, { server: '/bin/cat', server_args: null, ...attributes });
    const daemon = await startDaemon({ config: hold({}) + says('telnet', telnet) });
    const session = await Connection.open({ port: ftp });
    const said = await reload(daemon, hold({ user: 'no-such-user' }) + says('telnet', telnet, { disable: 'yes' }) + says('late', late));
    expect(said).toMatch(/daemon\.conf:\d+: .*unknown user no-such-user/);
    expect(said).toMatch(/last good settings: ftp\b/);
    session.send('still here?\n');
    expect(await session.waitForText(/here/)).toBe('still here?\n');
    expect(await knock({ port: telnet })).toBe('refused');
    expect(await ask({ port: late })).toBe('late\n');
    const facts = await unit(daemon, 'ftp');
    expect(facts).toMatchObject({ state: 'listening', up: true });
    expect(facts.problem).toMatch(/^runs with its last good settings: .*daemon\.conf:\d+: user: unknown user no-such-user/);
    await reload(daemon, hold({ nice: 1 }) + says('late', late));
    expect((await unit(daemon, 'ftp')).problem).toBe('');
  });

  test.each([
    ['a wrong value', (block: string) => block.replace('wait = no', 'wait = perhaps')],
    ['a missing brace', (block: string) => block.replace(/\}\n$/, '')],
    ['a misspelt keyword', (block: string) => block.replace('service', 'servce')],
    ['a header without a name', (block: string) => block.replace('service ftp', 'service')],
  ])('keeps them with %s', async (_, spoil) => {
    const [ftp, late] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({ config: says('ftp', ftp) });
    await reload(daemon, says('late', late) + spoil(says('ftp', ftp)));
    expect(await ask({ port: ftp })).toBe('ftp\n');
    expect(await ask({ port: late })).toBe('late\n');
    // The mistake stays, and is no reason to drop the service later.
    await reload(daemon, null);
    expect(await ask({ port: ftp })).toBe('ftp\n');
    await reload(daemon, says('late', late));
    expect(await knock({ port: ftp })).toBe('refused');
  });

  test('keeps them when its directory is gone, and is dropped when only its file is', async () => {
    const [ftp, late] = (await freePorts(2)) as [number, number];
    const directory = join(temporaryDirectory(), 'services');
    mkdirSync(directory);
    writeFileSync(join(directory, 'ftp'), says('ftp', ftp));
    const include = `includedir ${directory}\n`;
    const daemon = await startDaemon({ config: include });
    rmSync(directory, { recursive: true });
    await reload(daemon, include + says('late', late));
    expect(await ask({ port: ftp })).toBe('ftp\n');
    expect(await ask({ port: late })).toBe('late\n');
    mkdirSync(directory);
    await reload(daemon, null);
    expect(await knock({ port: ftp })).toBe('refused');
  });

  test('keeps them when its file lies deeper than superd follows includes, and everything else takes effect', async () => {
    const [ftp, telnet, late] = (await freePorts(3)) as [number, number, number];
    const directory = temporaryDirectory();
    const file = (n: number | string) => join(directory, `${n}`);
    writeFileSync(file('ftp'), says('ftp', ftp));
    const daemon = await startDaemon({ config: `include ${file('ftp')}\n${says('telnet', telnet)}` });
    for (let n = 0; n < 40; n++) writeFileSync(file(n), `include ${file(n < 39 ? n + 1 : 'ftp')}\n`);
    await reload(daemon, `include ${file(0)}\n${says('telnet', telnet, { disable: 'yes' })}${says('late', late)}`);
    expect(await ask({ port: ftp })).toBe('ftp\n');
    expect(await knock({ port: telnet })).toBe('refused');
    expect(await ask({ port: late })).toBe('late\n');
    expect((await unit(daemon, 'ftp')).problem).toMatch(/last good settings: .*more than 32 deep/);
  });

  test('gives its port to another service', async () => {
    const [ftp] = (await freePorts(1)) as [number];
    const daemon = await startDaemon({ config: says('ftp', ftp) });
    await reload(daemon, says('ftp', ftp, { server: '/no/such/program' }) + says('web', ftp));
    expect(await ask({ port: ftp })).toBe('web\n');
    expect(await unit(daemon, 'ftp')).toMatchObject({ state: 'rejected' });
  });
});

describeWith(better, 'a mistake in defaults', () => {
  test('leaves every running service as it is, lets no new one in, and still closes what is disabled', async () => {
    const [ftp, telnet, late] = (await freePorts(3)) as [number, number, number];
    const wrong = 'defaults\n{\n\tinstances = many\n}\n';
    const daemon = await startDaemon({ config: says('ftp', ftp) + says('telnet', telnet) });
    const changed = says('ftp', ftp, { server_args: 'changed' }) + says('telnet', telnet, { disable: 'yes' }) + says('late', late);
    for (const config of [wrong + changed, null]) {
      await reload(daemon, config);
      expect(await ask({ port: ftp })).toBe('ftp\n');
      expect(await knock({ port: telnet })).toBe('refused');
      expect(await knock({ port: late })).toBe('refused');
    }
    expect((await unit(daemon, 'late')).problem).toMatch(/daemon\.conf:\d+: instances: /);
    await reload(daemon, changed);
    expect(await ask({ port: ftp })).toBe('changed\n');
    expect(await ask({ port: late })).toBe('late\n');
  });
});

describeWith({ superdOnly: 'it uses superctl' }, 'superctl apply', () => {
  test('refuses a new mistake with its file and line, and accepts an old one', async () => {
    const [good, late] = (await freePorts(2)) as [number, number];
    const wrong = says('wrong', good + 1, { user: 'no-such-user' });
    const daemon = await startDaemon({ config: wrong + says('good', good) });
    writeFileSync(daemon.configFile, `# moved by a line\n${wrong}${says('good', good)}${says('late', late)}`);
    expect(await superctl(daemon, ['apply'])).toMatchObject({ code: 0 });
    expect(await ask({ port: late })).toBe('late\n');
    writeFileSync(daemon.configFile, wrong + says('good', good, { disable: 'yes' }) + says('late', late, { group: 'no-such-group' }));
    const refused = await superctl(daemon, ['apply']);
    expect(refused).toMatchObject({ code: 100, stdout: '' });
    expect(refused.stderr).toMatch(/1 new mistake.*\n.*daemon\.conf:\d+: error: group: unknown group no-such-group/);
    expect(refused.stderr).not.toMatch(/no-such-user/);
    expect(await ask({ port: good })).toBe('good\n');
    expect(await superctl(daemon, ['plan'])).toMatchObject({ code: 100 });
    expect(await superctl(daemon, ['apply', '--confirm', '60s'])).toMatchObject({ code: 100 });
    // What an operator disables at once takes effect all the same.
    expect(await superctl(daemon, ['disable', '--now', 'good'])).toMatchObject({ code: 0 });
    expect(await knock({ port: good })).toBe('refused');
    expect(await ask({ port: late })).toBe('late\n');
  });
});
