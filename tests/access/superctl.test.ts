import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../support/run.js';

const superctl = new URL('../../bin/superctl', import.meta.url).pathname;
const recorded = new URL('../cases/access/verdicts.jsonl', import.meta.url).pathname;

const match = (input: string, ...options: string[]) => run(superctl, ['access', 'match', '--batch', '-', ...options], { input });
const row = (allow: string, deny: string, request: object) => JSON.stringify({ allow, deny, request });

test('answers every line of a batch in order, as the real library', async () => {
  // Thousands of lines, some of which run a command.
  const { code, stdout } = await run(superctl, ['access', 'match', '--batch', recorded, '--run-commands'], { timeoutMs: 230_000 });
  const verdicts = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { verdict: string }).verdict);
  expect(code).toBe(0);
  expect(verdicts(stdout)).toEqual(verdicts(readFileSync(recorded, 'utf8')));
});

test('names the rule, and runs commands only with --run-commands', async () => {
  const input = [
    row('# c\nsshd: 10.\n', 'ALL: ALL\n', { daemon: 'sshd', address: '10.0.0.1' }),
    row('sshd: ALL: aclexec exit 0\n', '', { daemon: 'sshd', address: '10.0.0.1' }),
    row('', 'sshd: ALL: twist /bin/true\n', { daemon: 'sshd', address: '10.0.0.1' }),
    row('', '', { daemon: 'sshd', address: '10.0.0.1' }),
  ].join('\n');
  const lines = (stdout: string) => stdout.trimEnd().split('\n');
  const plain = await match(input);
  expect(plain.code).toBe(0);
  expect(lines(plain.stdout)).toEqual([
    '{"verdict":"allow","rule":"hosts.allow:2"}',
    '{"verdict":"depends","rule":"hosts.allow:1"}',
    '{"verdict":"depends","rule":"hosts.deny:1"}',
    '{"verdict":"allow","rule":null}',
  ]);
  expect(lines((await match(input, '--run-commands')).stdout)[1]).toBe('{"verdict":"allow","rule":"hosts.allow:1"}');
});

test('names a line that it cannot answer, and still answers the others', async () => {
  const good = row('', 'ALL: ALL\n', { daemon: 'sshd' });
  const { code, stdout, stderr } = await match(`${good}\n{"allow":3}\n${good}\n`);
  expect(code).toBe(100);
  expect(stdout.split('\n').map((line) => line.slice(0, 26))).toEqual([
    '{"verdict":"deny","rule":"',
    '{"error":"standard input:2',
    '{"verdict":"deny","rule":"',
    '',
  ]);
  expect(stderr).toBe('superctl: standard input:2: "allow" must be the text of a table, or null for a file that is missing\n');
});

test('an unknown verb exits with 100 and names the nearest verb', async () => {
  expect(await run(superctl, ['acess', 'match'])).toMatchObject({
    code: 100,
    stderr: 'superctl: unknown verb "acess"; did you mean "access"?\n',
  });
  expect(await run(superctl, ['access', 'match', '--batch', '/nonexistent'])).toMatchObject({ code: 100 });
});
