import { expect, test } from 'vitest';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Without the right to raise hard limits, as in most containers. */
const CONTAINED = ['setpriv', '--bounding-set', '-sys_resource', '--inh-caps', '-sys_resource'];

async function limitsOfServer(attributes: Readonly<Record<string, string>>, prefix: readonly string[]) {
  const port = await freePort();
  const daemon = await startDaemon({
    prefix,
    config: serviceBlock('limited', { port, server: '/bin/sh', server_args: '-c "ulimit -n; ulimit -v"', ...attributes }),
  });
  const [files, memory] = (await ask({ port })).split('\n');
  return { files, memory, daemon };
}

describeWith({ root: true, programs: ['setpriv', 'prlimit'] }, 'a limit that superd may not give', () => {
  test('is lowered with a warning when superd reads it: UNLIMITED descriptors', async () => {
    const { files, daemon } = await limitsOfServer({ rlimit_files: 'UNLIMITED' }, []);
    await daemon.waitForWords(new RegExp(`warning: rlimit_files: superd may give no more than ${files} on this machine, found UNLIMITED`));
  });

  test('is lowered to the hard limit of a container', async () => {
    const { files, daemon } = await limitsOfServer({ rlimit_files: '5000' }, ['prlimit', '--nofile=200:300', ...CONTAINED]);
    expect(files).toBe('300');
    await daemon.waitForWords(/warning: rlimit_files: superd may give no more than 300/);
  });

  test('is lowered where /proc does not show what is possible', async () => {
    const { files } = await limitsOfServer({ rlimit_files: '9000000000' }, withMounts({ '/proc': temporaryDirectory() }));
    expect(Number(files)).toBeGreaterThan(100);
  });

  test('leaves a limit that it may give as written', async () => {
    const { memory, files } = await limitsOfServer({ rlimit_as: '900M', rlimit_files: '77' }, CONTAINED);
    expect([memory, files]).toEqual([String(900 * 1024), '77']);
  });
});
