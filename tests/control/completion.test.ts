import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { argumentKind } from '../../src/cli/completion/candidates.js';
import { commands } from '../../src/cli/table.js';
import { describeVerbs, type VerbDescription } from '../../src/cli/verbs.js';
import { Connection } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal } from '../support/terminal.js';
import { waitFor } from '../support/wait-for.js';

const program = new URL('../../bin/superctl', import.meta.url).pathname;

async function world() {
  const directory = temporaryDirectory();
  const [one, two, three] = (await freePorts(3)) as [number, number, number];
  const trap = join(directory, 'trap');
  const config = [
    serviceBlock('web-front', { port: one, server: '/bin/cat' }),
    serviceBlock('mail', { port: two, server: '/bin/cat' }),
    serviceBlock('odd', { port: three, server: '/bin/cat', id: `odd$(touch\${IFS}${trap})` }),
  ].join('');
  const daemon = await startDaemon({ config });
  const open = async () => {
    const client = await Connection.open({ port: one });
    client.send('x\n');
    await client.waitForText(/x/);
  };
  return { daemon, directory, trap, open };
}

async function scriptFile(directory: string, shell: string): Promise<string> {
  const { stdout, code } = await run(program, ['completion', shell]);
  expect(code).toBe(0);
  const file = join(directory, `superctl.${shell}`);
  writeFileSync(file, stdout);
  return file;
}

const CASES: readonly (readonly [line: string, has: readonly string[], hasNot: readonly string[]])[] = [
  ['re', ['restart', 'reload'], ['stop', '--socket']],
  ['--so', ['--socket'], ['list']],
  ['stop we', ['web-front'], ['mail']],
  ['stop --no', ['--no-wait'], ['--json']],
  ['ls ', ['web-front', 'mail'], ['restart']],
  ['access ', ['match'], ['web-front']],
  ['completion ', ['bash', 'zsh', 'fish'], ['web-front']],
  ['events --lines ', [], ['web-front', '--json']],
  ['kick ', ['1'], ['web-front']],
];

/** The words that bash would offer: calls the completion function as bash does. */
async function bashOffers(file: string, daemon: Daemon, line: string): Promise<string[]> {
  const words = [program, '--socket', daemon.controlSocket, ...line.split(' ')];
  const script =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's
    'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _superctl; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout, stderr } = await run('bash', ['-c', script, 'bash', file, ...words]);
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

describe('bash', () => {
  test('completes verbs, flags, values, live services and sessions', async () => {
    const { daemon, directory, open } = await world();
    const file = await scriptFile(directory, 'bash');
    await open();
    for (const [line, has, hasNot] of CASES) {
      const offers = await bashOffers(file, daemon, line);
      expect(offers, line).toEqual(expect.arrayContaining([...has]));
      for (const word of hasNot) expect(offers, line).not.toContain(word);
    }
    expect(await bashOffers(file, daemon, `check ${directory}/superctl`)).toEqual([]);
    expect(await bashOffers(file, daemon, `explain --config ${directory}/superctl`)).toEqual([file]);
  });

  test('quotes a service whose name is a command substitution, and does not run it', async () => {
    const { daemon, directory, trap } = await world();
    const [odd, ...more] = await bashOffers(await scriptFile(directory, 'bash'), daemon, 'stop odd');
    expect(more).toEqual([]);
    const { stdout } = await run('bash', ['-c', `printf %s ${odd}`]);
    expect(stdout).toBe(`odd$(touch\${IFS}${trap})`);
    expect(existsSync(trap)).toBe(false);
  });

  test('without a superd, offers nothing and prints nothing', async () => {
    const { daemon, directory } = await world();
    const file = await scriptFile(directory, 'bash');
    await daemon.stop();
    expect(await bashOffers(file, daemon, 'stop we')).toEqual([]);
  });

  test('an unknown shell is an error that names the nearest one', async () => {
    expect(await run(program, ['completion', 'fishh'])).toMatchObject({ code: 100, stderr: expect.stringContaining('did you mean fish?') });
  });
});

describeWith({ programs: ['python3'] }, 'Tab', () => {
  test('in bash', async () => {
    const { daemon, directory } = await world();
    const shell = new Terminal({ rows: 24, columns: 200 }, '/bin/bash', ['--norc', '--noprofile', '-i']);
    shell.keys(`source ${await scriptFile(directory, 'bash')}; PATH=$PATH:${join(program, '..')}; PS1='read''y '\r`);
    await waitFor('the prompt', () => shell.output.includes('ready '), { evidence: () => shell.output });
    shell.keys(`superctl --socket ${daemon.controlSocket} stop we\t`);
    await waitFor('the name', () => shell.output.includes('stop web-front '), { evidence: () => shell.output });
  });
});

describeWith({ programs: ['python3', 'zsh'] }, 'Tab', () => {
  test('in zsh', async () => {
    const { daemon, directory } = await world();
    const shell = new Terminal({ rows: 40, columns: 200 }, '/usr/bin/env', ['zsh', '-f', '-i']);
    shell.keys(
      `autoload -Uz compinit; compinit -u -d ${directory}/dump; source ${await scriptFile(directory, 'zsh')}; PATH=$PATH:${join(program, '..')}\r`,
    );
    shell.keys(`PS1='read''y '\r`);
    await waitFor('the prompt', () => shell.output.includes('ready '), { evidence: () => shell.output });
    shell.keys(`superctl --socket ${daemon.controlSocket} stop we\t`);
    await waitFor('the name', () => /stop we\S*b-front/.test(shell.output.replace(/\x1b\[[0-9;?]*[a-zA-Z]|\x08/g, '')), {
      evidence: () => shell.output,
    });
    shell.keys('\x15superctl rel\t');
    await waitFor('the verb', () => /rel\S*oad/.test(shell.output.replace(/\x1b\[[0-9;?]*[a-zA-Z]|\x08/g, '')), {
      evidence: () => shell.output,
    });
  });
});

describeWith({ programs: ['fish'] }, 'fish', () => {
  test('completes verbs, flags, live services and sessions', async () => {
    const { daemon, directory, open } = await world();
    const file = await scriptFile(directory, 'fish');
    await open();
    mkdirSync(join(directory, 'home'));
    const env = { HOME: join(directory, 'home'), PATH: `${join(program, '..')}:${process.env['PATH']}` };
    for (const [line, has, hasNot] of CASES) {
      const script = `source ${file}; complete -C 'superctl --socket ${daemon.controlSocket} ${line}'`;
      const { stdout } = await run('fish', ['-c', script], { env });
      const offers = stdout.split('\n').map((one) => one.split('\t')[0] as string);
      expect(offers, line).toEqual(expect.arrayContaining([...has]));
      for (const word of hasNot) expect(offers, line).not.toContain(word);
    }
  });
});

describe('the table', () => {
  test('completes every verb and flag of the help', async () => {
    const verbs = describeVerbs(commands);
    const { stdout } = await run(program, ['--help']);
    const helped = [...stdout.matchAll(/^ {2}([a-z]+)(?:\||\s{2,})/gm)].map(([, name]) => name as string);
    expect(helped.length).toBeGreaterThan(10);
    expect(verbs.filter(({ words }) => words.length === 1).map(({ words }) => words[0])).toEqual(expect.arrayContaining(helped));
    const stop = verbs.find(({ words }) => words[0] === 'stop');
    expect(stop).toMatchObject({
      flags: [
        { name: 'json', letter: 'j' },
        { name: 'no-wait', letter: null },
      ],
    });
    expect(argumentKind(stop as VerbDescription)).toBe('services');
  });
});
