import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith, findProgram } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

/** A tree with subdirectories, a large file and a link. */
function makeTree(directory: string): void {
  mkdirSync(join(directory, 'deep/er'), { recursive: true });
  writeFileSync(join(directory, 'one.txt'), 'one\n');
  writeFileSync(join(directory, 'deep/er/large.bin'), Buffer.alloc(3 * 2 ** 20, 'superd'));
  symlinkSync('../one.txt', join(directory, 'deep/link'));
}

/** Every path with its content. */
function contentOf(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => [
      join(entry.parentPath, entry.name).slice(directory.length),
      readFileSync(join(entry.parentPath, entry.name), 'latin1'),
    ]),
  );
}

describeWith({ programs: ['rsync'] }, 'rsync --daemon', () => {
  test('sends a tree and receives one', async () => {
    const [offered, taken, fetched, brought] = Array.from({ length: 4 }, temporaryDirectory) as [string, string, string, string];
    makeTree(offered);
    makeTree(brought);
    writeFileSync(join(brought, 'mine.txt'), 'mine\n');
    const settings = join(temporaryDirectory(), 'rsyncd.conf');
    const who = process.getuid!() === 0 ? `uid = root\ngid = root\n` : '';
    writeFileSync(settings, `use chroot = no\n${who}[offered]\npath = ${offered}\n[taken]\npath = ${taken}\nread only = no\n`);
    const port = await freePort();
    const daemon = await startDaemon({
      config: serviceBlock('rsync', {
        port,
        user: userInfo().username,
        server: findProgram('rsync')!,
        server_args: ['--daemon', `--config=${settings}`],
      }),
    });
    const pulled = await run('rsync', ['-a', `rsync://127.0.0.1:${port}/offered/`, `${fetched}/`]);
    expect(pulled).toMatchObject({ code: 0, stderr: '' });
    expect(contentOf(fetched)).toEqual(contentOf(offered));
    const pushed = await run('rsync', ['-a', `${brought}/`, `rsync://127.0.0.1:${port}/taken/`]);
    expect(pushed).toMatchObject({ code: 0, stderr: '' });
    expect(contentOf(taken)).toEqual(contentOf(brought));
    await daemon.waitForEntry(/^EXIT: rsync status=0 /);
  });
});
