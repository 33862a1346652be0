import { expect, test } from 'vitest';
import { compileTables } from '../tables.js';
import { lintTables } from './lint.js';

const lint = (allow: string, deny = '') =>
  lintTables(compileTables({ allow: { path: 'a', content: allow }, deny: { path: 'd', content: deny } })).map(
    ({ path, line, code, message }) => `${path}:${line} ${code}: ${message}`,
  );

test.each([
  ['ALL: 10.1.2.3/8\n', 'bad-network', 'write 10.0.0.0/8'],
  ['ALL: 10/8\n', 'bad-network', 'write all four numbers of 10.0.0.0'],
  ['ALL: 0.0.0.0/0\n', 'bad-network', 'write 0.0.0.0/0.0.0.0 or ALL'],
  ['ALL: 2001:db8::1\n', 'ipv6-without-brackets', '"2001:db8::1" is cut at its first ":"'],
  ['ALL: [2001:db8::/32]\n', 'never-matches', 'write [2001:db8::]/32'],
  ['ALL: [::ffff:192.0.2.1]\n', 'never-matches', 'rules see clients over IPv4 as 192.0.2.1'],
  ['ALL: 010.0.0.1\n', 'never-matches', 'write 8.0.0.1'],
  ['ALL: 010.0.0.0/8\n', 'odd-number', 'this means 8.0.0.0'],
  ['ALL: [::1]/x\n', 'whole-ipv6', 'every client over IPv6'],
  ['ALL: 192.0.2.0/24x\n', 'odd-mask', 'the mask means /24'],
  ['ALL: ALL # every client\n', 'trailing-comment', 'does not begin a comment'],
  [' # ALL: ALL\n', 'indented-comment', 'this is a rule'],
  ['# x \\\nALL: ALL\n', 'comment-continues', 'continues on the next line'],
  ['sshd ALL\n', 'no-separator', 'the line is ignored'],
  ['[sshd: ALL\n', 'no-separator', 'brackets'],
  ['ALL: [::1: deny\n', 'unbalanced-bracket', 'do not balance'],
  ['ALL: ALL:\n', 'bad-option', 'ends in ":"'],
  ['ALL: ALL: sevrity info\n', 'bad-option', 'bad option name: "sevrity"'],
  ['ALL: ALL: spawn echo %q\n', 'unknown-expansion', '%q'],
  ['EXCEPT ALL: ALL\n', 'never-matches', 'begins with EXCEPT'],
  ['ALL: ALL EXCEPT\n', 'empty-client-list', 'ends in EXCEPT'],
  ['22: ALL\n', 'port', 'the port of the server'],
  ['sshd: ALL\nsshd: 192.0.2.1\n', 'shadowed', 'line 1 matches everything'],
  ['ALL: 10.0.0.0/8\nsshd, ftpd: 10.1.0.0/16 10.2.3.4\n', 'shadowed', 'line 1'],
  ['ALL: .example.com\nsshd: joe@a.example.com\n', 'shadowed', 'line 1'],
  ['x: y', 'no-final-newline', 'missing newline'],
])('%j', (table, code, message) => {
  expect(lint(table)).toContainEqual(expect.stringMatching(new RegExp(`^a:\\d+ ${code}: .*${literally(message)}`)));
});

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

test('hosts.allow can shadow a rule of hosts.deny, unless an aclexec may undo it', () => {
  expect(lint('ALL: ALL\n', 'sshd: 10.\n')).toEqual([
    'd:1 shadowed: never reached: hosts.allow line 1 matches everything that this rule does',
  ]);
  expect(lint('ALL: ALL: aclexec true\n', 'sshd: 10.\n')).toEqual([]);
});

test.each([
  'sshd: 192.0.2.1, [2001:db8::]/32, .example.com EXCEPT bad.example.com : severity auth.info : allow\n',
  '# comment\n\nALL: LOCAL, 10., 192.0.2.0/255.255.255.0\nsshd@192.0.2.1: joe@ALL: spawn (logger %c %d) &\n',
  'sshd: 10.0.0.1\nALL: 10.0.0.0/8\nsshd: ALL EXCEPT 192.0.2.1\nsshd: 192.0.2.1\n',
])('well-written tables have no messages: %#', (table) => {
  expect(lint(table)).toEqual([]);
});
