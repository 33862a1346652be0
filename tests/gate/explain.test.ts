import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ControlClient } from '../../src/control/client.js';
import type { Explanation } from '../../src/gate/explain.js';
import { Dice } from '../access/dice.js';
import { superctl } from '../control/superctl.js';
import { Connection, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { type Attributes, defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const program = new URL('../../bin/superctl', import.meta.url).pathname;

function onConfig(config: string, ...args: string[]) {
  const file = join(temporaryDirectory(), 'superd.conf');
  writeFileSync(file, config);
  return { file, outcome: run(program, ['explain', ...args, '--config', file]) };
}

describeWith({ superdOnly: 'superctl is superd’s' }, 'superctl explain --config', () => {
  const config = (attributes: Attributes) =>
    defaultsBlock({ hosts_allow: '/dev/null', hosts_deny: '/dev/null' }) +
    serviceBlock('greet', { port: 7000, server: '/bin/echo', ...attributes });

  test('names the line that refuses, and says what the others would', async () => {
    const { file, outcome } = onConfig(
      config({ only_from: '192.0.2.0/24', no_access: '192.0.2.66', instances: 5 }),
      'greet',
      '--from',
      '192.0.2.66',
    );
    const { code, stdout } = await outcome;
    expect(code).toBe(1);
    const lines = readFileSync(file, 'utf8').split('\n');
    const line = (name: string) => `${file}:${lines.findIndex((text) => text.includes(name)) + 1}`;
    expect(stdout).toMatch(
      new RegExp(`address +refuse +only_from 1 entries, no_access 1 entries +${line('only_from')} ${line('no_access')}`),
    );
    expect(stdout).toMatch(/service_limit +not asked +0 of 5 sessions/);
    expect(stdout).toMatch(/^refused: address$/m);
  });

  test('admits, with status 0, and prints JSON', async () => {
    const { outcome } = onConfig(
      config({ only_from: '192.0.2.0/24', rate_per_source: ['5/s', 'burst', 20] }),
      'greet',
      '--from',
      '192.0.2.7:4711',
      '--json',
    );
    const { code, stdout } = await outcome;
    expect(code).toBe(0);
    const [explanation] = JSON.parse(stdout) as Explanation[];
    expect(explanation).toMatchObject({ verdict: 'admit', reason: null, service: 'greet', from: '192.0.2.7' });
    expect(explanation?.steps.map(({ reason, verdict }) => `${reason} ${verdict}`)).toEqual([
      ...['banned pass', 'address pass', 'rate pass', 'cps pass', 'wrappers pass'],
    ]);
    expect(explanation?.steps[2]?.state).toBe('20 of a burst of 20 left');
  });

  test('at another time, and depending on a name', async () => {
    const block = config({ access_times: '08:00-17:00', only_from: '.example.org' });
    expect((await onConfig(block, 'greet', '--from', '192.0.2.7', '--at', '07:59').outcome).stdout).toMatch(
      /^depends on the client's host name \(DNS\) \(else refused: address\)$/m,
    );
    const byDay = config({ access_times: '08:00-17:00' });
    expect((await onConfig(byDay, 'greet', '--from', '192.0.2.7', '--at', '07:59').outcome).stdout).toMatch(/^refused: time$/m);
    expect((await onConfig(byDay, 'greet', '--from', '192.0.2.7', '--at', '17:00').outcome).stdout).toMatch(/^admitted$/m);
  });

  test.each([
    [['nobody', '--from', '192.0.2.7'], /runs no service nobody/],
    [['greet', '--from', 'somewhere'], /--from somewhere: wanted an address/],
    [['greet', '--from', '192.0.2.7', '--at', 'noon'], /--at noon: wanted HH:MM/],
  ])('%j is a mistake', async (args, message) => {
    const { code, stderr } = await onConfig(config({}), ...args).outcome;
    expect([code, stderr]).toEqual([100, expect.stringMatching(message)]);
  });
});

describeWith({ superdOnly: 'superctl is superd’s' }, 'superctl explain of a running superd', () => {
  test('shows the counters as they stand and changes none', async () => {
    const port = await freePort();
    const config = serviceBlock('held', {
      port,
      server: fixture('greet-then-hold.sh'),
      per_source: 1,
      rate_per_source: ['9/m', 'burst', 3],
    });
    const daemon = await startDaemon({ config });
    const held = await Connection.open({ port, from: '127.0.0.7' });
    await held.waitForText(/^hello/);
    const ask = () => superctl(daemon, ['explain', 'held', '--from', '127.0.0.7']);
    const first = await ask();
    expect(first.stdout).toMatch(/rate +pass +2 of a burst of 3 left/);
    expect(first.stdout).toMatch(/per_source_limit +refuse +1 of 1 sessions of this source/);
    for (let i = 0; i < 5; i++) expect((await ask()).stdout).toBe(first.stdout);
    expect(await knock({ port, from: '127.0.0.8' })).toMatch(/^hello/);
  });

  test('says of generated configurations what real connections then get', async () => {
    const chance = new Dice(20_261_122);
    const roll = () => chance.roll(1_000_000) / 1_000_000;
    const ports = await freePorts(24);
    const log = join(temporaryDirectory(), 'log');
    const blocks = ports.map((port, i) =>
      serviceBlock(`s${i}`, { port, server: '/bin/echo', server_args: 'hello', id: `s${i}`, ...generated(roll) }),
    );
    const rules = temporaryDirectory();
    writeFileSync(join(rules, 'allow'), 'ALL: 127.0.0.2\n');
    writeFileSync(join(rules, 'deny'), 'echo: 127.0.0.3 127.0.0.5\n');
    const defaults = defaultsBlock({
      ...{ log_type: ['FILE', log], log_format: 'json', log_on_failure: 'HOST', log_on_success: 'HOST' },
      ...{ hosts_allow: join(rules, 'allow'), hosts_deny: join(rules, 'deny'), ban_exempt: '127.0.0.2' },
    });
    const daemon = await startDaemon({ config: defaults + blocks.join('') });
    const control = new ControlClient(daemon.controlSocket);
    const expected: { port: number; verdict: string }[] = [];
    for (let i = 0; i < 300; i++) {
      const service = Math.floor(roll() * ports.length);
      const from = `127.0.0.${2 + Math.floor(roll() * 5)}`;
      const { explanations } = await control.call('explain', { service: `s${service}`, from });
      const { verdict, reason } = explanations[0]!;
      const connection = await Connection.open({ port: ports[service]!, from });
      await connection.waitForEnd();
      expected.push({ port: connection.localPort, verdict: reason ?? verdict });
      expect(connection.text).toBe(verdict === 'admit' ? 'hello\n' : '');
      await settled(control, `s${service}`);
    }
    const told = await waitFor('the log', () => {
      const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
      const facts = lines.map((line) => JSON.parse(line) as { event: string; port: number; reason?: string });
      const decided = facts.filter(({ event }) => event === 'session-started' || event === 'session-refused');
      return decided.length === 300 && decided;
    });
    expect(told.map(({ port, reason }) => ({ port, verdict: reason ?? 'admit' }))).toEqual(expected);
    expect(new Set(expected.map(({ verdict }) => verdict)).size).toBeGreaterThanOrEqual(8);
  });
});

/** No session of the service is left: its counters stand still. */
async function settled(control: ControlClient, service: string): Promise<void> {
  await waitFor('the sessions to end', async () => (await control.call('list', { services: [service] })).units[0]!.sessions === 0);
}

function generated(roll: () => number): Attributes {
  const some = (chance: number, attributes: Attributes) => (roll() < chance ? attributes : {});
  const source = () => `127.0.0.${2 + Math.floor(roll() * 5)}`;
  return {
    cps: [0, 1],
    ...some(0.3, { only_from: ['127.0.0.2', source(), source()] }),
    ...some(0.3, { no_access: [source()] }),
    ...some(0.15, { access_times: roll() < 0.5 ? '00:00-23:59' : timesNotNow() }),
    ...some(0.3, { rate_per_source: ['1/h', 'burst', 1 + Math.floor(roll() * 4)] }),
    ...some(0.15, { per_source: Math.floor(roll() * 2) }),
    ...some(0.15, { per_source_prefix: `24:${Math.floor(roll() * 2)}` }),
    ...some(0.1, { instances: Math.floor(roll() * 2) }),
    ...some(0.3, { cps: [1 + Math.floor(roll() * 2), 3600], cps_scope: 'source' }),
    ...some(0.1, { max_load: roll() < 0.5 ? '0.000001' : '100000' }),
    ...some(0.2, { limit_exempt: source() }),
    ...some(0.1, { gate_order: 'xinetd' }),
    ...some(0.05, { ban_after: ['3', 'in', '1h', 'for', '1h'] }),
  };
}

function timesNotNow(): string {
  const hour = (new Date().getHours() + 12) % 24;
  return `${hour}:00-${hour}:30`;
}
