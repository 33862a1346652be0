import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { lastLines } from '../../src/control/log-lines.js';
import {
  awaitFileTask,
  bindingUnix,
  closing,
  compressing,
  lookingAt,
  makingDirectory,
  moving,
  openingExisting,
  openingForAppend,
  removing,
  replacing,
  runFileTask,
  settingMode,
  sizesOf,
  startFileTask,
  tailOf,
  writing,
} from '../../src/os/open-safely.js';
import { trustedPid } from '../../src/supervise/pidfile.js';
import { atEnd } from '../support/at-end.js';
import { fixture } from '../support/fixture.js';
import { describeWith } from '../support/requirements.js';
import { Running, run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { shell, World } from './world.js';

const GAMES = { uid: 5, gid: 60 };
const GZIP = ['/bin/gzip', 'gzip', '-c'] as const;

function append(path: string, text: string): void {
  const { fd } = runFileTask(openingForAppend(path));
  runFileTask(writing(fd, path, Buffer.from(text)));
  runFileTask(closing(fd));
}

/** A directory of games's. */
function foreignDirectory(): string {
  const directory = join(temporaryDirectory(), 'theirs');
  mkdirSync(directory);
  chownSync(directory, GAMES.uid, GAMES.gid);
  return directory;
}

const owner = (path: string) => ({ uid: statSync(path).uid, gid: statSync(path).gid });

describe('a file that is opened for appending', () => {
  test('is made with mode 0644, is appended to, and can be read from its end', () => {
    const path = join(temporaryDirectory(), 'log');
    append(path, 'one\n');
    append(path, 'two\n');
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
    const open = runFileTask(openingExisting(path));
    expect(open).toMatchObject({ path, size: 8, regular: true });
    const { bytes, isWhole } = runFileTask(tailOf(open.fd, path, 4));
    expect([String(bytes), isWhole]).toEqual(['two\n', false]);
    runFileTask(closing(open.fd));
  });

  test('that is not there is an error of the machine, in its words', () => {
    const path = join(temporaryDirectory(), 'none', 'log');
    expect(() => runFileTask(openingForAppend(path))).toThrow(`open ${join(path, '..')}: no such file or directory (ENOENT)`);
    expect(() => runFileTask(openingExisting(join(path, '../../log')))).toThrow(/ENOENT/);
    expect(() => runFileTask(openingForAppend(temporaryDirectory()))).toThrow(/illegal operation on a directory \(EISDIR\)/);
  });

  test('is found through the links of root, relative and absolute, and says where it is', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'data'));
    symlinkSync('data', join(directory, 'relative'));
    symlinkSync(join(directory, 'relative', 'real'), join(directory, 'absolute'));
    append(join(directory, 'absolute'), 'text');
    expect(readFileSync(join(directory, 'data/real'), 'utf8')).toBe('text');
    const open = runFileTask(openingExisting(join(directory, 'absolute')));
    expect(open.path).toBe(join(directory, 'data/real'));
    runFileTask(closing(open.fd));
  });

  test('is not waited for when it is a FIFO that nobody reads', () => {
    const path = join(temporaryDirectory(), 'fifo');
    execFileSync('mkfifo', [path]);
    expect(() => runFileTask(openingForAppend(path))).toThrow(`open ${path}: no such device or address (ENXIO)`);
  });

  test('is no socket, no disk and no endless circle of links', () => {
    const directory = temporaryDirectory();
    closeSync(runFileTask(bindingUnix(join(directory, 'socket'), { type: 'stream', backlog: 1, nonblocking: true, mode: 0o600 })).fd);
    symlinkSync('circle', join(directory, 'circle'));
    expect(() => runFileTask(openingForAppend(join(directory, 'socket')))).toThrow(/neither a regular file/);
    expect(() => runFileTask(openingForAppend(join(directory, 'circle')))).toThrow(/ELOOP/);
  });
});

