import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { reload } from '../life/reloading.js';
import { ask } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock } from '../support/resident.js';
import { Running, run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';
import { ATTACKER, asAttacker, directories, RIGHTS } from './attacker.js';

const needs = { root: true, programs: ['setpriv', 'gcc'], superdOnly: 'xinetd follows whatever it finds' };

/** A service that logs each of its clients to a file, with limits if they are given. */
function logging(name: string, port: number, path: string, ...limits: readonly string[]): string {
  return serviceBlock(name, {
    port,
    server: '/bin/echo',
    server_args: 'hello',
    cps: '0 0',
    log_type: ['FILE', path, ...limits],
    log_on_success: 'HOST',
  });
}

/** Has superd write to the log until something holds. */
async function talkUntil(port: number, what: string, probe: () => unknown): Promise<void> {
  await waitFor(what, async () => {
    expect(await ask({ port })).toBe('hello\n');
    return probe() ? true : null;
  });
}

const names = (directory: string) => readdirSync(directory).sort();

describeWith(needs, 'the log of a service, whose user', () => {
  test('exchanges the directory for a link to one of root: superd writes nothing there', async () => {
    const { theirs, roots } = directories();
    asAttacker(`mkdir ${theirs}/log`);
    const port = await freePort();
    const daemon = await startDaemon({ config: logging('greet', port, join(theirs, 'log/greet.log')) });
    await talkUntil(port, 'the first line', () => existsSync(join(theirs, 'log/greet.log')));
    asAttacker(`mv ${theirs}/log ${theirs}/away; ln -s ${roots} ${theirs}/log`);
    await talkUntil(
      port,
      'superd to notice',
      () => readdirSync(roots).length > 0 || daemon.words.includes(`${theirs}/log is a symbolic link`),
    );
    expect(names(roots)).toEqual([]);
  });

  test('exchanges it again and again while superd rotates: nothing of root’s changes', async () => {
    const { theirs, roots } = directories();
    asAttacker(`mkdir ${theirs}/log`);
    for (const name of ['greet.log', 'greet.log.1', 'greet.log.1.gz', 'greet.log.1.gz.tmp', 'greet.log.2.gz'])
      writeFileSync(join(roots, name), 'precious\n', { mode: 0o644 });
    const before = names(roots).map((name) => [name, statSync(join(roots, name)).ino]);
    const port = await freePort();
    await startDaemon({ config: logging('greet', port, join(theirs, 'log/greet.log'), '1K', '2K') });
    asAttacker(`ln -s ${roots} ${theirs}/link`);
    const exchange = fixture('exchange-names.c');
    new Running('setpriv', [...RIGHTS, exchange, join(theirs, 'log'), join(theirs, 'link')]);
    for (let i = 0; i < 150; i++) expect(await ask({ port })).toBe('hello\n');
    expect(names(roots).map((name) => [name, statSync(join(roots, name)).ino])).toEqual(before);
    for (const name of names(roots)) expect(readFileSync(join(roots, name), 'utf8')).toBe('precious\n');
  });

  test('puts a link, or a hard link, to a file of root in its place', async () => {
    const { theirs, roots } = directories();
    const secret = join(roots, 'secret');
    writeFileSync(secret, 'secret\n', { mode: 0o600 });
    linkSync(secret, join(theirs, 'hard.log'));
    asAttacker(`ln -s ${secret} ${theirs}/soft.log`);
    const [one, other] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({
      config: logging('soft', one, join(theirs, 'soft.log')) + logging('hard', other, join(theirs, 'hard.log')),
    });
    for (const port of [one, other]) expect(await ask({ port })).toBe('hello\n');
    await daemon.waitForWords(/soft\.log is a symbolic link/);
    await daemon.waitForWords(/hard\.log as uid 5, who owns a directory on the way: permission denied/);
    expect(readFileSync(secret, 'utf8')).toBe('secret\n');
  });

  test('has a log and generations that are the user’s own, compressed with no more than the user’s rights', async () => {
    const { theirs } = directories();
    const port = await freePort();
    await startDaemon({ config: logging('greet', port, join(theirs, 'greet.log'), '1K', '2K') });
    await talkUntil(port, 'a generation', () => existsSync(join(theirs, 'greet.log.1.gz')));
    for (const name of names(theirs)) expect(statSync(join(theirs, name))).toMatchObject({ uid: ATTACKER.uid, gid: ATTACKER.gid });
  });

  test('puts a FIFO in the place of a generation, again and again: other logs, reloads and the end of superd go on', async () => {
    const { theirs } = directories();
    const [port, other] = (await freePorts(2)) as [number, number];
    const directory = temporaryDirectory();
    const config =
      logging('greet', port, join(theirs, 'greet.log'), '1K', '2K') + logging('other', other, join(directory, 'other.log'), '1K', '2K');
    const daemon = await startDaemon({ config });
    const loop = `while :; do if [ -f ${theirs}/greet.log.1 ]; then rm -f ${theirs}/greet.log.1; mkfifo ${theirs}/greet.log.1; fi; done`;
    new Running('setpriv', [...RIGHTS, 'sh', '-c', loop]);
    await talkUntil(port, 'a FIFO', () => existsSync(join(theirs, 'greet.log.1')) && statSync(join(theirs, 'greet.log.1')).isFIFO());
    await talkUntil(other, 'the other log to be rotated twice', () => existsSync(join(directory, 'other.log.1.gz')));
    await reload(daemon, config);
    for (let i = 0; i < 60; i++) await ask({ port });
    await endsSoon(daemon);
  });
});

/** SIGTERM, and superd ends by itself. */
async function endsSoon(daemon: Daemon): Promise<void> {
  daemon.signal('SIGTERM');
  expect(await within('superd to end', daemon.exited, 10_000)).toEqual({ code: 0, signal: null });
}

describeWith(needs, 'the captured output of a daemon, whose user', () => {
  test('exchanges the directory for a link to one of root: superd writes nothing there', async () => {
    const { theirs, roots } = directories();
    asAttacker(`ln -s ${roots} ${theirs}/log`);
    const server = { server: '/bin/sh', server_args: '-c "while :; do echo word; sleep 0.1; done"' };
    const daemon = await startDaemon({ config: residentBlock('talks', { ...server, output: join(theirs, 'log/out.log') }) });
    await waitFor('the refusal', () => readdirSync(roots).length > 0 || daemon.words.includes(`${theirs}/log is a symbolic link`));
    expect(names(roots)).toEqual([]);
  });
});

describeWith({ superdOnly: 'xinetd opens what /dev/stdout leads to' }, 'a log and an output at /dev/stdout and /dev/stderr', () => {
  test('are the descriptors that superd was started with', async () => {
    const port = await freePort();
    const server = { server: '/bin/sh', server_args: '-c "echo word of the daemon; exec sleep 1000"', output: '/dev/stderr' };
    const daemon = await startDaemon({ config: logging('greet', port, '/dev/stdout') + residentBlock('talks', server) });
    expect(await ask({ port })).toBe('hello\n');
    await daemon.waitForWords(/^\d\d\/\d\d\/\d\d@\S+ START: greet/m);
    await daemon.waitForWords(/^word of the daemon$/m);
  });
});

describeWith(needs, 'a log in a directory that everybody can write to', () => {
  test('is not written through a hard link of another user to a file of root', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'tmp'));
    chmodSync(join(directory, 'tmp'), 0o1777);
    writeFileSync(join(directory, 'precious'), 'precious\n');
    linkSync(join(directory, 'precious'), join(directory, 'tmp/greet.log'));
    const port = await freePort();
    const daemon = await startDaemon({ config: logging('greet', port, join(directory, 'tmp/greet.log')) });
    expect(await ask({ port })).toBe('hello\n');
    await daemon.waitForWords(/greet\.log has other names/);
    expect(readFileSync(join(directory, 'precious'), 'utf8')).toBe('precious\n');
  });
});

