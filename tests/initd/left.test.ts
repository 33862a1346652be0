import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { isSameProcess, killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { within } from '../support/wait-for.js';
import { sleeperWords, writeInitScript } from './init-script.js';

function configuration(): string {
  const directory = join(temporaryDirectory(), 'init.d');
  const pidfile = join(directory, '..', 'one.pid');
  mkdirSync(directory);
  writeInitScript(directory, 'one', { words: sleeperWords(pidfile), comments: [`pidfile: ${pidfile}`] });
  return `defaults\n{\n\tinitd = ${directory}\n}\n`;
}

async function killed(superd: Daemon): Promise<void> {
  superd.signal('SIGKILL');
  await within('superd to be killed', superd.exited);
}

interface Examined {
  readonly findings: readonly { readonly code: string; readonly place: string; readonly problem: string }[];
}

describeWith({ superdOnly: 'xinetd runs no init scripts' }, 'the daemon of an init script', () => {
  test('that the next superd no longer has runs on, is reported by each superd and by doctor, and is adopted when it is enabled again', async () => {
    const config = configuration();
    const first = await startDaemon({ config, args: ['--stay-alive'] });
    const daemon = await waitUntilUp(first, 'one');
    onTestFinished(() => killProcess(daemon));
    expect((await superctl(first, ['disable', 'one'])).code).toBe(0);
    await killed(first);
    let superd = first;
    for (let round = 0; round < 2; round++) {
      superd = await startDaemon({ config, args: ['--stay-alive'], directory: first.directory });
      await superd.waitForWords(new RegExp(`no longer runs the init script one, and its daemon still runs \\(process ${daemon.pid}\\)`));
      if (round === 0) await killed(superd);
    }
    const examined = JSON.parse((await superctl(superd, ['doctor', '--json'])).stdout) as Examined;
    expect(examined.findings).toContainEqual(
      expect.objectContaining({ code: 'script-left', place: 'one', problem: expect.stringContaining(`process ${daemon.pid}`) }),
    );
    expect((await superctl(superd, ['enable', 'one', '--now'])).code).toBe(0);
    expect((await waitUntilUp(superd, 'one')).pid).toBe(daemon.pid);
    expect((await superctl(superd, ['doctor', '--json'])).stdout).not.toContain('script-left');
    expect((await superctl(superd, ['stop', 'one'])).code).toBe(0);
    expect(isSameProcess(daemon)).toBe(false);
  });
});
