import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { container, processOne } from '../support/container.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { emptyCopies, withMounts } from '../support/mounts.js';
import { descendantsOf, killProcess, type ProcessFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { waitForStory } from '../support/resident.js';
import { type Outcome, run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';

const needs = {
  superdOnly: 'xinetd runs no init scripts',
  root: true,
  mountNamespaces: true,
  networkNamespaces: true,
  programs: ['/etc/init.d/rpcbind', '/etc/init.d/nfs-kernel-server', '/etc/init.d/rsync', 'rpc.mountd', 'showmount', 'rsync'],
};

/** Separate namespaces of network, mounts and processes: these scripts look for their daemons by name among all processes. */
const apart = [
  ...['unshare', '--net', '--mount', '--propagation', 'private', 'sh', '-c'],
  'set -e; ip link set lo up; mount -t tmpfs tmpfs /run; mkdir -p /run/lock /run/sendsigs.omit.d; exec "$@"',
  'sh',
  ...container,
];

/** superd with init scripts of Debian as process 1 of a namespace, in which other files are mounted at some paths. */
class Machine {
  private constructor(
    readonly daemon: Daemon,
    private readonly one: ProcessFacts,
  ) {}

  static async start(scripts: readonly string[], files: Readonly<Record<string, string>>): Promise<Machine> {
    const directory = temporaryDirectory();
    const initd = join(directory, 'init.d');
    mkdirSync(initd);
    for (const name of scripts) symlinkSync(`/etc/init.d/${name}`, join(initd, name));
    // rpcbind names run level S, in which superd starts nothing by itself.
    const config = `defaults\n{\n\tinitd = ${initd}\n\tenabled = ${scripts.join(' ')}\n\tsupervise = yes\n}\n`;
    const mounts = { ...emptyCopies(['/var/log', '/var/lib/nfs'], directory), ...files };
    const daemon = await startDaemon({ config, prefix: [...apart, ...withMounts(mounts)] });
    return new Machine(daemon, await processOne(daemon));
  }

  /** Waits for a process of a program other than `before`. */
  process(name: string, before: ProcessFacts | null = null): Promise<ProcessFacts> {
    const runs = ({ pid }: ProcessFacts) => pid !== before?.pid && nameOf(pid) === name;
    return waitFor(`${name} to run`, () => descendantsOf(this.one.pid).find(runs), { evidence: () => this.daemon.account() });
  }

  run(program: string, ...args: string[]): Promise<Outcome> {
    return run('nsenter', ['--target', String(this.one.pid), '--net', '--mount', '--pid', program, ...args]);
  }

  /** The changes into these states, oldest first: `rsync running`. */
  order(...states: string[]): string[] {
    const changes = this.daemon.words.matchAll(/^\S+ {2}(\S+) +(\w+)\b/gm);
    return [...changes].filter(([, , state]) => states.includes(state!)).map(([, name, state]) => `${name} ${state}`);
  }

  async stop(): Promise<void> {
    killProcess(this.one, 'SIGTERM');
    await within('superd to end', this.daemon.exited);
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  } catch {
    return '';
  }
}

describeWith(needs, 'init scripts of file servers', () => {
  test('rpcbind starts before NFS, whose mountd is found, kept alive and stopped', async () => {
    const directory = temporaryDirectory();
    const file = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const machine = await Machine.start(['nfs-kernel-server', 'rpcbind'], {
      '/etc/exports': file('exports', '/srv 127.0.0.1(ro,fsid=1,no_subtree_check)\n'),
      // The script starts nothing when the kernel has no NFS server, and a test must not start that of the machine. So this part is
      // replaced; exportfs and rpc.mountd are the real ones.
      '/proc/filesystems': file('filesystems', 'nodev\tnfsd\n'),
      '/usr/sbin/rpc.nfsd': '/bin/true',
    });
    await waitForStory(machine.daemon, 'nfs-kernel-server', /^running pid/);
    const shown = async () => (await machine.run('showmount', '--exports', '127.0.0.1')).stdout;
    await waitFor('its exports', async () => (await shown()).includes('/srv 127.0.0.1'));
    const mountd = await machine.process('rpc.mountd');
    killProcess(mountd);
    await machine.process('rpc.mountd', mountd);
    await waitFor('an answer', async () => (await shown()).includes('/srv'));
    await waitFor('superd to see it', () => machine.order('running').length === 3);
    await machine.stop();
    expect(machine.order('running', 'stopped')).toEqual([
      'rpcbind running',
      'nfs-kernel-server running',
      'nfs-kernel-server running',
      'nfs-kernel-server stopped',
      'rpcbind stopped',
    ]);
  });

  test('rsync serves its files, is kept alive and stopped', async () => {
    const directory = temporaryDirectory();
    const config = join(directory, 'rsyncd.conf');
    writeFileSync(config, `[files]\npath = ${directory}\nuse chroot = no\n`);
    const defaults = join(directory, 'defaults');
    writeFileSync(defaults, `RSYNC_ENABLE=true\nRSYNC_CONFIG_FILE=${config}\n`);
    const machine = await Machine.start(['rsync'], { '/etc/default/rsync': defaults });
    await waitForStory(machine.daemon, 'rsync', /^running/);
    const listed = async () => (await machine.run('rsync', 'rsync://127.0.0.1/files/')).stdout;
    await waitFor('its files', async () => (await listed()).includes('rsyncd.conf'));
    const first = await machine.process('rsync');
    killProcess(first);
    await machine.process('rsync', first);
    await waitFor('an answer', async () => (await listed()).includes('rsyncd.conf'));
    await waitFor('superd to see it', () => machine.order('running').length === 2);
    await machine.stop();
    expect(machine.order('running', 'stopped')).toEqual(['rsync running', 'rsync running', 'rsync stopped']);
  });
});
