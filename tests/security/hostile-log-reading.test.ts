import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { asAttacker, directories } from './attacker.js';

const needs = { root: true, programs: ['setpriv'], superdOnly: 'xinetd shows no logs' };

/** A service that logs into the attacker's directory, and a secret that only root can read. */
async function world() {
  const { theirs, roots } = directories();
  const secret = join(roots, 'shadow');
  writeFileSync(secret, '26/11/28@00:00:00: START: greet root:$6$secret\n');
  chmodSync(secret, 0o600);
  const port = await freePort();
  const log = join(theirs, 'logs/greet.log');
  asAttacker(`mkdir ${theirs}/logs`);
  const block = serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', log_type: `FILE ${log}` });
  const daemon = await startDaemon({ config: block });
  expect(await ask({ port })).toBe('hello\n');
  const read = async () => (await superctl(daemon, ['logs', 'greet'])).stdout;
  return { theirs, roots, secret, log, read };
}

describeWith(needs, 'superctl logs, where the attacker', () => {
  test('owns the directory: shows the lines of the log', async () => {
    const { read } = await world();
    await expect.poll(read, { timeout: 20_000 }).toContain('START: greet');
  });

  test('has replaced the log by a link to a secret of root: shows none of it', async () => {
    const { secret, log, read } = await world();
    asAttacker(`rm -f ${log}; ln -s ${secret} ${log}`);
    expect(await read()).not.toContain('secret');
  });

  test('has replaced the directory by a link to one of root: shows none of it', async () => {
    const { theirs, roots, read } = await world();
    writeFileSync(join(roots, 'greet.log'), '26/11/28@00:00:00: START: greet root:$6$secret\n', { mode: 0o600 });
    asAttacker(`mv ${theirs}/logs ${theirs}/away; ln -s ${roots} ${theirs}/logs`);
    expect(await read()).not.toContain('secret');
  });
});
