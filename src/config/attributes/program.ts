import { quote } from '../diagnostic.js';
import { drop, firstNumber, take } from '../leniency.js';
import { formatArguments } from '../lex.js';
import type { ResourceLimit } from '../plan.js';
import { type AttributeSpec, attribute, section } from './attribute.js';
import { choice, pathTo, yesOrNo } from './choice.js';
import { formatCount, formatSize, integer, joinUnits, LARGEST, pathFromRoot, size } from './values.js';

type Account = Pick<AttributeSpec<string | number>, 'doc' | 'plan'>;

const account = (kind: 'user' | 'group', particulars: Account) =>
  attribute<string | number>({
    where: 'service',
    appliesTo: 'any',
    guards: true,
    initial: null,
    usage: `${kind.toUpperCase()} | NUMBER`,
    parse(words, report) {
      const word = words[0] as string;
      if (!/^\d+$/.test(word)) return word;
      return integer(word, 0, 0xfffffffe, `a ${kind === 'user' ? 'uid' : 'gid'}`, report);
    },
    format: String,
    ...particulars,
  });

/** 0 leaves the limit unchanged, as in xinetd. */
const limit = (resource: ResourceLimit['resource'], what: string, unit: 'bytes' | 'seconds' | 'number') =>
  attribute<number>({
    where: 'service',
    appliesTo: 'any',
    count: [1, 2],
    text: 'words',
    initial: null,
    usage: `${unit === 'bytes' ? 'SIZE' : unit === 'seconds' ? 'SECONDS' : 'NUMBER'} | UNLIMITED`,
    doc: `${what}, soft and hard limit alike (setrlimit(2))${unit === 'bytes' ? '; a size as in 64M' : ''}. 0 leaves the limit unchanged.`,
    plan: [{ path: 'program.limits', when: (before, after) => limitOf(before, resource) !== limitOf(after, resource) }],
    parse(words, report) {
      const joined = joinUnits(words);
      const word = joined[0] as string;
      if (joined.length > 1 && take(word, report, 'value-count', `wanted 1 value, found ${joined.length}`, `superd takes ${word}`) === null)
        return null;
      if (word.toUpperCase() === 'UNLIMITED') return Infinity;
      if (/^-\d+$/.test(word))
        return take(Infinity, report, 'bad-value', `${quote(word)} is not a limit; wanted UNLIMITED`, 'superd takes UNLIMITED');
      if (unit !== 'seconds') return size(word, report);
      return integer(word, 0, Number.MAX_SAFE_INTEGER, 'a number of seconds, or UNLIMITED', report);
    },
    format: unit === 'bytes' ? formatSize : formatCount,
    meant: (words) => firstNumber(joinUnits(words)),
  });

const limitOf = (limits: unknown, resource: string) => (limits as readonly ResourceLimit[]).find((one) => one.resource === resource)?.value;

export type Variable = readonly [name: string, value: string];

