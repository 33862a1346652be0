import type { Dice } from './dice.js';

const values: Readonly<Record<string, readonly string[]>> = {
  allow: ['', '', '', 'x'],
  deny: ['', '', '', 'x'],
  severity: [
    'info',
    'auth.info',
    'AUTH.Warning',
    'local7.debug',
    'auth.',
    '.info',
    'warn',
    'authpriv.info',
    'a.b.c',
    '',
    '= info',
    'auth . info',
  ],
  spawn: [
    '/bin/true',
    'echo %a %n %u',
    'echo %c %s %h',
    'echo %d > x',
    'a \\: b',
    '%%',
    '%',
    '%z',
    '',
    '%A %N %H %r %R',
    '%u@%h and %c',
    '= x',
    '"%u"',
  ],
  twist: ['/bin/echo', 'echo %u', '', '%h'],
  aclexec: ['true', 'false', 'false %u', 'true %h %n %h', 'echo %d %c', '%z', '', 'false %d', 'false %a %n %s', 'true %c'],
  keepalive: ['', '', 'x'],
  linger: ['5', '0', '-1', '', '5x', '0x5', '4294967296', '99999999999999999999', '+5', '-99999999999999999999', '\v5'],
  nice: ['', '5', '-5', 'x', '5 5', '0x5', '99999999999999999999', '+1', '- 1'],
  rfc931: ['', '5', '0', '-1', 'x', '2147483648', '4294967297'],
  banners: ['/nonexistent', '', '/tmp'],
  setenv: [
    'A b',
    'A',
    'A=b',
    'A  b c ',
    '%u %h',
    '%z',
    '%z x',
    '',
    'A\vb c',
    '=A b',
    'A = b',
    'x y=z',
    `A ${'%u'.repeat(64)}`,
    `A ${'%c'.repeat(70)}`,
    `A ${'%u%n%d'.repeat(60)}`,
  ],
  umask: ['022', '777', '1000', '8', '-1', '-0', '+022', '', '0x1', '22 ', '40000000022'],
  user: [
    'root',
    'nobody',
    'nosuchuser',
    'root.root',
    'root.',
    '.root',
    'root.nosuchgroup',
    'ROOT',
    '0',
    'root.daemon.x',
    'root daemon',
    '',
    'daemon.daemon',
  ],
  group: ['root', 'daemon', 'nosuchgroup', '0', '', 'root root'],
  nosuch: ['', 'x'],
  '': ['', 'x'],
  '# comment': [''],
};

const names = Object.keys(values);
const common = ['allow', 'deny', 'spawn', 'aclexec', 'aclexec', 'setenv', 'severity', 'nice'];

/** The third field of a rule: a few options, right and wrong. */
export function randomOptions(dice: Dice): string {
  return dice.times(1, dice.oneIn(3) ? 4 : 2, () => randomOption(dice)).join(':');
}

function randomOption(dice: Dice): string {
  const name = dice.pick(dice.oneIn(2) ? common : names);
  const value = dice.pick(values[name] as readonly string[]);
  const written = dice.oneIn(8) ? name.toUpperCase() : name;
  const equals = value === '' ? dice.pick(['', '', ' ', '=']) : dice.pick([' ', ' ', '=', ' = ', '\t', ' =', '\v', '  ']);
  const blank = () => dice.pick(['', ' ', ' ', '\t', '\v', '\\\n', '\r']);
  return `${blank()}${written}${equals}${value}${blank()}`;
}
