import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reload } from '../life/reloading.js';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { freePort, freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

const source = new URL('../fixtures/libnss_late.c', import.meta.url).pathname;

/** A machine whose name service knows one user more, `late`, and can stop answering. */
function machine() {
  const directory = temporaryDirectory();
  const down = join(directory, 'down');
  execFileSync('gcc', ['-shared', '-fPIC', '-Wall', '-Wextra', '-Werror', '-o', join(directory, 'libnss_late.so.2'), source]);
  writeFileSync(join(directory, 'nsswitch.conf'), 'passwd: files late\ngroup: files\nhosts: files\nservices: files\n');
  const mounts = withMounts({ '/etc/nsswitch.conf': join(directory, 'nsswitch.conf') });
  return {
    prefix: [...mounts, 'env', `LD_LIBRARY_PATH=${directory}`, `NSS_LATE_DOWN=${down}`],
    stopAnswering: () => writeFileSync(down, ''),
    answerAgain: () => rmSync(down),
  };
}

const block = (port: number, user: string, server_args: string) =>
  serviceBlock(`greet-${server_args}`, { port, user, server: '/bin/echo', server_args });

const UNANSWERED =
  /error: user: cannot look up late now: the name service has not answered: connection timed out \(ETIMEDOUT\); superd asks again/;

describeWith(
  { root: true, programs: ['unshare', 'gcc'], superdOnly: 'xinetd takes a time-out for an unknown user' },
  'a name service',
  () => {
    test.skipIf(!existsSync('/usr/include/nss.h'))('that does not answer at the start delays only the services that need it', async () => {
      const [early, late] = (await freePorts(2)) as [number, number];
      const { prefix, stopAnswering, answerAgain } = machine();
      stopAnswering();
      const daemon = await startDaemon({ config: block(early, 'games', 'early') + block(late, 'late', 'late'), prefix });
      await daemon.waitForWords(UNANSWERED);
      expect(daemon.words).not.toContain('unknown user');
      expect(await ask({ port: early })).toBe('early\n');
      answerAgain();
      await daemon.waitForWords(/greet-late +listen/);
      expect(await ask({ port: late })).toBe('late\n');
    });

    test.skipIf(!existsSync('/usr/include/nss.h'))('that stops answering ends no service at a reload', async () => {
      const [port, other] = (await freePorts(2)) as [number, number];
      const { prefix, stopAnswering, answerAgain } = machine();
      const daemon = await startDaemon({ config: block(port, 'late', 'before'), prefix });
      expect(await ask({ port })).toBe('before\n');
      stopAnswering();
      await reload(daemon, block(port, 'late', 'before') + block(other, 'games', 'new'));
      await daemon.waitForWords(UNANSWERED);
      expect(await ask({ port })).toBe('before\n');
      expect(await ask({ port: other })).toBe('new\n');
      answerAgain();
      await daemon.waitForWords(/superd looks at rejected services again/);
      expect(await ask({ port })).toBe('before\n');
    });

    test.skipIf(!existsSync('/usr/include/nss.h'))(
      'that does not answer keeps a superd without any other service waiting, not ending',
      async () => {
        const port = await freePort();
        const { prefix, stopAnswering, answerAgain } = machine();
        stopAnswering();
        const daemon = await startDaemon({ config: block(port, 'late', 'late'), prefix });
        await daemon.waitForWords(UNANSWERED);
        answerAgain();
        await daemon.waitForWords(/greet-late +listen/);
        expect(await ask({ port })).toBe('late\n');
      },
    );
  },
);
