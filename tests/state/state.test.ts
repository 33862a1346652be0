import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atEnd } from '../support/at-end.js';
import { bundle } from '../support/bundle.js';
import { ask } from '../support/client.js';
import { startDaemon, startDaemonThatEnds } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const greet = (port: number) => serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' });

describeWith({ superdOnly: 'xinetd keeps no state' }, 'the state directory', () => {
  test('is for one superd at a time: the second names the first and ends with 100', async () => {
    const state = join(temporaryDirectory(), 'state');
    const first = await startDaemon({ config: greet(await freePort()), args: ['--state', state] });
    const second = await startDaemonThatEnds({ config: greet(await freePort()), args: ['--state', state] });
    expect((await second.exited).code).toBe(100);
    expect(second.words).toContain(`process ${first.pid} runs with the state of ${state}`);
    await first.stop();
    await startDaemon({ config: greet(await freePort()), args: ['--state', state] });
  });

  test('is free immediately when superd is killed', async () => {
    const state = join(temporaryDirectory(), 'state');
    const first = await startDaemon({ config: greet(await freePort()), args: ['--state', state] });
    first.signal('SIGKILL');
    await first.exited;
    await startDaemon({ config: greet(await freePort()), args: ['--state', state] });
  });

  test('with an unreadable document causes a message, and superd serves', async () => {
    const state = join(temporaryDirectory(), 'state');
    mkdirSync(state);
    writeFileSync(join(state, 'state.json'), 'rubbish');
    const port = await freePort();
    const daemon = await startDaemon({ config: greet(port), args: ['--state', state] });
    expect(daemon.words).toContain('it is kept as');
    expect(await ask({ port })).toBe('hello\n');
    expect(readFileSync(join(state, 'state.json.unread'), 'utf8')).toBe('rubbish');
  });

  test('that others may write to is refused', async () => {
    const state = temporaryDirectory();
    chmodSync(state, 0o777);
    const daemon = await startDaemonThatEnds({ config: greet(await freePort()), args: ['--state', state] });
    expect((await daemon.exited).code).toBe(100);
    expect(daemon.words).toContain('others may write there');
  });
});

describeWith({}, 'a document whose writer is killed', () => {
  test('is the old or the new one, complete', async () => {
    const directory = temporaryDirectory();
    const writer = join(directory, 'writer.mjs');
    await bundle({ contents: WRITER, directory: import.meta.dirname }, writer);
    for (let i = 0; i < 8; i++) {
      const child = spawn(process.execPath, [writer, join(directory, 'document')], { stdio: ['ignore', 'pipe', 'inherit'] });
      atEnd(() => void child.kill('SIGKILL'));
      const gone = new Promise((resolve) => child.once('exit', resolve));
      let written = 0;
      child.stdout.on('data', (chunk: Buffer) => (written += chunk.length));
      await waitFor('some documents', () => written > 3 + i);
      child.kill('SIGKILL');
      await gone;
      const text = readFileSync(join(directory, 'document'), 'utf8');
      expect([text.length, new Set(text).size]).toEqual([100_000, 1]);
    }
  });
});

const WRITER = `
import { writeAtomically } from '../../src/state/write-atomically.js';
const write = (i) => writeAtomically(process.argv[2], String.fromCharCode(97 + (i % 26)).repeat(100000), () => true, () => {
  process.stdout.write('.');
  write(i + 1);
});
write(0);
`;
