import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSink, read } from '../support/open-sink.js';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const NOBODY = 65534;

/** A directory like /tmp: every user may write, and only the owner of a file may remove it. */
function stickyDirectory(): string {
  const directory = join(temporaryDirectory(), 'sticky');
  mkdirSync(directory);
  chmodSync(directory, 0o1777);
  return directory;
}

function foreignLink(target: string, path: string): void {
  symlinkSync(target, path);
  execFileSync('chown', ['-h', `${NOBODY}:${NOBODY}`, path]);
}

describeWith({ root: true }, 'a log in a directory that others may write to', () => {
  it('does not follow a link of another user', () => {
    const directory = stickyDirectory();
    const secret = join(temporaryDirectory(), 'secret');
    writeFileSync(secret, 'as it was\n');
    const path = join(directory, 'log');
    foreignLink(secret, path);
    const { sink, failures } = openSink(path);
    sink.write('stranger says\n');
    sink.close();
    expect(read(secret)).toBe('as it was\n');
    expect(failures()[0]?.problem).toBe(`${path} is a symbolic link that someone else could have made; it is not followed`);
  });

  it('does not create the target of a link', () => {
    const directory = stickyDirectory();
    const target = join(temporaryDirectory(), 'made-by-root');
    foreignLink(target, join(directory, 'log'));
    openSink(join(directory, 'log')).sink.close();
    expect(lstatSync(target, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('does not follow even a link of root where others could have made it', () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o777);
    symlinkSync(join(temporaryDirectory(), 'elsewhere'), join(directory, 'log'));
    expect(openSink(join(directory, 'log')).failures()).toHaveLength(1);
  });

  it('does not write to a file of another user, nor to one with another hard link', () => {
    const directory = stickyDirectory();
    writeFileSync(join(directory, 'theirs'), '');
    chownSync(join(directory, 'theirs'), NOBODY, NOBODY);
    writeFileSync(join(directory, 'ours'), '');
    linkSync(join(directory, 'ours'), join(directory, 'linked'));
    for (const name of ['theirs', 'linked']) {
      const { sink, failures } = openSink(join(directory, name));
      sink.write('line\n');
      sink.close();
      expect(failures()).toHaveLength(1);
      expect(read(join(directory, name))).toBe('');
    }
  });

  it('writes to a file of its own user', () => {
    const path = join(stickyDirectory(), 'log');
    for (const line of ['one\n', 'two\n']) {
      const { sink } = openSink(path);
      sink.write(line);
      sink.close();
    }
    expect(read(path)).toBe('one\ntwo\n');
  });

  it('does not wait for the reader of a FIFO, and loses nothing while it has one', async () => {
    const path = join(temporaryDirectory(), 'fifo');
    execFileSync('mkfifo', [path]);
    const { sink, failures } = openSink(path);
    sink.write('one\n');
    expect(failures()[0]?.problem).toBe(`open ${path}: no such device or address (ENXIO)`);
    const { spawn } = await import('node:child_process');
    const reader = spawn('cat', [path]);
    let heard = '';
    reader.stdout.on('data', (chunk) => {
      heard += chunk;
    });
    await waitFor('the line', () => heard === 'one\n');
    reader.kill();
  });
});
