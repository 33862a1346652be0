import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitUntilUp } from '../support/resident.js';
import { Running, run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';

const LINES = 3000;

/** Writes its numbered lines once a file is there: three times as much as superd and a pipe hold. */
function counter(output: string, go: string): string {
  const lines = `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); printf '%090d\\n' $i; done`;
  const script = `echo first; while [ ! -e ${go} ]; do sleep 0.05; done; ${lines}; exec sleep 1000`;
  return residentBlock('counter', { server: '/bin/sh', server_args: `-c "${script.replaceAll('$', '$$')}"`, output });
}

describeWith(
  { root: true, programs: ['python3', 'umount'], superdOnly: 'xinetd reads no output' },
  'the output of a daemon in a file that does not answer',
  () => {
    test('waits in its pipe, is reported, stops nothing else, and is whole afterwards', async () => {
      const directory = temporaryDirectory();
      const [mount, go] = [join(directory, 'mount'), join(directory, 'go')];
      mkdirSync(mount);
      const server = new Running(fixture('one-file-system.py'), [mount]);
      onTestFinished(async () => void (await run('umount', ['--lazy', mount])));
      await server.waitForLines(1);
      const log = join(mount, 'log');
      const daemon = await startDaemon({ config: counter(log, go) });
      await waitUntilUp(daemon, 'counter');
      await waitFor('the first line', () => readFileSync(log, 'utf8') === 'first\n');
      server.signal('SIGSTOP');
      onTestFinished(() => server.signal('SIGCONT'));
      await run('touch', [go]);
      await daemon.waitForWords(/log has not answered for 5 s/);
      expect((await superctl(daemon, ['status', 'counter'])).code).toBe(0);
      server.signal('SIGCONT');
      const wanted = Array.from({ length: LINES }, (_, i) => `${String(i + 1).padStart(90, '0')}\n`).join('');
      await waitFor('all lines', () => readFileSync(log, 'utf8').length >= 6 + wanted.length, { evidence: () => daemon.account() });
      expect(readFileSync(log, 'utf8') === `first\n${wanted}`).toBe(true);
      expect(daemon.words).not.toMatch(/[1-9]\d* lines lost/);
      daemon.signal('SIGTERM');
      expect(await within('superd to end', daemon.exited, 10_000)).toEqual({ code: 0, signal: null });
      expect(existsSync(daemon.pidFile)).toBe(false);
    });
  },
);
