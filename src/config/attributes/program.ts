import { quote } from '../diagnostic.js';
import { formatArguments } from '../lex.js';
import type { ResourceLimit } from '../plan.js';
import { type Attribute, defineAttribute } from './attribute.js';
import { absolutePath, formatCount, formatSize, formatYesNo, integer, joinUnits, oneOf, size, yesNo } from './values.js';

const account = (name: 'user' | 'group', doc: string): Attribute<string | number> =>
  defineAttribute<string | number>({
    name,
    where: 'service',
    count: [1, 1],
    text: 'words',
    guards: true,
    initial: null,
    usage: `${name.toUpperCase()} | NUMBER`,
    doc,
    parse(words, report) {
      const word = words[0] as string;
      if (!/^\d+$/.test(word)) return word;
      return integer(word, 0, 0xfffffffe, `a ${name === 'user' ? 'uid' : 'gid'}`, report);
    },
    format: String,
  });

export const user = account(
  'user',
  'As whom the server runs: a name of passwd(5) or a uid. For a uid without an entry in passwd(5) the group has the same number, unless *group* says otherwise. Where superd runs without root it may be left out: servers then run as whoever started superd.',
);
export const group = account('group', "The server's group: a name of group(5) or a gid; the user's own group if not written.");

export const groups = defineAttribute<boolean>({
  name: 'groups',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: 'no',
  usage: 'yes | no',
  doc: 'yes: the server has the supplementary groups of its user. no: it has none.',
  parse: yesNo,
  format: formatYesNo,
});

export const server = defineAttribute<string>({
  name: 'server',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'PATH',
  doc: 'The program, executable, its path beginning with /, or with ./ for one that stands beside the configuration file. Its arguments belong in *server_args*.',
  parse: ([word = ''], report) => (word.startsWith('./') ? word : absolutePath(word, 'a program', report)),
  format: (path) => path,
});

export const serverArgs = defineAttribute<readonly string[]>({
  name: 'server_args',
  where: 'service',
  count: [1, Infinity],
  text: 'arguments',
  initial: null,
  usage: 'WORD...',
  doc: `The program's arguments; with the flag NAMEINARGS the first is its own name. A word with blanks is written in quotes, "a b" or 'a b'; see
*server_args_quotes*. No comment may follow: # and // go to the program.`,
  parse: (words) => words,
  format: formatArguments,
});

export const serverArgsQuotes = defineAttribute<boolean>({
  name: 'server_args_quotes',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: 'yes',
  usage: 'yes | no',
  doc: 'no: quotes in *server_args* are ordinary characters, as they are for xinetd.',
  parse: yesNo,
  format: formatYesNo,
});

export type Variable = readonly [name: string, value: string];

export const env = defineAttribute<readonly Variable[]>({
  name: 'env',
  where: 'service',
  count: [0, Infinity],
  text: 'arguments',
  initial: null,
  usage: '[NAME=VALUE]...',
  doc: `Variables for the server's environment, set after those of *passenv*. A value with blanks is written NAME="a b". No comment may follow.`,
  parse(words, report) {
    const variables: Variable[] = [];
    for (const [i, word] of words.entries()) {
      const equals = word.indexOf('=');
      if (equals > 0) variables.push([word.slice(0, equals), word.slice(equals + 1)]);
      // Not quoted: it may be a part of a password.
      else report.error('bad-value', `word ${i + 1} is no variable; wanted NAME=VALUE without blanks round the =`);
    }
    return variables;
  },
  format: (variables) => formatArguments(variables.map(([name, value]) => `${name}=${value}`)),
  combine: { add: (to, what) => [...to, ...what] },
});

export const passenv = defineAttribute<readonly string[]>({
  name: 'passenv',
  where: 'both',
  count: [0, Infinity],
  text: 'list',
  initial: null,
  usage: '[NAME]...',
  doc: "Variables taken from superd's own environment; without this attribute all of them, with an empty list none.",
  parse(words, report) {
    for (const word of words.filter((one) => one.includes('=')))
      report.error('bad-value', `${quote(word)} is no name; to set a variable write "env = ${word}"`);
    return words.filter((word) => !word.includes('='));
  },
  format: (names) => names.join(' '),
  combine: {
    add: (to, what) => [...new Set([...to, ...what])],
    remove: (from, what) => from.filter((name) => !what.includes(name)),
  },
});

export const nice = defineAttribute<number>({
  name: 'nice',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'NUMBER',
  doc: 'Added to the nice value of the server, see nice(2); -20 to 19.',
  parse(words, report) {
    const value = integer(words[0] as string, -0x80000000, 0x7fffffff, 'a nice value; wanted -20 to 19', report);
    if (value !== null && (value < -20 || value > 19))
      report.warning('bad-value', `${value} is outside -20 to 19; the kernel takes the nearer end`);
    return value;
  },
  format: String,
});

export const umask = defineAttribute<number>({
  name: 'umask',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'OCTAL',
  doc: "The server's umask, octal; without it superd's own, with 022 added.",
  parse(words, report) {
    const word = words[0] as string;
    if (/^(?:0o?)?[0-7]{1,3}$/.test(word) || /^0+[0-7]{0,3}$/.test(word)) return Number.parseInt(word.replace('o', ''), 8);
    report.error('bad-value', `${quote(word)} is no umask; wanted an octal number from 0 to 777, as 022`);
    return null;
  },
  format: (mask) => mask.toString(8),
});

/** 0 leaves the limit alone, as in xinetd. */
const limit = (resource: ResourceLimit['resource'], what: string, unit: 'bytes' | 'seconds' | 'number') =>
  defineAttribute<number>({
    name: `rlimit_${resource}`,
    where: 'service',
    count: [1, 2],
    text: 'words',
    initial: null,
    usage: `${unit === 'bytes' ? 'SIZE' : unit === 'seconds' ? 'SECONDS' : 'NUMBER'} | UNLIMITED`,
    doc: `${what}, soft and hard alike (setrlimit(2))${unit === 'bytes' ? '; a size as in 64M' : ''}. 0 leaves it as it is.`,
    parse(words, report) {
      const joined = joinUnits(words);
      const word = joined[0] as string;
      if (joined.length > 1) {
        report.error('value-count', `wanted 1 value, found ${joined.length}`);
        return null;
      }
      if (word.toUpperCase() === 'UNLIMITED') return Infinity;
      return unit === 'seconds' ? integer(word, 0, 0x7fffffff, 'a number of seconds, or UNLIMITED', report) : size(word, report);
    },
    format: unit === 'bytes' ? formatSize : formatCount,
  });

export const rlimitAs = limit('as', 'Address space', 'bytes');
export const rlimitCpu = limit('cpu', 'Processor time', 'seconds');
export const rlimitData = limit('data', 'Data segment', 'bytes');
export const rlimitFiles = limit('files', 'Open descriptors', 'number');
export const rlimitRss = limit('rss', 'Resident memory', 'bytes');
export const rlimitStack = limit('stack', 'Stack', 'bytes');

export const stderr = defineAttribute<'client' | 'log' | 'null'>({
  name: 'stderr',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: 'client',
  usage: 'client | log | null',
  doc: "Where the server's error text goes: to the client, as in xinetd, into the log, or nowhere.",
  parse: (words, report) => oneOf(words[0] as string, ['client', 'log', 'null'] as const, 'place for error text', report),
  format: (place) => place,
});
