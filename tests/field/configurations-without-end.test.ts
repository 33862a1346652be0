import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

const superd = new URL('../../bin/superd', import.meta.url).pathname;

function check(config: string, args: readonly string[] = []) {
  // Far above what a bounded check takes; an unbounded one never ends.
  const { stdout, stderr, status } = spawnSync(superd, ['--check', ...args, '--config', config], { encoding: 'utf8', timeout: 60_000 });
  return { text: `${stdout}${stderr}`, status };
}

/** Each file includes the next one twice: 2⁴⁰ files in the end. */
function bomb(directory: string): string {
  for (let i = 0; i < 40; i++) writeFileSync(join(directory, `b${i}`), `include b${i + 1}\ninclude b${i + 1}\n`);
  writeFileSync(join(directory, 'b40'), '');
  return join(directory, 'b0');
}

/** 2¹⁶ files, none of them deep. */
function broadBomb(directory: string): string {
  for (let i = 0; i < 16; i++) writeFileSync(join(directory, `w${i}`), `include w${i + 1}\ninclude w${i + 1}\n`);
  writeFileSync(join(directory, 'w16'), '');
  return join(directory, 'w0');
}

describeWith({}, 'a configuration beyond the bounds', () => {
  test.each([
    ['deep', bomb, 'files include each other more than 32 deep'],
    ['broad', broadBomb, 'the configuration has more than 10000 files; superd reads no further file'],
  ] as const)('that includes each file twice, %s: superd stops at a bound and says so', (_name, make, message) => {
    const { text, status } = check(make(temporaryDirectory()));
    expect(text).toContain(message);
    expect(status).toBe(100);
  });

  test('does not stop a running superd, which goes on serving', async () => {
    const port = await freePort();
    const greet = serviceBlock('first', { port, server: '/bin/echo', server_args: 'first' });
    const daemon = await startDaemon({ config: greet });
    broadBomb(daemon.directory);
    writeFileSync(daemon.configFile, `${greet}include ${daemon.directory}/w0\n`);
    daemon.signal('SIGHUP');
    await daemon.waitForWords(/has more than 10000 files/);
    expect(await ask({ port })).toBe('first\n');
  });

  test('of too many bytes is refused, and only that file when it is included', () => {
    const directory = temporaryDirectory();
    const [main, huge] = [join(directory, 'main'), join(directory, 'huge')];
    writeFileSync(huge, '#');
    truncateSync(huge, 1024 ** 4);
    writeFileSync(main, `include ${huge}\n`);
    expect(check(huge).text).toContain('bytes that are left for the configuration');
    expect(check(main).text).toMatch(/main:1: error: cannot read .*huge: it has more than the \d+ bytes/);
  });

  test.each(['as the main file', 'included'])('a FIFO is refused %s', (how) => {
    const directory = temporaryDirectory();
    const [main, fifo] = [join(directory, 'main'), join(directory, 'fifo')];
    execFileSync('mkfifo', [fifo]);
    writeFileSync(main, how === 'included' ? `include ${fifo}\n` : '');
    expect(check(how === 'as the main file' ? fifo : main).text).toContain('not a regular file');
  });

  test('a device is refused, but for /dev/null', () => {
    expect(check('/dev/zero').text).toContain('cannot read /dev/zero: it is not a regular file');
    expect(check('/dev/null').status).toBe(0);
  });

  test('a pipe of the shell is read, however late its writer writes', async () => {
    const child = spawn('sh', ['-c', `(sleep 0.2; echo 'service x {'; echo '}') | "${superd}" --check --config /dev/stdin`]);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(child, 'close');
    expect(text).toContain('/dev/stdin:1: error: service x needs');
  });

  test('a million wrong lines have a thousand messages', () => {
    const config = join(temporaryDirectory(), 'lines');
    writeFileSync(config, `service x\n{\n${'a\n'.repeat(1_000_000)}}\n`);
    const lines = check(config).text.split('\n');
    expect(lines.length).toBeLessThan(2100);
  });
});

describeWith({ root: true }, 'a configuration that other users can change', () => {
  const SAFE = 0o755;

  function laidOut(): { readonly directory: string; readonly config: string } {
    const directory = temporaryDirectory();
    const config = join(directory, 'main');
    mkdirSync(join(directory, 'd'), SAFE);
    writeFileSync(join(directory, 'd/part'), '', { mode: 0o644 });
    writeFileSync(config, `includedir ${directory}/d\n`, { mode: 0o644 });
    return { directory, config };
  }

  const change = (...command: readonly string[]) => execFileSync(command[0] as string, command.slice(1));

  test.each([
    ['its owner', (config: string) => change('chown', '65534', config), /main: warning: its owner, uid 65534, can change it/],
    ['every user', (config: string) => change('chmod', '666', config), /main: warning: every user can change it/],
    [
      'a group',
      (config: string) => change('sh', '-c', `chgrp 65534 ${config}; chmod 664 ${config}`),
      /main: warning: the group 65534 can change it/,
    ],
    ['a directory', (config: string) => change('chmod', '777', join(config, '../d')), /d: warning: every user can change it/],
    [
      'a link',
      (config: string) => change('sh', '-c', `mv ${config} ${config}2; ln -s ${config}2 ${config}; chown -h 65534 ${config}`),
      /main: warning: its owner/,
    ],
    ['a part', (config: string) => change('chown', '65534', join(config, '../d/part')), /part: warning: its owner/],
  ] as const)('through %s: a warning, and with --require-safe-config an error', (_who, weaken, warning) => {
    const { config } = laidOut();
    weaken(config);
    const plain = check(config);
    expect([plain.status, plain.text]).toEqual([0, expect.stringMatching(warning)]);
    const strict = check(config, ['--require-safe-config']);
    expect([strict.status, strict.text]).toEqual([100, expect.stringContaining('can change it')]);
  });

  test('not at all: root, a sticky directory on the way, and links of root', () => {
    const { directory, config } = laidOut();
    change(
      'sh',
      '-c',
      `mkdir ${directory}/tmp; chmod 1777 ${directory}/tmp; mv ${config} ${directory}/tmp/c; ln -s ${directory}/tmp/c ${config}`,
    );
    expect(check(config, ['--require-safe-config'])).toMatchObject({ status: 0, text: expect.not.stringContaining('can change') });
  });
});