describeWith({ root: true }, 'below a directory of another user', () => {
  test('everything is done with the rights of this user, groups included', () => {
    const directory = foreignDirectory();
    append(join(directory, 'log'), 'text');
    expect(owner(join(directory, 'log'))).toEqual(GAMES);
    const file = runFileTask(replacing(join(directory, 'pid'), '7\n', 0o644));
    expect(owner(join(directory, 'pid'))).toEqual(GAMES);
    const { fd } = runFileTask(bindingUnix(join(directory, 'socket'), { type: 'dgram', backlog: -1, nonblocking: true, mode: 0o666 }));
    closeSync(fd);
    expect(owner(join(directory, 'socket'))).toEqual(GAMES);
    expect(statSync(join(directory, 'socket')).mode & 0o777).toBe(0o666);
    expect(owner(runFileTask(makingDirectory(join(directory, 'a/b'), 0o700)).path)).toEqual(GAMES);
    runFileTask(removing(join(directory, 'pid'), file));
    expect(existsSync(join(directory, 'pid'))).toBe(false);
    // And the thread is superd's again.
    append(join(directory, '..', 'ours'), 'text');
    expect(owner(join(directory, '..', 'ours'))).toEqual({ uid: 0, gid: 0 });
  });

  test('no link is followed, whoever made it, and no file of root is written', () => {
    const directory = foreignDirectory();
    const secret = join(temporaryDirectory(), 'secret');
    writeFileSync(secret, 'secret', { mode: 0o600 });
    symlinkSync(secret, join(directory, 'link'));
    linkSync(secret, join(directory, 'hard'));
    mkdirSync(join(directory, 'roots'));
    symlinkSync(join(secret, '..'), join(directory, 'elsewhere'));
    const link = join(directory, 'link');
    expect(() => runFileTask(openingForAppend(link))).toThrow(
      `${link} is a symbolic link that someone else could have made; it is not followed`,
    );
    expect(() => runFileTask(openingForAppend(join(directory, 'elsewhere/new')))).toThrow(/elsewhere is a symbolic link/);
    const hard = join(directory, 'hard');
    expect(() => runFileTask(openingForAppend(hard))).toThrow(
      `open ${hard} as uid 5, who owns a directory on the way: permission denied (EACCES)`,
    );
    expect(() => runFileTask(openingForAppend(join(directory, 'roots/log')))).toThrow(/EACCES/);
    expect(readFileSync(secret, 'utf8')).toBe('secret');
  });

  test('a name is renamed or removed only as the file that superd knows', () => {
    const directory = foreignDirectory();
    const path = join(directory, 'log');
    append(path, 'text');
    const { fd, file } = runFileTask(openingExisting(path));
    renameSync(path, `${path}.old`);
    append(path, 'another');
    expect(() => runFileTask(moving(path, file, [['log', 'log.1']]))).toThrow(`${path} has become another file`);
    expect(() => runFileTask(removing(path, file))).toThrow('has become another file');
    expect(() => runFileTask(settingMode(path, file, 0o777))).toThrow('has become another file');
    expect(runFileTask(lookingAt(path, fd))).toMatchObject({ size: 4, uid: GAMES.uid });
    expect(runFileTask(lookingAt(path, fd)).there).not.toBe(file);
    expect(runFileTask(sizesOf(path, ['log', 'log.old', 'none']))).toEqual([7, 4, 0]);
    runFileTask(closing(fd));
  });
});

describeWith({ root: true }, 'a file that superd creates again', () => {
  test('gets the mode and owner of the previous one; a uid may exceed a signed 32-bit integer', () => {
    const like = { mode: 0o640, uid: 3_000_000_000, gid: 3_000_000_001 };
    const { fd, mode, uid, gid } = runFileTask(openingForAppend(join(temporaryDirectory(), 'log'), like));
    expect({ mode, uid, gid }).toEqual(like);
    runFileTask(closing(fd));
  });
});

