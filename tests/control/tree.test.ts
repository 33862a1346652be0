import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '../../src/control/protocol.js';
import { writeInitScript } from '../initd/init-script.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitForStory, waitUntilUp } from '../support/resident.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { ask, superctl } from './superctl.js';

type Tree = Result<'tree'>['services'];

const program = new URL('../../bin/superctl', import.meta.url).pathname;
const sleeper = { server: '/bin/sleep', server_args: '1000' };

async function world() {
  const directory = join(temporaryDirectory(), 'init.d');
  mkdirSync(directory);
  const words = { start: 'exit 0', stop: 'exit 0', status: 'exit 0' };
  writeInitScript(directory, 'networking', { words });
  writeInitScript(directory, 'old-web', { lsb: { 'Required-Start': '$network db' }, words });
  const config = [
    `defaults\n{\n\tinitd = ${directory}\n}\n`,
    serviceBlock('echo', { port: await freePort(), server: '/bin/cat' }),
    serviceBlock('alone-on-request', { port: await freePort(), server: '/bin/cat' }),
    residentBlock('web', { ...sleeper, needs: 'cache', wants: 'db' }),
    residentBlock('cache', { ...sleeper, after: 'db echo' }),
    residentBlock('db', sleeper),
    residentBlock('cron', sleeper),
  ].join('');
  const daemon = await startDaemon({ config });
  await Promise.all(['web', 'cache', 'db', 'cron'].map((name) => waitUntilUp(daemon, name)));
  await waitForStory(daemon, 'old-web', /^running/);
  return daemon;
}

/** Rows without the blanks between columns. */
const rows = (text: string) => text.split('\n').map((line) => line.replace(/ {2,}/g, '  ').trimEnd());

const WHOLE = [
  'echo  listening  request',
  'networking  running  script',
  '└─ old-web  running  script  Required-Start $network  db',
  'db  running  daemon',
  '└─ cache  running  daemon  after  echo',
  '└─ web  running  daemon  needs',
  'cron  running  daemon',
];

describeWith({ superdOnly: 'xinetd has no control socket', programs: ['script'] }, 'superctl tree', () => {
  test('shows daemons, init scripts and the listening services that they wait for, each once, below the last one that it waits for', async () => {
    const daemon = await world();
    const { stdout, code } = await superctl(daemon, ['tree']);
    expect(code).toBe(0);
    const [head, ...lines] = rows(stdout);
    expect(head).toBe('SERVICE  STATE  KIND  BY  ALSO AFTER');
    expect(lines.map((line) => line.trim())).toEqual([...WHOLE, '']);
    const tree = await ask<Tree>(daemon, ['tree']);
    expect(tree.find(({ id }) => id === 'old-web')).toEqual({
      id: 'old-web',
      name: 'old-web',
      kind: 'script',
      state: 'running',
      after: [
        { id: 'networking', how: 'Required-Start', name: '$network' },
        { id: 'db', how: 'Required-Start', name: 'db' },
      ],
    });
  });

  test('for a named service: what it waits for, and what waits for it', async () => {
    const daemon = await world();
    const ids = async (name: string) => (await ask<Tree>(daemon, ['tree', name])).map(({ id }) => id).sort();
    expect(await ids('cache')).toEqual(['cache', 'db', 'echo', 'web']);
    expect(await ids('networking')).toEqual(['networking', 'old-web']);
    expect(await superctl(daemon, ['tree', 'cach'])).toMatchObject({ code: 100, stderr: expect.stringContaining('did you mean cache?') });
  });

  test('shows a configuration that no superd runs', async () => {
    const daemon = await world();
    await daemon.stop();
    const { stdout, code } = await superctl(daemon, ['tree', '--config', daemon.configFile, 'web']);
    expect(code).toBe(0);
    expect(rows(stdout).map((line) => line.trim())).toEqual([
      'SERVICE  KIND  BY  ALSO AFTER',
      'echo  request',
      'db  daemon',
      '└─ cache  daemon  after  echo',
      '└─ web  daemon  needs',
      '',
    ]);
  });

  test('fits a terminal and has colours only there', async () => {
    const daemon = await world();
    const command = `${program} --socket ${daemon.controlSocket} tree`;
    for (const columns of [40, 80]) {
      const { stdout } = await run('script', ['-qec', `stty cols ${columns} rows 24; ${command}`, '/dev/null'], {
        env: { TERM: 'xterm', NO_COLOR: '' },
      });
      expect(stdout).toContain('\x1b[32mrunning');
      for (const line of stdout.replace(/\x1b\[\d+m/g, '').split('\r\n')) expect([...line].length).toBeLessThanOrEqual(columns);
    }
  });
});
