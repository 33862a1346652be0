import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { allLines, openSink, read, turn } from '../../../tests/support/open-sink.js';
import { temporaryDirectory } from '../../../tests/support/temporary.js';
import { waitFor } from '../../../tests/support/wait-for.js';

function logPath(): string {
  return join(temporaryDirectory(), 'servicelog');
}

describe('a log file', () => {
  it('is created with mode 0644, and appended to', async () => {
    const path = logPath();
    openSink(path);
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
    appendFileSync(path, 'before\n');
    const { sink } = openSink(path);
    sink.write('after\n');
    await turn();
    expect(read(path)).toBe('before\nafter\n');
  });

  it('gets the lines of one turn together', async () => {
    const path = logPath();
    const { sink } = openSink(path);
    sink.write('one\n');
    sink.write('two\n');
    expect(read(path)).toBe('');
    await turn();
    expect(read(path)).toBe('one\ntwo\n');
  });

  it('is not waited for by a turn with more lines than a pipe holds, and loses none of them', async () => {
    const path = logPath();
    const { sink, events } = openSink(path);
    const waits = vi.spyOn(sink, 'settle');
    const line = `${'x'.repeat(1023)}\n`;
    for (let n = 0; n < 500; n++) sink.write(line);
    expect(waits).not.toHaveBeenCalled();
    await new Promise<void>((ready) => sink.whenReady(ready));
    expect(read(path) === line.repeat(500)).toBe(true);
    expect(events).toEqual([]);
  });

  it('is ready when all is written, and calls back once, unless that is cancelled', async () => {
    const path = logPath();
    const { sink } = openSink(path);
    expect(sink.isReady).toBe(true);
    sink.write('one\n');
    expect(sink.isReady).toBe(false);
    const heard: string[] = [];
    const hear = (what: string) => sink.whenReady(() => heard.push(`${what}: ${read(path)}`));
    hear('first');
    hear('cancelled')();
    sink.flush();
    await turn();
    sink.write('two\n');
    await turn();
    expect(heard).toEqual(['first: one\n']);
  });

  it('is ready while it fails, since it would never be otherwise', async () => {
    const { sink } = openSink(join(temporaryDirectory(), 'missing', 'log'));
    sink.write('one\n');
    await turn();
    expect(sink.isReady).toBe(true);
  });

  it('is complete after a flush or close', () => {
    const path = logPath();
    const { sink } = openSink(path);
    sink.write('one\n');
    sink.flush();
    expect(read(path)).toBe('one\n');
    sink.write('two\n');
    sink.close();
    sink.write('three\n');
    expect(read(path)).toBe('one\ntwo\n');
  });
});

