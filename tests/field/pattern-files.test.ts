import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Oracle, oracleNeeds } from '../access/oracle/oracle.js';
import { startGuarded } from '../gate/tables.js';
import { knock } from '../support/client.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

const superctl = new URL('../../bin/superctl', import.meta.url).pathname;

/** Files of host patterns, and whether they name 127.0.0.1. */
const files: readonly (readonly [text: string, names: boolean])[] = [
  ['10.0.0.1\f127.0.0.1', true],
  ['10.0.0.1\v127.0.0.1\n', true],
  ['10.0.0.1\x1c127.0.0.1\n', false],
  ['10.0.0.1\x85127.0.0.1\n', false],
  ['127.0.0.1\0x y\n', true],
  ['x\x0a7.0.0.1 y\n', false],
  ['@grp\0x 127.0.0.1\n', true],
  ['/\0x 127.0.0.1\n', true],
  ['\0', false],
  [`@${'long'.repeat(2000)} 127.0.0.1\n`, true],
  ['# 127.0.0.1\n', true],
  ['10.0.0.1,127.0.0.1\n', false],
];

const request = { daemon: 'echo', address: '127.0.0.1', hostname: '', user: '', server_address: '', server_hostname: '' };

function rowFor(text: string) {
  const path = join(temporaryDirectory(), 'patterns');
  writeFileSync(path, text, 'latin1');
  return { allow: '', deny: `ALL: ${path}\n`, request };
}

const wanted = files.map(([, names]) => (names ? 'deny' : 'allow'));
const verdictsOf = (answers: readonly { readonly verdict: string }[]) => answers.map(({ verdict }) => verdict);

test('a client is refused exactly when the words of a file name it', async () => {
  const rows = files.map(([text]) => JSON.stringify(rowFor(text)));
  const { code, stdout } = await run(superctl, ['access', 'match', '--batch', '-'], { input: rows.join('\n') });
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { verdict: string });
  expect({ code, verdicts: verdictsOf(answers) }).toEqual({ code: 0, verdicts: wanted });
});

describeWith(oracleNeeds, 'the real libwrap', () => {
  test('reads the same words', async () => {
    const oracle = new Oracle(temporaryDirectory());
    expect(verdictsOf(await oracle.ask(files.map(([text]) => rowFor(text))))).toEqual(wanted);
    await oracle.end();
  });
});

describeWith({ superdOnly: 'its paths of the tables' }, 'the gate', () => {
  test('reads the same words, and survives every one', async () => {
    const port = await freePort();
    const guarded = await startGuarded({ config: serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' }) });
    for (const [text, names] of files) {
      guarded.deny(rowFor(text).deny);
      expect({ text, heard: await knock({ port }) }).toEqual({ text, heard: names ? 'closed' : 'hello\n' });
    }
    expect(guarded.daemon.words).not.toMatch(/exception|internal|TypeError/);
  });
});
