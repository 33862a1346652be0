import fc from 'fast-check';
import { spellings } from '../../src/config/attributes/table.js';

/** Pieces of values, right and wrong, and every character with a meaning. */
const VALUES = [
  'yes no stream dgram tcp udp unix root 0 1 -1 99999999999 UNLIMITED 022 8K 1G 100 MB 2.5 50 10 08:00-17:00 22:00-24:00 PID HOST USERID',
  'UNLISTED INTERNAL NAMEINARGS IPv4 IPv6 NOLIBWRAP FILE SYSLOG daemon info /bin/cat /var/log/x // # //x #x a,b ,, {1,2} 10.{1,2} } { = += -=',
  '127.0.0.1 10.0.0.0 10.0.0.0/8 127.0.0. ::1 ::/0 2001:db8::/32 10.0.0.0/255.0.0.0 localhost .example A=1 B="x "a b" \' " \\ \\" x=" =x',
  '\u00a0 \u3000 \ufeff \r \v 서비스 🎈 \u0000 \u001b[31m <value>',
].flatMap((line) => line.split(' '));

const blank = fc.constantFrom(' ', ' ', '\t', '  ', '');
const value = fc.array(
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...VALUES) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) }),
  { maxLength: 5 },
);
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...spellings) },
  { weight: 1, arbitrary: fc.constantFrom('log_on_failer', 'x', 'a+', 'service', 'SERVER', '//', '{', '') },
);
const attributeLine = fc
  .tuple(blank, name, blank, fc.constantFrom('=', '=', '=', '+=', '-=', '', ':', '==', '+ ='), blank, value)
  .map(([indent, attribute, before, operator, after, words]) => `${indent}${attribute}${before}${operator}${after}${words.join(' ')}`);
const otherLine = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '{',
    '}',
    '',
    '# comment',
    '// comment',
    'service',
    'defaults',
    'defaults {',
    '} }',
    '{ # x',
    'include /etc/x',
    'includedir /etc/x.d',
    'sevice x',
    '}}',
    '{{',
  ),
  fc.constantFrom('telnet', 'a b', 'x{', 'y {', '{z', 'q # {', '//', '').map((rest) => `service ${rest}`),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** A complete block, more or less right. */
const block = fc
  .tuple(
    fc.constantFrom('service telnet', 'service ftp', 'defaults'),
    fc.array(fc.oneof({ weight: 12, arbitrary: attributeLine }, { weight: 1, arbitrary: otherLine }), { maxLength: 8 }),
  )
  .map(([header, lines]) => [header, '{', ...lines, '}'].join('\n'));

/** Configuration text, from right to badly wrong. */
export const configuration = fc
  .array(fc.oneof({ weight: 4, arbitrary: block }, { weight: 2, arbitrary: attributeLine }, { weight: 3, arbitrary: otherLine }), {
    maxLength: 8,
  })
  .chain((parts) => fc.constantFrom('\n', '\n', '\n', '\r\n').map((end) => parts.join(end)));

/** Lines of an inetd.conf. */
export const inetdConf = fc
  .array(
    fc
      .array(
        fc.oneof(
          fc.constantFrom(
            'telnet',
            '8080',
            '*:80',
            '::1:9',
            'stream',
            'dgram',
            'tcp',
            'udp6',
            'unix',
            'rpc/udp',
            'nowait',
            'wait',
            'nowait.5',
            'nowait/1/2/3',
            'root',
            'root:tty',
            'internal',
            '/usr/sbin/tcpd',
            '/bin/cat',
            'x/1-2',
            '#',
            '"a',
            'b"',
            '',
          ),
          fc.string({ maxLength: 5 }),
        ),
        { maxLength: 9 },
      )
      .map((fields) => fields.join(' ')),
    { maxLength: 5 },
  )
  .map((lines) => lines.join('\n'));

/** Pieces of what may follow an operator. */
export const pieces = fc.array(fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 4 });