describeWith(
  { root: true, programs: ['python3', 'umount'], superdOnly: 'xinetd waits' },
  'a log on a file system that does not answer',
  () => {
    test('stops no other log, no reload, no client, and nothing that superd does at its end', async () => {
      const directory = temporaryDirectory();
      const mount = join(directory, 'mount');
      mkdirSync(mount);
      const server = new Running(fixture('one-file-system.py'), [mount]);
      onTestFinished(async () => void (await run('umount', ['--lazy', mount])));
      await server.waitForLines(1);
      const [port, other] = (await freePorts(2)) as [number, number];
      const config = logging('greet', port, join(mount, 'log')) + logging('other', other, join(directory, 'other.log'));
      const daemon = await startDaemon({ config });
      await talkUntil(port, 'the first line', () => readFileSync(join(mount, 'log'), 'utf8').includes('START'));
      server.signal('SIGSTOP');
      onTestFinished(() => server.signal('SIGCONT'));
      for (let i = 0; i < 20; i++) expect(await ask({ port })).toBe('hello\n');
      const lines = () => readFileSync(join(directory, 'other.log'), 'utf8').split('\n').length;
      const before = lines();
      await talkUntil(other, 'lines of the other', () => lines() >= before + 10);
      await reload(daemon, config);
      await talkUntil(port, 'superd to say so', () => daemon.words.includes(`${mount}/log has not answered for 5 s`));
      // superd comes to its end. Of a process that has such a file open the kernel keeps a rest, until the file system answers or is unmounted.
      daemon.signal('SIGTERM');
      await waitFor('the end of all that superd does', () => !existsSync(daemon.pidFile) && !existsSync(daemon.controlSocket));
      server.signal('SIGCONT');
      expect(await within('superd to end', daemon.exited, 10_000)).toEqual({ code: 0, signal: null });
    });
  },
);