describe('a log that was moved away', () => {
  it('is reopened at once on HUP', async () => {
    const path = logPath();
    const { sink } = openSink(path);
    sink.write('one\n');
    await turn();
    renameSync(path, `${path}.old`);
    sink.write('two\n');
    sink.reopen();
    sink.write('three\n');
    await turn();
    expect(read(`${path}.old`)).toBe('one\ntwo\n');
    expect(read(path)).toBe('three\n');
  });

  it('stays open on HUP when it was not moved', async () => {
    const path = logPath();
    const { sink, events } = openSink(path);
    for (const line of ['one\n', 'two\n']) {
      sink.write(line);
      sink.reopen();
    }
    await turn();
    expect(read(path)).toBe('one\ntwo\n');
    expect(events).toEqual([]);
  });

  it.each(['moved', 'removed'])('is noticed without HUP within a second or so: %s', async (how) => {
    const path = logPath();
    const { sink, events } = openSink(path);
    sink.write('one\n');
    await turn();
    if (how === 'moved') renameSync(path, `${path}.old`);
    else rmSync(path);
    await waitFor('a new file', () => {
      sink.write('two\n');
      sink.flush();
      return read(path).startsWith('two\n');
    });
    expect(events).toEqual([]);
  });

  it('is replaced by one with the same mode and owner', () => {
    const path = logPath();
    const { sink } = openSink(path);
    chmodSync(path, 0o640);
    if (process.getuid!() === 0) chownSync(path, 65534, 65534);
    const before = statSync(path);
    renameSync(path, `${path}.old`);
    sink.reopen();
    const { mode, uid, gid } = statSync(path);
    expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid });
  });

  it('keeps the mode of a file that another program created', () => {
    const path = logPath();
    const { sink } = openSink(path);
    renameSync(path, `${path}.old`);
    writeFileSync(path, '', { mode: 0o600 });
    sink.reopen();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('a log that cannot be opened', () => {
  it('is one failure, buffers 64 KiB of lines, counts the others, and reports the count when it works', async () => {
    const path = join(temporaryDirectory(), 'later', 'servicelog');
    const { sink, failures } = openSink(path);
    const line = `${'x'.repeat(1023)}\n`;
    for (let n = 0; n < 100; n++) {
      sink.write(line);
      await turn();
    }
    expect(failures()).toEqual([{ problem: `open ${join(path, '..')}: no such file or directory (ENOENT)`, linesLost: 0 }]);
    mkdirSync(join(path, '..'));
    await waitFor('the log', () => read(path) !== '');
    sink.write('new\n');
    await turn();
    const lost = `36 lines lost: open ${join(path, '..')}: no such file or directory (ENOENT)\n`;
    expect(read(path) === `${line.repeat(64)}${lost}new\n`).toBe(true);
    await waitFor('the recovery', () => failures().length === 2);
    expect(failures()[1]).toEqual({ problem: '', linesLost: 36 });
  });
});

it('goes on after a line larger than the buffer', async () => {
  const path = logPath();
  const { sink } = openSink(path);
  for (const line of ['one\n', `${'x'.repeat(1_100_000)}\n`]) sink.write(line);
  await turn();
  sink.write('two\n');
  await turn();
  expect(read(path)).toBe('one\n1 lines lost: lines come faster than they can be written\ntwo\n');
});

describe('size limits', () => {
  it('warn once at the soft limit', async () => {
    const path = logPath();
    const { sink, events } = openSink(path, { soft: 10, hard: 1000, keep: 1 });
    for (let n = 0; n < 20; n++) {
      sink.write('line\n');
      await turn();
    }
    expect(events).toEqual([
      { type: 'notice', at: expect.any(Number), level: 'warning', message: `Size of ${path} exceeded soft limit (10 bytes)` },
    ]);
  });

  it('stop the log at the hard limit without generations, with one message, until it is moved or truncated', async () => {
    const path = logPath();
    const { sink, failures } = openSink(path, { hard: 11, keep: 0 });
    for (let n = 0; n < 20; n++) {
      sink.write('line\n');
      await turn();
    }
    expect(read(path)).toBe('line\nline\n');
    expect(failures()).toEqual([{ problem: `Size of ${path} exceeded hard limit (11 bytes, log_keep = 0)`, linesLost: 0 }]);
    truncateSync(path);
    await waitFor('the log to go on', () => read(path) === 'line\nline\n' && statSync(path).size === 10);
  });

  it('count bytes that others wrote to the file', async () => {
    const path = logPath();
    const { sink } = openSink(path, { hard: 100, keep: 1 });
    sink.write('one\n');
    await turn();
    appendFileSync(path, `${'x'.repeat(89)}\n`);
    sink.reopen();
    sink.write('two, which is too much\n');
    await turn();
    expect(read(path)).toBe('two, which is too much\n');
  });

  it('rotate a file that was over the limit when it was opened', async () => {
    const path = logPath();
    writeFileSync(path, `${'x'.repeat(999)}\n`);
    const { sink } = openSink(path, { hard: 500, keep: 1 });
    sink.write('one\n');
    await turn();
    expect(read(path)).toBe('one\n');
    await waitFor('the generation', () => existsSync(`${path}.1.gz`));
    expect(allLines(path)).toEqual(['x'.repeat(999), 'one']);
  });

  it('drop and count a line longer than the hard limit', async () => {
    const path = logPath();
    const { sink, failures } = openSink(path, { hard: 60, keep: 2 });
    sink.write(`${'x'.repeat(100)}\n`);
    sink.write('short\n');
    await turn();
    expect(read(path)).toContain('short\n');
    await waitFor('the recovery', () => failures().length === 2);
    expect(failures()).toEqual([
      { problem: 'a line is longer than the hard limit of 60 bytes', linesLost: 1 },
      { problem: '', linesLost: 1 },
    ]);
  });
});