export const program = section('The program', {
  user: account('user', {
    doc: `The user the server runs as: a name in passwd(5) or a uid. For a uid without an entry in passwd(5) the gid is the same number,
unless *group* is written. Where superd runs without root this attribute is optional: servers run as the user who started superd.`,
    plan: ['program.credentials.uid'],
  }),

  group: account('group', {
    doc: 'The group the server runs as: a name in group(5) or a gid. If not written, the primary group of *user*.',
    plan: ['program.credentials.gid'],
  }),

  groups: yesOrNo({
    where: 'both',
    appliesTo: 'any',
    initial: false,
    doc: 'yes: the server has the supplementary groups of its user. no: it has none.',
    plan: ['program.credentials.groups'],
  }),

  server: attribute<string>({
    where: 'service',
    appliesTo: 'any',
    initial: null,
    usage: 'PATH',
    doc: `The program to run, an executable. Its path begins with /, or with ./ for a program beside the configuration file. Its arguments
belong in *server_args*.`,
    plan: ['program.path'],
    parse: ([word = ''], report) => (word.startsWith('./') ? word : pathFromRoot(word, 'a program', report)),
    format: (path) => path,
    countRemedy: ([path = '', ...words]) =>
      path.startsWith('/') && words.length > 0 ? `; write "server = ${path}" and "server_args = ${words.join(' ')}"` : '',
  }),

  server_args: attribute<readonly string[]>({
    where: 'service',
    appliesTo: 'any',
    count: [1, Infinity],
    text: 'arguments',
    everyWordCounts: true,
    initial: null,
    usage: 'WORD...',
    doc: `The program's arguments; with the flag NAMEINARGS the first is the program's own name. Write a word with blanks in quotes, "a b" or
'a b'; see *server_args_quotes*. No comment may follow: # and // go to the program.`,
    plan: ['program.argv'],
    parse: (words) => words,
    format: formatArguments,
  }),

  server_args_quotes: yesOrNo({
    where: 'both',
    appliesTo: 'any',
    extension: true,
    initial: true,
    doc: 'no: quotes in *server_args* are ordinary characters, as they are for xinetd.',
    plan: [],
  }),

  env: attribute<readonly Variable[]>({
    where: 'service',
    appliesTo: 'any',
    count: [0, Infinity],
    text: 'arguments',
    secret: true,
    initial: null,
    usage: '[NAME=VALUE]...',
    doc: `Variables for the server's environment, set after those of *passenv*. Write a value with blanks as NAME="a b". No comment may
follow.`,
    plan: ['program.environment'],
    parse(words, report) {
      const variables: Variable[] = [];
      for (const [i, word] of words.entries()) {
        const equals = word.indexOf('=');
        if (equals > 0) variables.push([word.slice(0, equals), word.slice(equals + 1)]);
        else if (equals === 0) drop(report, 'bad-value', `word ${i + 1} has no name before the =`, 'superd ignores the word');
        // The word is not quoted: it may be part of a password.
        else report.error('bad-value', `word ${i + 1} is not a variable; wanted NAME=VALUE without blanks around the =`);
      }
      return variables;
    },
    format: (variables) => formatArguments(variables.map(([name, value]) => `${name}=${value}`)),
    combine: { add: (to, what) => [...to, ...what] },
  }),

  passenv: attribute<readonly string[]>({
    where: 'both',
    appliesTo: 'any',
    count: [0, Infinity],
    text: 'list',
    copiedByXinetd: true,
    initial: null,
    usage: '[NAME]...',
    doc: "Variables passed on from superd's own environment. If not written, all of them; with an empty list, none.",
    plan: ['program.passEnvironment'],
    parse(words, report) {
      for (const word of words.filter((one) => one.includes('=')))
        drop(report, 'bad-value', `${quote(word)} is not a name; to set a variable write "env = ${word}"`, 'superd ignores the word');
      return words.filter((word) => !word.includes('='));
    },
    format: (names) => names.join(' '),
    combine: {
      add: (to, what) => [...new Set([...to, ...what])],
      remove: (from, what) => from.filter((name) => !what.includes(name)),
    },
  }),

  directory: pathTo('a directory', {
    where: 'service',
    appliesTo: 'any',
    extension: true,
    initial: '/',
    doc: 'The working directory of the program.',
    plan: ['program.directory'],
  }),

  umask: attribute<number>({
    where: 'both',
    appliesTo: 'any',
    initial: null,
    usage: 'OCTAL',
    doc: "The umask of the server, in octal. If not written, superd's own, with 022 added.",
    plan: ['program.umask'],
    parse(words, report) {
      const word = words[0] as string;
      if (/^(?:0o?)?[0-7]{1,3}$/.test(word) || /^0+[0-7]{0,3}$/.test(word)) return Number.parseInt(word.replace('o', ''), 8);
      report.error('bad-value', `${quote(word)} is not a umask; wanted an octal number from 0 to 777, as 022`);
      return null;
    },
    format: (mask) => mask.toString(8),
    meant: firstNumber,
  }),

  nice: attribute<number>({
    where: 'service',
    appliesTo: 'any',
    initial: null,
    usage: 'NUMBER',
    doc: "A number from -20 to 19, added to superd's nice value for the server; see nice(2).",
    plan: ['program.nice'],
    parse(words, report) {
      const value = integer(words[0] as string, -Infinity, Infinity, 'a nice value; wanted -20 to 19', report);
      if (value !== null && (value < -20 || value > 19))
        report.warning('bad-value', `${value} is outside -20 to 19; the kernel uses the nearer end`);
      return value === null ? null : Math.min(Math.max(value, -LARGEST), LARGEST);
    },
    format: String,
    meant: firstNumber,
  }),

  rlimit_as: limit('as', 'Address space', 'bytes'),
  rlimit_cpu: limit('cpu', 'Processor time', 'seconds'),
  rlimit_data: limit('data', 'Data segment', 'bytes'),
  rlimit_files: limit('files', 'Open descriptors', 'number'),
  rlimit_rss: limit('rss', 'Resident memory', 'bytes'),
  rlimit_stack: limit('stack', 'Stack', 'bytes'),

  stderr: choice(['client', 'log', 'null'], 'destination of standard error', {
    where: 'both',
    appliesTo: 'any',
    extension: true,
    initial: 'client',
    doc: "Where the server's standard error goes: to the client, as in xinetd, to the log, or nowhere.",
    plan: ['program.stderr'],
  }),
});
