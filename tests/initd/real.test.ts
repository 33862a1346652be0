import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { startDaemon } from '../support/daemon.js';
import { emptyCopies, withMounts } from '../support/mounts.js';
import { isSameProcess, killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { storyOf, waitForStory, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { within } from '../support/wait-for.js';

const names = ['nginx', 'redis-server', 'cron', 'atd', 'opensmtpd'];

/** A separate network, /run and crontab. */
const alone = [
  ...['unshare', '--mount', '--net', '--propagation', 'private', 'sh', '-c'],
  'set -e; ip link set lo up; mount -t tmpfs tmpfs /run; mkdir -p /run/lock; mount -t tmpfs tmpfs /etc/cron.d; mount --bind /dev/null /etc/crontab; exec "$@"',
  'sh',
];

const WRITTEN_TO = ['/var/log', '/var/spool', '/var/lib/redis'];

const needs = {
  superdOnly: 'xinetd runs no init scripts',
  root: true,
  mountNamespaces: true,
  networkNamespaces: true,
  programs: ['rsync', ...names.map((name) => `/etc/init.d/${name}`)],
};

describeWith(needs, 'init scripts of Debian packages', () => {
  test('start, answer status, are kept alive or reported as dead, and stop', async () => {
    const apart = [...alone, ...withMounts(emptyCopies(WRITTEN_TO, temporaryDirectory()))];
    const directory = join(temporaryDirectory(), 'init.d');
    mkdirSync(directory);
    for (const name of names) symlinkSync(`/etc/init.d/${name}`, join(directory, name));
    const config = `defaults\n{\n\tinitd = ${directory}\n\tinitd_timeout = 20s\n\tsupervise = cron nginx redis-server\n}\n`;
    const daemon = await startDaemon({ config, prefix: apart });
    const first = new Map(await Promise.all(names.map(async (name) => [name, await waitUntilUp(daemon, name)] as const)));
    expect((await superctl(daemon, ['status', ...names])).code).toBe(0);
    for (const name of ['cron', 'redis-server', 'atd']) killProcess(first.get(name)!);
    await waitForStory(daemon, 'atd', /^failed its daemon, process \d+, has ended/);
    expect((await superctl(daemon, ['status', 'atd'])).code).toBe(3);
    const again = await Promise.all(['cron', 'redis-server'].map((name) => waitUntilUp(daemon, name, first.get(name)!)));
    expect((await superctl(daemon, ['restart', 'nginx', 'atd'])).code).toBe(0);
    const nginx = await waitUntilUp(daemon, 'nginx', first.get('nginx')!);
    const atd = await waitUntilUp(daemon, 'atd', first.get('atd')!);
    daemon.signal('SIGTERM');
    await within('superd to end', daemon.exited);
    for (const one of [...again, nginx, atd, first.get('opensmtpd')!]) expect(isSameProcess(one)).toBe(false);
    for (const name of names) expect(storyOf(daemon, name).at(-1)).toMatch(/^stopped/);
  });
});
