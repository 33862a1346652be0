import { type Attribute, defineAttribute } from './attribute.js';
import { absolutePath, integer, oneOf } from './values.js';

export const activation = defineAttribute<'request' | 'boot'>({
  name: 'activation',
  where: 'service',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: 'request',
  usage: 'request | boot',
  doc: `What starts the service. request: somebody who connects, as with xinetd. boot: superd itself, at its start, and again whenever it
ends; the program opens its own socket, if it has one. A block may have the attributes of both: to change over, change this one.`,
  parse: ([word = ''], report) => oneOf(word, ['request', 'boot'] as const, 'activation', report),
  format: (value) => value,
});

const idList = (name: 'after' | 'needs' | 'wants', doc: string): Attribute<readonly string[]> =>
  defineAttribute<readonly string[]>({
    name,
    where: 'service',
    count: [0, Infinity],
    text: 'list',
    extension: true,
    initial: null,
    usage: '[ID]...',
    doc,
    parse: (words) => [...new Set(words)],
    format: (ids) => ids.join(' '),
    combine: { add: (to, what) => [...new Set([...to, ...what])], remove: (from, what) => from.filter((one) => !what.includes(one)) },
  });

export const after = idList(
  'after',
  'Daemons that are started before this one, and waited for until they are ready or have failed. At the end this one is stopped first. Init scripts are named by their files, by what they provide, or by a $facility.',
);
export const needs = idList(
  'needs',
  'As *after*, and this one is not started while one of them is not ready. Stopping one of them stops this one before.',
);
export const wants = idList('wants', 'As *after*, and they are started when this one is; whether they succeed does not matter.');

export const pidfile = defineAttribute<string>({
  name: 'pidfile',
  where: 'service',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: null,
  usage: 'PATH',
  doc: `Where a program that goes into the background by itself writes its process number. When the process that was started ends with status
0, the one that the file names is the daemon from then on, if it comes from this start. A file that others than the daemon's user and root could write is not believed.`,
  parse: ([word = ''], report) => absolutePath(word, 'a pidfile', report),
  format: (path) => path,
});

export const directory = defineAttribute<string>({
  name: 'directory',
  where: 'service',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: '/',
  usage: 'PATH',
  doc: 'The working directory of the program.',
  parse: ([word = ''], report) => absolutePath(word, 'a directory', report),
  format: (path) => path,
});

export const replicas = defineAttribute<number>({
  name: 'replicas',
  where: 'service',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: '1',
  usage: 'NUMBER',
  doc: `How many of it run, each looked after for itself; 0 to 1000. They are told apart by their index from 0: SUPERD_REPLICA in the environment,
and %i in *server_args*, *env* and *pidfile*.`,
  parse: ([word = ''], report) => integer(word, 0, 1000, 'a number of replicas; wanted 0 to 1000', report),
  format: String,
});
