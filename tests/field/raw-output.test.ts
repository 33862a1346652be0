import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { shared } from '../support/at-end.js';
import { knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitUntilUp } from '../support/resident.js';
import { run } from '../support/run.js';
import { defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const bin = (name: string) => new URL(`../../bin/${name}`, import.meta.url).pathname;

/** To the end of the title, colours, the other direction, C1, a zero width. */
const EVIL = '\x1b]0;title\x07\x1b[31mred\u202etxt.exe\u2066\x9b2J\u200b';
const RAW = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]/;

async function world() {
  const directory = temporaryDirectory();
  const [port, broken] = [await freePort(), await freePort()];
  const text = join(directory, 'text');
  writeFileSync(text, `${EVIL}\n`);
  const [allow, deny] = [join(directory, 'allow'), join(directory, 'deny')];
  writeFileSync(allow, '');
  writeFileSync(deny, `ALL: 192.0.2.7: severity ${EVIL}\n${EVIL}\nx: ${EVIL}\n`);
  const output = join(directory, 'output.log');
  const config =
    defaultsBlock({ hosts_allow: allow, hosts_deny: deny, log_type: ['FILE', join(directory, 'service.log')] }) +
    serviceBlock('greet', { port, server: '/bin/echo', server_args: `hello ${EVIL}` }) +
    serviceBlock('lost', { port: broken, server: `/nonexistent/${EVIL}` }) +
    residentBlock('noisy', { server: '/bin/sh', server_args: `-c "cat ${text}; exec sleep 1000 # ${EVIL}"`, output });
  const daemon = await startDaemon({ config });
  await waitUntilUp(daemon, 'noisy');
  await waitFor('its output', () => existsSync(output) && readFileSync(output, 'latin1').includes('red'));
  expect(await knock({ port })).toContain('hello');
  return { daemon, directory, output };
}

describeWith({ superdOnly: 'its verbs' }, 'what daemons, clients and files say', () => {
  const here = shared(world);

  test.each([
    'list',
    'list --json',
    'status all',
    'show all',
    'show all --json',
    'cat all',
    'cat all --json',
    'logs noisy',
    'logs noisy --json',
    'logs',
    'events -n 100',
    'events -n 100 --json',
    'check',
    'check --json',
    'plan',
    'sessions',
    'tree',
    'explain greet --from 192.0.2.7',
    'explain greet --from 127.0.0.1 --json',
    'limits',
    'advise greet',
    'doctor',
    'doctor --json',
    `status ${EVIL}`,
    `${EVIL}`,
    `kill --signal ${EVIL} greet`,
    `ban ${EVIL}`,
    `top --once`,
    `__complete -- status gr`,
  ])('is printed without a raw control character in a pipe by %j', async (words) => {
    const { stdout, stderr } = await superctl(here().daemon, words.split(' '));
    expect(stdout).not.toMatch(RAW);
    expect(stderr).not.toMatch(RAW);
    if (words.endsWith('--json') && words.startsWith('show')) expect(JSON.stringify(JSON.parse(stdout))).toContain('\u202etxt.exe');
  });

  test.each([
    ['superd', ['--check', '--config', 'daemon.conf']],
    ['superd', ['--check', '--json', '--config', 'daemon.conf']],
    ['tcpdchk', ['--config', 'daemon.conf', '-v']],
    ['tcpdmatch', ['--config', 'daemon.conf', 'echo', '192.0.2.7']],
    ['tcpdmatch', ['echo', EVIL]],
    ['superctl', ['import', 'inetd', 'deny']],
  ] as const)('is printed without a raw control character by %s %j', async (program, args) => {
    const { stdout, stderr } = await run(bin(program), args, { cwd: here().daemon.directory });
    expect(stdout + stderr).not.toBe('');
    expect(stdout).not.toMatch(RAW);
    expect(stderr).not.toMatch(RAW);
  });

  test('is written as it is only by logs -o cat', async () => {
    const { daemon, output } = here();
    const command = `"${bin('superctl')}" --socket "${daemon.controlSocket}" logs -o cat noisy | od -An -v -tx1`;
    const { stdout } = await run('sh', ['-c', command]);
    expect(stdout.replace(/\s/g, '')).toBe(readFileSync(output).toString('hex'));
    expect(await superctl(daemon, ['logs', '-o', 'dog', 'noisy'])).toMatchObject({
      code: 100,
      stderr: 'superctl: --output dog: wanted short or cat\n',
    });
  });
});
