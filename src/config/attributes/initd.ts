import { attribute, section } from './attribute.js';
import { DEFAULTS_ONLY } from './defaults-only.js';
import { durationAttribute } from './duration.js';
import { absolutePath } from './values.js';

/** The init scripts whose daemons superd keeps alive. */
export type Supervise = 'all' | 'none' | readonly string[];

export const initd = section(DEFAULTS_ONLY, {
  initd: attribute<readonly string[]>({
    where: 'defaults',
    appliesTo: 'any',
    count: [1, Infinity],
    text: 'list',
    extension: true,
    initial: null,
    usage: 'DIRECTORY...',
    doc: `Directories of init scripts, as in "initd = /etc/init.d", or with ./ beside the configuration file. Each executable script with LSB
or chkconfig comments is a service. superd starts it, when superd itself starts, if its Default-Start names one of the run levels 2 to
5; in the order its comments require; and with its own words start, stop, restart, reload and status. Of two scripts with one name
superd uses the first; a service with that id takes precedence over a script.`,
    plan: [],
    parse(words, report) {
      const paths = words.map((word) => (word.startsWith('./') ? word : absolutePath(word, 'a directory of init scripts', report)));
      return paths.includes(null) ? null : [...new Set(paths as string[])];
    },
    format: (paths) => paths.join(' '),
    combine: { add: (to, what) => [...new Set([...to, ...what])] },
  }),

  initd_timeout: durationAttribute({
    where: 'defaults',
    appliesTo: 'any',
    initial: 300_000,
    doc: 'How long an init script may take for one of its words; then superd ends it, with all that it has started. 0 sets no limit.',
    plan: ['timeoutMs'],
  }),

  supervise: attribute<Supervise>({
    where: 'defaults',
    appliesTo: 'any',
    count: [1, Infinity],
    text: 'list',
    extension: true,
    initial: 'none',
    usage: 'yes | no | NAME...',
    doc: `Whether superd keeps the daemons of init scripts alive: yes for all scripts, or the scripts to do it for. When such a daemon ends
unasked, superd has its script start it again: at once, then after growing delays, up to a minute; after ten times in a row superd
leaves it alone for five minutes.`,
    plan: ['supervise'],
    parse(words) {
      if (words.length > 1) return words;
      const [word = ''] = words;
      return /^(yes|true)$/i.test(word) ? 'all' : /^(no|false)$/i.test(word) ? 'none' : words;
    },
    format: (value) => (value === 'all' ? 'yes' : value === 'none' ? 'no' : value.join(' ')),
  }),
});