describeWith({ root: true }, 'in a directory that everybody can write to', () => {
  function sticky(): string {
    const directory = join(temporaryDirectory(), 'sticky');
    mkdirSync(directory);
    chmodSync(directory, 0o1777);
    return directory;
  }

  test("a file is superd's own and has one name, and no link is followed", () => {
    const directory = sticky();
    append(join(directory, 'ours'), 'one');
    append(join(directory, 'ours'), 'two');
    writeFileSync(join(directory, 'theirs'), '');
    chownSync(join(directory, 'theirs'), GAMES.uid, GAMES.gid);
    linkSync(join(directory, 'ours'), join(directory, 'linked'));
    symlinkSync('ours', join(directory, 'symbolic'));
    expect(() => runFileTask(openingForAppend(join(directory, 'theirs')))).toThrow(/belongs to someone else/);
    expect(() => runFileTask(openingForAppend(join(directory, 'linked')))).toThrow(/has other names/);
    expect(() => runFileTask(openingForAppend(join(directory, 'symbolic')))).toThrow(/is a symbolic link/);
  });

  test('a directory of root is stable with the sticky bit, and not without', () => {
    const directory = sticky();
    expect(runFileTask(makingDirectory(join(directory, 'a/b'), 0o700)).unstable).toBeNull();
    chmodSync(directory, 0o777);
    expect(runFileTask(makingDirectory(join(directory, 'a/b'), 0o700)).unstable).toBe(join(directory, 'a'));
  });
});

describe('a unix socket', () => {
  const spec = { type: 'stream', backlog: 1, nonblocking: true, mode: 0o600 } as const;

  test('takes the place of one whose process is dead, and of nothing else', () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'socket');
    const first = runFileTask(bindingUnix(path, spec));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => runFileTask(bindingUnix(path, spec))).toThrow(`bind ${path}: address already in use (EADDRINUSE)`);
    closeSync(first.fd);
    const second = runFileTask(bindingUnix(path, { ...spec, type: 'dgram', backlog: -1 }));
    expect(() => runFileTask(bindingUnix(path, spec))).toThrow(/EADDRINUSE/);
    closeSync(second.fd);
    writeFileSync(join(directory, 'file'), 'text');
    expect(() => runFileTask(bindingUnix(join(directory, 'file'), spec))).toThrow(/is not a socket/);
  });
});

describe('compression', () => {
  async function compress(path: string, file: string, most = 10_000, program: readonly [string, ...string[]] = GZIP): Promise<void> {
    await awaitFileTask(compressing({ path, file, draft: 'log.1.gz.tmp', target: 'log.1.gz', program, most, milliseconds: 2000 }));
  }

  function generation(directory: string, text: string): { path: string; file: string } {
    const path = join(directory, 'log.1');
    append(path, text);
    const { fd, file } = runFileTask(openingExisting(path));
    runFileTask(closing(fd));
    return { path, file };
  }

  test('leaves the compressed file alone, with mode and owner of the first', async () => {
    const { path, file } = generation(temporaryDirectory(), 'x'.repeat(100_000));
    chmodSync(path, 0o640);
    await compress(path, file);
    expect(existsSync(path)).toBe(false);
    expect(gunzipSync(readFileSync(`${path}.gz`)).toString()).toBe('x'.repeat(100_000));
    expect(statSync(`${path}.gz`).mode & 0o777).toBe(0o640);
  });

  test('leaves everything as it was where the result is too large, or the program fails or takes too long', async () => {
    const { path, file } = generation(temporaryDirectory(), 'x'.repeat(100_000));
    await expect(compress(path, file, 10)).rejects.toThrow(/EIO/);
    await expect(compress(path, file, 10_000, ['/bin/false', 'false'])).rejects.toThrow(/EIO/);
    await expect(compress(path, file, 10_000, ['/none', 'none'])).rejects.toThrow(/EIO/);
    await expect(compress(path, file, 10_000, ['/bin/sleep', 'sleep', '60'])).rejects.toThrow(/EIO/);
    expect(readFileSync(path, 'utf8')).toHaveLength(100_000);
    expect(existsSync(`${path}.gz`) || existsSync(`${path}.gz.tmp`)).toBe(false);
  });

  test('waits for no other one that began before it', async () => {
    const [first, last, ready] = [temporaryDirectory(), temporaryDirectory(), join(temporaryDirectory(), 'ready')];
    // Leaves an idle thread behind.
    const before = generation(temporaryDirectory(), 'text');
    await compress(before.path, before.file);
    const [one, other] = [generation(first, 'text'), generation(last, 'text')];
    const waiting = ['/bin/sh', 'sh', '-c', `while [ ! -e ${ready} ]; do sleep 0.01; done; cat`] as const;
    const program = (words: readonly [string, ...string[]], { path, file }: typeof one) =>
      awaitFileTask(
        compressing({ path, file, draft: 'log.1.gz.tmp', target: 'log.1.gz', program: words, most: 100, milliseconds: 60_000 }),
      );
    await Promise.all([program(waiting, one), program(['/bin/sh', 'sh', '-c', `touch ${ready}; cat`], other)]);
    expect([first, last].map((directory) => readFileSync(join(directory, 'log.1.gz'), 'utf8'))).toEqual(['text', 'text']);
  });

  test('reads no FIFO, no link, no other file, and none that has another name', async () => {
    const { path, file } = generation(temporaryDirectory(), 'text');
    linkSync(path, `${path}.linked`);
    await expect(compress(path, file)).rejects.toThrow(/has other names/);
    renameSync(path, `${path}.away`);
    execFileSync('mkfifo', [path]);
    await expect(compress(path, file)).rejects.toThrow(/not a regular file/);
    renameSync(path, `${path}.fifo`);
    symlinkSync(`${path}.away`, path);
    await expect(compress(path, file)).rejects.toThrow(/not a regular file/);
    renameSync(path, `${path}.link`);
    writeFileSync(path, 'text');
    await expect(compress(path, file)).rejects.toThrow(/has become another file/);
  });

  describeWith({ root: true }, 'of another user', () => {
    test('runs with the rights of this user', async () => {
      const directory = foreignDirectory();
      const { path, file } = generation(directory, 'text');
      await compress(path, file, 10_000, ['/bin/sh', 'sh', '-c', 'id -u; id -g; id -G; ls /proc/self/fd | wc -l']);
      // 0 to 2, and the one that ls reads.
      expect(readFileSync(`${path}.gz`, 'utf8')).toBe('5\n60\n60\n4\n');
      expect(owner(`${path}.gz`)).toEqual(GAMES);
    });
  });
});

