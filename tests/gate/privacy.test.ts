import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

const CLIENT = '127.0.66.77';

const filesUnder = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());

describeWith({ superdOnly: 'an extension' }, 'log_address', () => {
  test.each([
    ['prefix', /from=127\.0\.66\.0\/24$/],
    ['hash', /from=[0-9a-f]{12}$/],
  ])('%s: the address of a client stands in no file, and limits hold all the same', async (how, told) => {
    const directory = temporaryDirectory();
    const [port, trap] = (await freePorts(2)) as [number, number];
    const file = (name: string) => join(directory, name);
    const allow = file('allow');
    writeFileSync(allow, 'echo: ALL: severity info\n');
    const defaults = defaultsBlock({
      ...{ log_type: ['FILE', file('service.log')], log_on_success: ['HOST', 'PID'], log_on_failure: 'HOST', log_address: how },
      ...{ hosts_allow: allow, hosts_deny: '/dev/null' },
    });
    const config =
      serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', rate_per_source: ['2/h', 'burst', 2] }) +
      serviceBlock('trap', { port: trap, server: '/bin/echo', flags: 'SENSOR', deny_time: 60 });
    const args = ['--state', file('state'), '--log-file', file('program.log')];
    const daemon = await startDaemon({ config, defaults, directory, args });
    for (let i = 0; i < 2; i++) expect(await knock({ port, from: CLIENT })).toBe('hello\n');
    expect(await knock({ port, from: CLIENT })).toBe('closed');
    expect(await knock({ port: trap, from: CLIENT })).toBe('closed');
    expect(await knock({ port, from: '127.0.66.78' })).toBe('hello\n');
    await daemon.waitForEntry(told, file('service.log'));
    await daemon.stop();
    expect(readFileSync(file('program.log'), 'utf8')).toMatch(/connect from/);
    for (const path of filesUnder(directory)) expect(`${path}: ${readFileSync(path, 'latin1')}`).not.toContain(CLIENT);
  });
});
