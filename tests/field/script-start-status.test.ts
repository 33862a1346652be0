import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { sleeperWords, writeInitScript } from '../initd/init-script.js';
import { startDaemon } from '../support/daemon.js';
import { describeWith } from '../support/requirements.js';
import { waitForStory } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Actions of a script with a daemon, whose `start` always ends with 1, as many do when the daemon runs already. */
function grumbling(pidfile: string): Record<string, string> {
  const runs = `[ -s ${pidfile} ] && kill -0 $(cat ${pidfile}) 2>/dev/null`;
  return { ...sleeperWords(pidfile), start: `${runs} && exit 1\nsetsid sleep 1000 &\necho $! > ${pidfile}\nexit 1` };
}

describeWith({ superdOnly: 'xinetd runs no init scripts' }, 'an init script whose start ends with 1', () => {
  test('has started when its status says so, and has failed otherwise', async () => {
    const directory = join(temporaryDirectory(), 'init.d');
    mkdirSync(directory);
    const pidfile = join(directory, '../web.pid');
    writeInitScript(directory, 'web', { words: grumbling(pidfile), comments: [`pidfile: ${pidfile}`] });
    writeInitScript(directory, 'dead', { words: { start: 'exit 1', stop: 'exit 0', status: 'exit 3' } });
    writeInitScript(directory, 'mute', { words: { start: 'exit 5', stop: 'exit 0' } });
    writeFileSync(pidfile, '');
    const daemon = await startDaemon({ config: `defaults\n{\n\tinitd = ${directory}\n}\n` });
    await waitForStory(daemon, 'web', /^running pid \d+.*start: failed \(exit 1\), but status says that it runs/);
    await waitForStory(daemon, 'dead', /^failed .*start: failed \(exit 1\)/);
    await waitForStory(daemon, 'mute', /^failed .*its program is not installed \(exit 5\)/);
    expect((await superctl(daemon, ['restart', 'web'])).code).toBe(0);
    expect((await superctl(daemon, ['status', 'web'])).code).toBe(0);
    expect((await superctl(daemon, ['start', 'dead'])).code).toBe(1);
  });
});