describeWith({ root: true, programs: ['python3', 'umount'] }, 'a file system that does not answer', () => {
  test('holds up no other file, and no process that is started', async () => {
    const directory = temporaryDirectory();
    const mount = join(directory, 'mount');
    mkdirSync(mount);
    const server = new Running(fixture('one-file-system.py'), [mount]);
    atEnd(() => run('umount', ['--lazy', mount]));
    await server.waitForLines(1);
    const { fd } = runFileTask(openingForAppend(join(mount, 'log')));
    runFileTask(writing(fd, mount, Buffer.from('answers\n')));
    server.signal('SIGSTOP');
    let count = 0;
    const jobs = Array.from({ length: 10 }, () => startFileTask(writing(fd, mount, Buffer.from('hangs\n')), () => count++));
    expect(jobs[0]?.wait(50)).toBe(false);
    for (let i = 0; i < 100; i++) void lastLines(join(mount, 'log'), 10, () => true);
    expect(() => runFileTask(openingForAppend(join(mount, 'log')), 20)).toThrow(`open ${mount}/log: connection timed out (ETIMEDOUT)`);
    for (let i = 0; i < 20; i++) append(join(directory, 'fast'), `${i}\n`);
    expect(readFileSync(join(directory, 'fast'), 'utf8').split('\n')).toHaveLength(21);
    expect(trustedPid(join(mount, 'log'), 0)).toBe(0);
    // It would close its copies of open files at execve(2).
    const world = new World();
    expect((await world.run(shell('ls /proc/self/fd | wc -l'))).output).toBe('4\n');
    // A program that cannot begin is not waited for as long as one that runs.
    const path = join(directory, 'log.1');
    append(path, 'text');
    const { file } = runFileTask(openingExisting(path));
    const program = [join(mount, 'log'), 'log'] as const;
    const names = { draft: 'log.1.gz.tmp', target: 'log.1.gz' };
    await expect(awaitFileTask(compressing({ path, file, ...names, program, most: 100, milliseconds: 3_600_000 }))).rejects.toThrow(/EIO/);
    server.signal('SIGCONT');
    await waitFor('all of them', () => count === 10);
    runFileTask(closing(fd));
  });
});
