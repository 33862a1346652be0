import { quote } from '../diagnostic.js';
import { defineAttribute } from './attribute.js';
import { countOrUnlimited, formatCount, integer } from './values.js';

export const instances = defineAttribute<number>({
  name: 'instances',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: 'UNLIMITED',
  usage: 'NUMBER | UNLIMITED',
  doc: 'How many servers of this service may run at once.',
  parse: (words, report) => countOrUnlimited(words[0] as string, 'a limit', report),
  format: formatCount,
});

export const perSource = defineAttribute<number>({
  name: 'per_source',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: 'UNLIMITED',
  usage: 'NUMBER | UNLIMITED',
  doc: 'How many servers of this service may run at once for one client address.',
  parse: (words, report) => countOrUnlimited(words[0] as string, 'a limit', report),
  format: formatCount,
});

export const cps = defineAttribute<{ readonly max: number; readonly waitSeconds: number }>({
  name: 'cps',
  where: 'both',
  count: [2, 2],
  text: 'words',
  initial: '50 10',
  usage: 'MAX SECONDS',
  doc: 'The service takes at most MAX connections a second; when more come it stops listening for SECONDS. MAX 0 is no limit.',
  parse(words, report) {
    const max = integer(words[0] as string, 0, 0x7fffffff, 'a number of connections per second; wanted a number from 0', report);
    const waitSeconds = integer(words[1] as string, 0, 0x7fffffff, 'a number of seconds to wait; wanted a number from 0', report);
    return max === null || waitSeconds === null ? null : { max, waitSeconds };
  },
  format: ({ max, waitSeconds }) => `${max} ${waitSeconds}`,
});

export const maxLoad = defineAttribute<number>({
  name: 'max_load',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'LOAD',
  doc: 'Connections are refused while the load average of one minute is this or higher; a decimal number above 0.',
  parse(words, report) {
    const word = words[0] as string;
    if (/^\+?(?:\d+\.?\d*|\.\d+)$/.test(word) && Number(word) > 0) return Number(word);
    report.error('bad-value', `${quote(word)} is no load average; wanted a number above 0, as 2.5`);
    return null;
  },
  format: String,
});
