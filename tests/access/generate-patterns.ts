import type { Dice } from './dice.js';

const addresses = [
  '10.1.2.3',
  '10.1.2.3',
  '192.168.1.20',
  '127.0.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '255.255.255.254',
  '8.0.0.1',
  '010.1.2.3',
  '0xa.1.2.3',
  '10.1.2',
  '2001:db8::1',
  '2001:DB8:0:0::1',
  '::1',
  '::',
  'fe80::1',
  'fe80::1%lo',
  'fe80::1%1',
  'fe80::1%zz9',
  '::ffff:10.1.2.3',
  '::FFFF:10.1.2.3',
  '::ffff:0a01:203',
  '::ffff:010.1.2.3',
  '64:ff9b::a01:203',
  'ff02::1%lo',
  '10.1.2.3 x',
  'unknown',
  '1:2:3:4:5:6:7:8',
  '::1.2.3.4',
  '1.2.3.4::5',
  'UNKNOWN',
  'paranoid',
];
const names = [
  'www.example.com',
  'WWW.Example.COM',
  'localhost',
  'db-01',
  'a.b.c.example.org',
  'unknown',
  'paranoid',
  'Paranoid',
  'UNKNOWN',
  '10.1.2.3',
  '10.example.com',
  '.example.com',
  'example.com.',
  'mail_host',
  'höst.example',
  '::1',
  '2001:db8::1',
  '::ffff:10.1.2.3',
  'x.y z',
  `${'long.'.repeat(30)}end`,
  '[::1]',
  '*',
  'local',
  'all',
];

export const someAddress = (dice: Dice) => dice.pick(addresses);
export const someName = (dice: Dice) => dice.pick(names);

/** A word related to a text: the text itself, a part of it, a net around it, or a near miss. */
export function randomPattern(dice: Dice, text: string): string {
  const word = text.includes(' ') && !dice.oneIn(5) ? (text.split(' ')[0] as string) : text;
  if (word.includes(':') && dice.oneIn(2)) return ipv6Pattern(dice, word);
  if (/^\d/.test(word) && dice.oneIn(2)) return ipv4Pattern(dice, word);
  return dice.weighted([
    [3, () => word],
    [1, () => swapCase(dice, word)],
    [2, () => withWildcard(dice, word)],
    [2, () => prefixOf(dice, word)],
    [2, () => suffixOf(dice, word)],
    [1, () => `[${word}]`],
    [1, () => `.${word}`],
    [1, () => `${word}.`],
    [1, () => `${word}/${mask(dice)}`],
    [1, () => brackets(dice, word)],
  ]);
}

const swapCase = (dice: Dice, word: string) => word.replace(/[a-z]/gi, (c) => (dice.oneIn(2) ? c.toUpperCase() : c.toLowerCase()));

const brackets = (dice: Dice, word: string) =>
  dice.pick([
    `[${word}`,
    `${word}]`,
    `[[${word}]]`,
    `]${word}[`,
    `[${word}]x`,
    `x[${word}]`,
    '[]',
    '[',
    `[${word}%1]`,
    `[${word}%lo]`,
    `[${word}%zz9]`,
    `[${word}%]`,
  ]);

function withWildcard(dice: Dice, word: string): string {
  const from = dice.roll(word.length + 1);
  const to = from + dice.roll(3);
  return word.slice(0, from) + dice.pick(['*', '*', '?', '??', '**', '*?', '?*', '***']) + word.slice(dice.oneIn(3) ? word.length : to);
}

function prefixOf(dice: Dice, word: string): string {
  const dots = [...word.matchAll(/\./g)].map((match) => match.index);
  return dots.length === 0 ? `${word.slice(0, 3)}.` : word.slice(0, dice.pick(dots) + 1);
}

function suffixOf(dice: Dice, word: string): string {
  const dots = [...word.matchAll(/\./g)].map((match) => match.index);
  return dots.length === 0 ? `.${word.slice(3)}` : word.slice(dice.pick(dots));
}

const masks = [
  '8',
  '24',
  '32',
  '0',
  '1',
  '31',
  '33',
  '16',
  '64',
  '128',
  '129',
  '48',
  '-1',
  '',
  'abc',
  '0x18',
  '24abc',
  '24/9',
  '024',
  '+24',
  '\v24',
  '4294967304',
  '99999999999999999999',
  '255.0.0.0',
  '255.255.255.0',
  '0.0.0.0',
  '255.255.255.255',
  '255.255.255.254',
  '255.0.255.0',
  '0.0.0.255',
  '0xff.0.0.0',
  '0377.0.0.0',
  '24.x.y.z',
  '255\v.0.0.0',
  '4278190080\v.x.y.z',
  '255.0\f1.2.3',
  '255..0.0.0',
  '255.255',
  '8.',
];

const mask = (dice: Dice) => dice.pick(masks);

function ipv4Pattern(dice: Dice, word: string): string {
  const parts = word.split('.');
  const octets = parts.map((part, i) => (i > 0 && dice.oneIn(3) ? '0' : part));
  const net = dice.weighted([
    [5, () => `${parts[0]}.0.0.0`],
    [3, () => octets.join('.')],
    [2, () => word],
    [
      1,
      () =>
        parts
          .map((part) => dice.pick([part, `0${part}`, `0x${part}`, `0x${Number(part).toString(16)}`, `0${Number(part).toString(8)}`, '']))
          .join('.'),
    ],
    [1, () => octets.slice(0, 3).join('.')],
    [1, () => dice.pick(['0.0.0.0', '10', '10.', '10.0.', `${word}.`, `.${word}`, `${word}\v`, `${word}\fx`, `[${word}]`])],
  ]);
  return dice.oneIn(8) ? net : `${net}/${mask(dice)}`;
}

function ipv6Pattern(dice: Dice, word: string): string {
  const groups = word.split('::');
  const net = dice.weighted([
    [3, () => word],
    [2, () => `${groups[0]}::`],
    [
      1,
      () =>
        dice.pick([
          '::',
          '2001:db8::',
          '2001:0db8:0000::0',
          '2001:db8::/32',
          'fe80::%lo',
          'fe80::%eth7',
          '::ffff:0:0',
          '::ffff:10.1.2.3',
          '::ffff:a01:203',
          '1:2:3:4:5:6:7::',
          '12345::',
          ':::',
          '1:2:3:4:5:6:7',
        ]),
    ],
  ]);
  return dice.weighted([
    [5, () => `[${net}]/${mask(dice)}`],
    [4, () => `[${net}]`],
    [1, () => `[${net}/${mask(dice)}]`],
    [1, () => net],
    [1, () => `${net.split(':')[0]}*`],
  ]);
}
