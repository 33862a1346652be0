import { quote, type Reporter } from '../diagnostic.js';
import { formatArguments } from '../lex.js';
import { type RestartPlan, SIGNALS, type SignalName } from '../plan.js';
import { didYouMean } from '../suggest.js';
import { type Attribute, defineAttribute } from './attribute.js';
import { durationAttribute } from './duration.js';
import { absolutePath, countOrUnlimited, formatCount, integer, oneOf } from './values.js';

export const restart = defineAttribute<RestartPlan>({
  name: 'restart',
  where: 'both',
  count: [1, Infinity],
  text: 'list',
  extension: true,
  initial: 'always',
  usage: 'always | on-failure [STATUS]... | never',
  doc: `Whether a daemon that ends by itself is started again. on-failure: unless it ends with status 0, or with one of those that are
written.`,
  parse([word = '', ...rest], report) {
    const when = oneOf(word, ['always', 'on-failure', 'never'] as const, 'rule for a restart', report);
    const statuses = rest.map((one) => integer(one, 0, 255, 'an exit status; wanted 0 to 255', report));
    if (when === null || statuses.includes(null)) return null;
    if (when !== 'on-failure' && rest.length > 0) {
      report.error('value-count', `statuses are for on-failure, found ${quote(rest.join(' '))} behind ${when}`);
      return null;
    }
    return { when, statuses: statuses as number[] };
  },
  format: ({ when, statuses }) => [when, ...statuses].join(' '),
});

export const restartDelay = durationAttribute({
  name: 'restart_delay',
  where: 'both',
  initial: '100ms',
  doc: `A daemon that had run well for ten seconds is started again at once. When it fails sooner, the next start waits so long, then twice
as long, and so on up to a minute, each time a little more or less. 0: never any wait, and no *restart_max* unless it is written.`,
});

export const restartMax = defineAttribute<number>({
  name: 'restart_max',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: '10',
  usage: 'NUMBER | UNLIMITED',
  doc: `After so many failures in a row, each within ten seconds of the start, the daemon is left alone for five minutes; then it is tried again.`,
  parse: ([word = ''], report) => countOrUnlimited(word, 'a number of restarts', report),
  format: formatCount,
});

const signalAttribute = (kind: Pick<Attribute<SignalName>, 'name' | 'where' | 'initial' | 'doc'>) =>
  defineAttribute<SignalName>({
    count: [1, 1],
    text: 'words',
    extension: true,
    usage: 'SIGNAL',
    parse: ([word = ''], report) => signal(word, report),
    format: (name) => name.slice(3),
    ...kind,
  });

export const stopSignal = signalAttribute({
  name: 'stop_signal',
  where: 'both',
  initial: 'TERM',
  doc: 'What tells a daemon to end.',
});

export const stopTimeout = durationAttribute({
  name: 'stop_timeout',
  where: 'both',
  initial: '10s',
  doc: 'How long it may take to end, with all the processes it has started; then KILL ends them. 0 kills at once.',
});

export const reloadSignal = signalAttribute({
  name: 'reload_signal',
  where: 'service',
  initial: null,
  doc: 'What makes the daemon read its own configuration again, as HUP does for many.',
});

export const reloadExec = defineAttribute<readonly string[]>({
  name: 'reload_exec',
  where: 'service',
  count: [1, Infinity],
  text: 'arguments',
  extension: true,
  initial: null,
  usage: 'PROGRAM [WORD]...',
  doc: 'A program that makes the daemon read its configuration again; it runs as the daemon does, with its process number in MAINPID.',
  parse: (words, report) => (absolutePath(words[0] as string, 'a program', report) === null ? null : words),
  format: formatArguments,
});

function signal(word: string, report: Reporter): SignalName | null {
  const name = word.toUpperCase().replace(/^(?:SIG)?/, 'SIG');
  const found = SIGNALS.find((one) => one === name);
  if (found !== undefined) return found;
  const short = SIGNALS.map((one) => one.slice(3));
  const near = didYouMean(word.toUpperCase().replace(/^SIG/, ''), short);
  report.error('unknown-word', `${quote(word)} is no signal${near === '' ? `; wanted one of ${short.join(', ')}` : near}`);
  return null;
}
