import { defineAttribute } from './attribute.js';
import { durationAttribute } from './duration.js';
import { absolutePath } from './values.js';

export const initd = defineAttribute<readonly string[]>({
  name: 'initd',
  where: 'defaults',
  count: [1, Infinity],
  text: 'list',
  extension: true,
  initial: null,
  usage: 'DIRECTORY...',
  doc: `Where init scripts stand, as in "initd = /etc/init.d", or with ./ beside the configuration file: each executable script with the comments of LSB or chkconfig is a service of its own,
started at superd's start if its Default-Start names one of the run levels 2 to 5, in the order that its comments ask for, and by its own words
start, stop, restart, reload and status. Of two scripts with one name the first holds; a service with that id holds before any script.`,
  parse(words, report) {
    const paths = words.map((word) => (word.startsWith('./') ? word : absolutePath(word, 'a directory of init scripts', report)));
    return paths.includes(null) ? null : [...new Set(paths as string[])];
  },
  format: (paths) => paths.join(' '),
  combine: { add: (to, what) => [...new Set([...to, ...what])] },
});

export const initdTimeout = durationAttribute({
  name: 'initd_timeout',
  where: 'defaults',
  initial: '5m',
  doc: 'How long an init script may take for any of its words; then it is ended with all that it has started. 0 waits for ever.',
});

/** Which scripts have their daemons kept alive. */
export type Supervise = 'all' | 'none' | readonly string[];

export const supervise = defineAttribute<Supervise>({
  name: 'supervise',
  where: 'defaults',
  count: [1, Infinity],
  text: 'list',
  extension: true,
  initial: 'no',
  usage: 'yes | no | NAME...',
  doc: `Whether the daemons of init scripts are kept alive: yes all of them, or those of the scripts that are named. When such a daemon ends and nobody
has asked for that, its script is told to start it again: at once, then later each time, up to a minute; after ten times in a row it is left alone for five minutes.`,
  parse(words) {
    if (words.length > 1) return words;
    const [word = ''] = words;
    return /^(yes|true)$/i.test(word) ? 'all' : /^(no|false)$/i.test(word) ? 'none' : words;
  },
  format: (value) => (value === 'all' ? 'yes' : value === 'none' ? 'no' : value.join(' ')),
});
