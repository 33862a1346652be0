import { type AttributeSpec, attribute, section } from './attribute.js';
import { pathTo } from './choice.js';
import { integer } from './values.js';

const idList = (doc: string, path: 'after' | 'needs' | 'wants'): AttributeSpec<readonly string[]> =>
  attribute<readonly string[]>({
    where: 'service',
    appliesTo: 'resident',
    count: [0, Infinity],
    text: 'list',
    extension: true,
    initial: null,
    usage: '[ID]...',
    doc,
    plan: [path],
    parse: (words) => [...new Set(words)],
    format: (ids) => ids.join(' '),
    combine: { add: (to, what) => [...new Set([...to, ...what])], remove: (from, what) => from.filter((one) => !what.includes(one)) },
  });

export const resident = section('Resident daemons', {
  after: idList(
    `Services that superd starts before this one; it waits until each is ready or has failed. When superd ends, it stops this one first.
An init script goes by its file name, by what it provides, or by a $facility.`,
    'after',
  ),
  needs: idList(
    'As *after*; superd also starts this daemon only while all of them are ready. To stop one of them superd stops this daemon first.',
    'needs',
  ),
  wants: idList('As *after*; superd also starts them when it starts this daemon, and goes on if they fail.', 'wants'),

  replicas: attribute<number>({
    where: 'service',
    appliesTo: 'resident',
    extension: true,
    initial: 1,
    usage: 'NUMBER',
    doc: `How many copies run, each supervised separately; 0 to 1000. An index from 0 tells them apart: SUPERD_REPLICA in the environment, and
%i in *server_args*, *env* and *pidfile*.`,
    plan: ['replicas'],
    parse: ([word = ''], report) => integer(word, 0, 1000, 'a number of replicas; wanted 0 to 1000', report),
    format: String,
  }),

  pidfile: pathTo('a pidfile', {
    where: 'service',
    appliesTo: 'resident',
    extension: true,
    initial: null,
    doc: `The file in which a program that puts itself into the background writes its process number. When the process that superd started
ends with status 0, the process in the file becomes the daemon, provided that it comes from this start. superd ignores a file that
anyone but the daemon's user and root can write.`,
    plan: ['pidfile'],
  }),
});
