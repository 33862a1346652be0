import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Explanation } from '../../src/gate/explain.js';
import { Dice } from '../access/dice.js';
import { superctl } from '../control/superctl.js';
import { Connection, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { type Attributes, defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { playRound, type Row } from './explained.js';

/** CI runs some hundreds; `SUPERD_EXPLAIN_ROWS=10000` takes some minutes. */
const ROWS = Number(process.env['SUPERD_EXPLAIN_ROWS'] ?? 400);

/** Rows with one configuration of 24 services; after so many its counters hardly change. */
const ROWS_OF_A_ROUND = 200;

const program = new URL('../../bin/superctl', import.meta.url).pathname;

function onConfig(config: string, ...args: string[]) {
  const file = join(temporaryDirectory(), 'superd.conf');
  writeFileSync(file, config);
  return { file, outcome: run(program, ['explain', ...args, '--config', file]) };
}

describeWith({ superdOnly: 'xinetd has no superctl' }, 'superctl explain --config', () => {
  const config = (attributes: Attributes) =>
    defaultsBlock({ hosts_allow: '/dev/null', hosts_deny: '/dev/null' }) +
    serviceBlock('greet', { port: 7000, server: '/bin/echo', ...attributes });

  test('names the line that refuses, and what the other checks decide', async () => {
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

  test('decides for another time, and shows what depends on a name', async () => {
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

describeWith({ superdOnly: 'xinetd has no superctl' }, 'superctl explain of a running superd', () => {
  test('shows the present counters and changes none', async () => {
    const port = await freePort();
    const config = serviceBlock('held', {
      port,
      server: fixture('greet-then-hold.sh'),
      per_source: 1,
      rate_per_source: ['9/h', 'burst', 3],
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

  test(
    'foretells for generated configurations what real connections get',
    async () => {
      const dice = new Dice(20_261_122);
      const rows: Row[] = [];
      while (rows.length < ROWS) rows.push(...(await playRound(dice, Math.min(ROWS_OF_A_ROUND, ROWS - rows.length))));
      const counted = (kind: Row['kind']) => rows.filter((row) => row.kind === kind).length;
      process.stdout.write(
        `${rows.length} rows: ${counted('foretold')} foretold, ${counted('depends')} depends, ${counted('turns')} turns\n`,
      );
      const foretold = rows.filter(({ kind }) => kind === 'foretold');
      expect(foretold.filter(({ said, got }) => said !== got)).toEqual([]);
      expect(foretold.length).toBeGreaterThan(0.8 * ROWS);
      // Only a fast machine gets too many in one second.
      expect(new Set(foretold.map(({ got }) => got).filter((got) => got !== 'cps')).size).toBeGreaterThanOrEqual(8);
    },
    240_000 + 300 * ROWS,
  );
});
