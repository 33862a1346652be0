import type { Dice } from './dice.js';
import { randomOptions } from './generate-options.js';
import { randomPattern, someAddress, someName } from './generate-patterns.js';
import type { Row, RowRequest } from './oracle/oracle.js';

const daemons = [
  'sshd',
  'in.telnetd',
  'vsftpd',
  'sshd@x',
  '22',
  'unknown',
  'ALL',
  '[a]',
  '',
  'SSHD',
  'in.tftpd',
  'dämon',
  '::ffff:1.2.3.4',
];
const users = ['', '', 'joe', 'j.doe', 'root', 'unknown', 'UNKNOWN', 'a b;c', '[root]', 'ALL', 'jürgen', 'x'.repeat(140)];

/** A request, and two tables that are likely to match it, with every construct of the language. */
export function randomRow(dice: Dice): Row {
  const request = randomRequest(dice);
  return { allow: randomTable(dice, request), deny: randomTable(dice, request), request };
}

function randomRequest(dice: Dice): RowRequest {
  const serverAddress = dice.oneIn(2) ? '' : someAddress(dice);
  const withPort = /^[\d.]+$|^[\da-f:]+$/.test(serverAddress) && dice.oneIn(2);
  return {
    daemon: dice.pick(daemons),
    address: dice.oneIn(15) ? '' : someAddress(dice),
    hostname: dice.oneIn(4) ? '' : someName(dice),
    user: dice.pick(users),
    server_address: serverAddress,
    server_hostname: dice.oneIn(2) ? '' : someName(dice),
    ...(withPort ? { server_port: dice.pick([22, 80, 65535]) } : {}),
  };
}

function randomTable(dice: Dice, request: RowRequest): string {
  if (dice.oneIn(8)) return '';
  const lines = dice.times(1, dice.oneIn(40) ? 60 : 4, () => randomLine(dice, request)).join('');
  return dice.weighted([
    [30, () => lines],
    [1, () => lines.replace(/\n$/, '')],
    [1, () => `${lines}\\\n`],
    [1, () => `${lines}# no newline`],
    [1, () => lines.replaceAll('\n', '\r\n')],
    [1, () => lines.slice(0, dice.roll(lines.length + 1))],
    [1, () => insert(dice, lines, '\0')],
    [1, () => insert(dice, lines, dice.pick(['\\', '\\\n', '\\\\\n', '\\\r\n', '[', ']', ':', '@', '\v', 'ä', '\\:']))],
  ]);
}

const insert = (dice: Dice, text: string, piece: string) => {
  const at = dice.roll(text.length + 1);
  return text.slice(0, at) + piece + text.slice(at);
};

function randomLine(dice: Dice, request: RowRequest): string {
  return dice.weighted([
    [40, () => randomRule(dice, request)],
    [1, () => `# ${randomRule(dice, request)}`],
    [1, () => ` #${randomRule(dice, request)}`],
    [1, () => dice.pick(['\n', ' \t\n', '#\n', '\v\n', '# c\\\n', '\0\n'])],
    [1, () => randomRule(dice, request).replace(':', ' ')],
    [1, () => longLine(dice, request)],
  ]);
}

/** Lines near the length of libwrap's buffer, with and without continuation. */
function longLine(dice: Dice, request: RowRequest): string {
  const rule = randomRule(dice, request).trimEnd();
  const filler = dice.pick([' ', ',', '#', ' x']);
  const length = 2040 + dice.roll(14);
  const body = rule + filler.repeat(Math.ceil(Math.max(0, length - Buffer.byteLength(rule)) / filler.length));
  if (dice.oneIn(2)) return `${body}\n`;
  const at = dice.pick([10, 1000, 2030, body.length - 1]);
  return `${body.slice(0, at)}\\\n${body.slice(at)}\n`;
}

function randomRule(dice: Dice, request: RowRequest): string {
  const daemonWords = randomList(dice, () => randomDaemon(dice, request));
  const clientWords = randomList(dice, () => randomClient(dice, request));
  const blank = () => dice.pick(['', '', ' ', '\t', ' \\\n ', ',']);
  const options = dice.oneIn(3) ? `${blank()}:${randomOptions(dice)}` : '';
  return `${daemonWords}${blank()}:${blank()}${clientWords}${options}${dice.oneIn(20) ? ':' : ''}\n`;
}

function randomList(dice: Dice, word: () => string): string {
  if (dice.oneIn(60)) return '';
  const words = dice.times(1, dice.oneIn(4) ? 5 : 2, word);
  const separator = () =>
    dice.pick([' ', ' ', ', ', ',', '\t', ' , ', '\r', ' EXCEPT ', ' except ', ' Except, ', '\\\n', ' \\\n', '\v', ';']);
  const list = words.reduce((all, one) => all + separator() + one);
  return dice.weighted([
    [20, () => list],
    [1, () => `EXCEPT ${list}`],
    [1, () => `${list} EXCEPT`],
  ]);
}

function randomDaemon(dice: Dice, request: RowRequest): string {
  const process = dice.weighted([
    [6, () => 'ALL'],
    [6, () => request.daemon],
    [2, () => dice.pick(daemons)],
    [2, () => randomPattern(dice, request.daemon)],
    [2, () => dice.pick(['22', '+22', '022', '-1', '65536', '4294967318', '80', '0', '-4294967274', '99999999999999999999'])],
    [1, () => dice.pick(['KNOWN', 'UNKNOWN', 'LOCAL', '@grp', '/dev/null', '.', '*', '?', '**'])],
  ]);
  return dice.oneIn(5) ? `${process}@${randomHost(dice, request.server_address, request.server_hostname)}` : process;
}

function randomClient(dice: Dice, request: RowRequest): string {
  const host = randomHost(dice, request.address, request.hostname);
  if (!dice.oneIn(5)) return host;
  const user = dice.weighted([
    [3, () => request.user],
    [2, () => dice.pick(['ALL', 'KNOWN', 'UNKNOWN', '*', 'unknown', '@grp', '', '.', '[root]'])],
    [2, () => randomPattern(dice, request.user)],
  ]);
  return `${user}@${host}`;
}

function randomHost(dice: Dice, address: string, name: string): string {
  return dice.weighted([
    [5, () => randomPattern(dice, address)],
    [5, () => randomPattern(dice, name)],
    [3, () => dice.pick(['ALL', 'LOCAL', 'KNOWN', 'UNKNOWN', 'PARANOID', 'all', 'Local'])],
    [1, () => randomPattern(dice, someAddress(dice))],
    [1, () => dice.pick(['@group', '@', '/dev/null', '/nonexistent/file', '/', 'FAIL', '*', '?*', '**', '.', '..', '*.*', ''])],
  ]);
}
