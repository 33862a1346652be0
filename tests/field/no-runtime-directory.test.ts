import { spawn } from 'node:child_process';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atEnd } from '../support/at-end.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const bin = (name: string) => new URL(`../../bin/${name}`, import.meta.url).pathname;
const NOBODY = 65534;

describeWith({ root: true, programs: ['setpriv'], superdOnly: 'its control socket' }, 'without root and without XDG_RUNTIME_DIR', () => {
  test('the control socket is in the state directory, and superctl finds it', async () => {
    const home = temporaryDirectory();
    chmodSync(home, 0o755);
    chownSync(home, NOBODY, NOBODY);
    const config = join(home, 'superd.conf');
    const port = await freePort();
    const lines = ['type = UNLISTED', 'socket_type = stream', 'wait = no', 'bind = 127.0.0.1', `port = ${port}`, 'server = /bin/echo'];
    writeFileSync(config, `service greet\n{\n${lines.map((line) => `\t${line}\n`).join('')}}\n`);
    const env = ['env', '-i', `PATH=${process.env['PATH']}`, `HOME=${home}`];
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', ...env];
    const daemon = spawn('setpriv', [...asNobody, bin('superd'), '--foreground', '--config', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    atEnd(() => void daemon.kill('SIGTERM'));
    let words = '';
    daemon.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
    await waitFor('superd to be ready', () => words.includes('superd: ready'), { evidence: () => words });
    const listed = await run('setpriv', [...asNobody, bin('superctl'), 'list', '--json']);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toContain('"greet"');
    const there = ['--socket', join(home, '.local/state/superd/control.sock'), 'version'];
    expect((await run(bin('superctl'), there)).code).toBe(0);
  });
});
