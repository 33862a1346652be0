import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Variables that make Node run an attacker's code or write a file, and the files that show it. */
function hostile() {
  const directory = temporaryDirectory();
  const [trace, coverage, warnings] = ['was-here', 'coverage', 'warnings'].map((name) => join(directory, name)) as [string, string, string];
  const module = join(directory, 'evil.cjs');
  writeFileSync(module, `require('node:fs').writeFileSync(${JSON.stringify(trace)}, 'x'); process.emitWarning('x');`);
  const env = {
    NODE_OPTIONS: `--require ${module}`,
    NODE_PATH: directory,
    NODE_V8_COVERAGE: coverage,
    NODE_REDIRECT_WARNINGS: warnings,
    SUPERD_ADDON: join(directory, 'evil.node'),
  };
  return { env, module, left: () => [trace, coverage, warnings].filter((path) => existsSync(path)) };
}

describeWith({ superdOnly: 'xinetd does not run on Node' }, 'a hostile environment', () => {
  test('loads nothing into superd, and makes it write nothing', async () => {
    const { env, left } = hostile();
    const port = await freePort();
    const config = serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' });
    const daemon = await startDaemon({ config, env });
    expect(await ask({ port })).toBe('hello\n');
    await daemon.stop();
    expect(left()).toEqual([]);
  });

  test.each(['superctl', 'tcpdchk', 'tcpdmatch', 'tcpd'])('nor into %s', (program) => {
    const { env, left } = hostile();
    spawnSync(fileURLToPath(new URL(`../../bin/${program}`, import.meta.url)), ['--help'], {
      env: { PATH: process.env['PATH'], ...env },
      input: '',
      // inetd starts tcpd under the name of the service that it guards.
      ...(program === 'tcpd' ? { argv0: '/bin/true' } : {}),
      timeout: 60_000,
    });
    expect(left()).toEqual([]);
  });

  test('does both to a program that does not clear it', () => {
    const { env, left } = hostile();
    spawnSync(process.execPath, ['-e', ''], { env: { PATH: process.env['PATH'], ...env } });
    expect(left().length).toBeGreaterThan(1);
  });
});
