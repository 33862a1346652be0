import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '../../src/control/protocol.js';
import { ask, superctl } from '../control/superctl.js';
import { startDaemon } from '../support/daemon.js';
import { linesOf } from '../support/lines.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitForStory, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { within } from '../support/wait-for.js';
import { type ScriptText, writeInitScript } from './init-script.js';

/** Scripts and daemons that record their starts and stops in one file. */
function world() {
  const directory = join(temporaryDirectory(), 'init.d');
  const trace = join(directory, '..', 'trace');
  mkdirSync(directory);
  const script = (name: string, lsb: ScriptText['lsb'] = {}, words: ScriptText['words'] = {}) =>
    writeInitScript(directory, name, {
      lsb,
      words: { start: `echo start ${name} >> ${trace}`, stop: `echo stop ${name} >> ${trace}`, status: 'exit 0', ...words },
    });
  const program = (name: string) =>
    writeInitScript(join(directory, '..'), `${name}-daemon`, {
      lsb: null,
      words: {
        run: `echo start ${name} >> ${trace}; trap 'echo stop ${name} >> ${trace}; exit 0' TERM; echo > ${trace}.${name}; while :; do sleep 0.05; done`,
      },
    });
  const daemon = (name: string, attributes: Record<string, string> = {}) =>
    residentBlock(name, { server: program(name), server_args: 'run', ready: `exec /usr/bin/test -e ${trace}.${name}`, ...attributes });
  return { defaults: `defaults\n{\n\tinitd = ${directory}\n}\n`, script, daemon, lines: () => linesOf(trace) };
}

describeWith({ superdOnly: 'xinetd runs no init scripts' }, 'init scripts and daemons', () => {
  test('have one order, also between each other, and end in its reverse', async () => {
    const { defaults, script, daemon, lines } = world();
    script('net', { Provides: 'networking' });
    script('mariadb', { Provides: 'mysql', 'Required-Start': '$network cache' });
    script('old-web', { 'Required-Start': 'web' });
    const config = [defaults, daemon('cache', { after: '$network' }), daemon('web', { needs: 'mysql', after: 'net' })].join('');
    const superd = await startDaemon({ config });
    await waitForStory(superd, 'old-web', /^running/);
    expect(superd.words).not.toMatch(/requires (cache|web)|unknown service/);
    const order = ['net', 'cache', 'mariadb', 'web', 'old-web'];
    expect(lines()).toEqual(order.map((name) => `start ${name}`));
    const tree = await ask<Result<'tree'>['services']>(superd, ['tree', 'web']);
    expect(tree.find(({ id }) => id === 'web')?.after).toEqual([
      { id: 'mariadb', how: 'needs', name: 'mariadb' },
      { id: 'net', how: 'after', name: 'net' },
    ]);
    superd.signal('SIGTERM');
    await within('superd to end', superd.exited);
    expect(lines().slice(order.length)).toEqual(order.toReversed().map((name) => `stop ${name}`));
  });

  test('a daemon that needs a script stops before it, waits for it, and starts it', async () => {
    const { defaults, script, daemon, lines } = world();
    script('db');
    script('broken', {}, { start: 'exit 5', status: 'exit 3' });
    const config = [
      defaults,
      daemon('web', { needs: 'db' }),
      daemon('stuck', { needs: 'broken' }),
      daemon('loose', { after: 'broken' }),
    ].join('');
    const superd = await startDaemon({ config });
    await Promise.all([waitUntilUp(superd, 'web'), waitUntilUp(superd, 'loose')]);
    expect((await superctl(superd, ['status', 'stuck'])).stdout).toContain('waits for broken');
    expect((await superctl(superd, ['stop', 'db'])).code).toBe(0);
    expect(lines().slice(-2)).toEqual(['stop web', 'stop db']);
    expect((await superctl(superd, ['start', 'web'])).code).toBe(0);
    expect(lines().slice(-2)).toEqual(['start db', 'start web']);
    expect((await superctl(superd, ['status', 'db'])).code).toBe(0);
  });

  test('in a cycle of both the link of the script is ignored, and the whole cycle is reported', async () => {
    const { defaults, script, daemon, lines } = world();
    script('a', { 'Required-Start': 'web' });
    script('b', { 'Required-Start': 'a' });
    const superd = await startDaemon({ config: defaults + daemon('web', { needs: 'b' }) });
    await waitUntilUp(superd, 'web');
    expect(superd.words).toMatch(/init\.d\/a: warning: these wait for each other: web -> b -> a -> web; superd ignores the last step/);
    expect(lines()).toEqual(['start a', 'start b', 'start web']);
  });

  test('a daemon that needs a disabled script is rejected with the command that enables it', async () => {
    const { defaults, script, daemon } = world();
    script('off', { 'Default-Start': '' });
    script('on');
    const superd = await startDaemon({ config: defaults + daemon('web', { needs: 'off' }) + daemon('other', { after: 'onn' }) });
    await waitUntilUp(superd, 'other');
    expect(superd.words).toMatch(/error: needs: the init script off is disabled; superctl enable off, or write "after = off"/);
    expect(superd.words).toMatch(/warning: after: unknown service "onn"; did you mean on\?/);
    expect((await superctl(superd, ['enable', 'off', '--now'])).code).toBe(0);
    await waitUntilUp(superd, 'web');
  });
});
