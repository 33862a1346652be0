import { quote, type Reporter } from '../diagnostic.js';
import { formatArguments } from '../lex.js';
import { type RestartPlan, SIGNALS, type SignalName } from '../plan.js';
import { didYouMean } from '../suggest.js';
import { type AttributeSpec, attribute, section } from './attribute.js';
import { yesOrNo } from './choice.js';
import { durationAttribute } from './duration.js';
import { absolutePath, countOrUnlimited, formatCount, integer, oneOf } from './values.js';

type SignalParticulars<I> = Pick<AttributeSpec<SignalName>, 'where' | 'doc' | 'plan'> & { readonly initial: I };

const signalAttribute = <I extends SignalName | null>(particulars: SignalParticulars<I>) => ({
  ...attribute<SignalName>({
    appliesTo: 'resident',
    extension: true,
    usage: 'SIGNAL',
    parse: ([word = ''], report) => signal(word, report),
    format: (name) => name.slice(3),
    ...particulars,
  }),
  initial: particulars.initial,
});

export const restarts = section('Resident daemons', {
  restart: attribute<RestartPlan>({
    where: 'both',
    appliesTo: 'resident',
    count: [1, Infinity],
    text: 'list',
    extension: true,
    initial: { when: 'always', statuses: [] },
    usage: 'always | on-failure [STATUS]... | never',
    doc: `Whether superd restarts a daemon that ends by itself. on-failure: unless it ends with status 0 or one of these.`,
    plan: ['restart'],
    parse([word = '', ...rest], report) {
      const when = oneOf(word, ['always', 'on-failure', 'never'] as const, 'rule for a restart', report);
      const statuses = rest.map((one) => integer(one, 0, 255, 'an exit status; wanted 0 to 255', report));
      if (when === null || statuses.includes(null)) return null;
      if (when !== 'on-failure' && rest.length > 0) {
        report.error('value-count', `only on-failure has statuses, found ${quote(rest.join(' '))} after ${when}`);
        return null;
      }
      return { when, statuses: statuses as number[] };
    },
    format: ({ when, statuses }) => [when, ...statuses].join(' '),
  }),

  essential: yesOrNo({
    where: 'service',
    appliesTo: 'resident',
    extension: true,
    initial: false,
    doc: `yes: when the daemon has ended and superd does not start it again (by *restart*, or after *restart_max* failures), superd stops all
others and exits with the status of the daemon, or with 128 plus the number of the signal that ended it. So process 1 of a container ends with its service.`,
    plan: ['essential'],
  }),

  restart_delay: durationAttribute({
    where: 'both',
    appliesTo: 'resident',
    initial: 100,
    doc: `superd restarts at once a daemon that had run for ten seconds. When it fails sooner, the next start waits this long, then twice as
long, and so on up to a minute, each time varied a little. 0: superd never waits, and has no *restart_max* unless it is written.`,
    plan: ['restartDelayMs'],
  }),

  restart_max: attribute<number>({
    where: 'both',
    appliesTo: 'resident',
    extension: true,
    initial: 10,
    usage: 'NUMBER | UNLIMITED',
    doc: 'After this many failures in a row, each within ten seconds of the start, superd leaves the daemon alone for five minutes, then tries again.',
    plan: ['restartMax'],
    parse: ([word = ''], report) => countOrUnlimited(word, 'a number of restarts', report),
    format: formatCount,
  }),

  stop_signal: signalAttribute({
    where: 'both',
    initial: 'SIGTERM',
    doc: 'The signal with which superd stops a daemon.',
    plan: ['stopSignal'],
  }),

  stop_timeout: durationAttribute({
    where: 'both',
    appliesTo: 'resident',
    initial: 10_000,
    doc: 'How long the daemon, with all processes it has started, may take to end; then superd sends KILL. 0 sends KILL at once.',
    plan: ['stopTimeoutMs'],
  }),

  reload_signal: signalAttribute({
    where: 'service',
    initial: null,
    doc: 'The signal that makes the daemon read its own configuration again; for many daemons HUP.',
    plan: ['reloadSignal'],
  }),

  reload_exec: attribute<readonly string[]>({
    where: 'service',
    appliesTo: 'resident',
    count: [1, Infinity],
    text: 'arguments',
    extension: true,
    initial: null,
    usage: 'PROGRAM [WORD]...',
    doc: 'A program that makes the daemon read its configuration again. It runs as the daemon does, with the process number of the daemon in MAINPID.',
    plan: ['reloadExec'],
    parse: (words, report) => (absolutePath(words[0] as string, 'a program', report) === null ? null : words),
    format: formatArguments,
  }),
});

function signal(word: string, report: Reporter): SignalName | null {
  const name = word.toUpperCase().replace(/^(?:SIG)?/, 'SIG');
  const found = SIGNALS.find((one) => one === name);
  if (found !== undefined) return found;
  const short = SIGNALS.map((one) => one.slice(3));
  const near = didYouMean(word.toUpperCase().replace(/^SIG/, ''), short);
  report.error('unknown-word', `unknown signal ${quote(word)}${near === '' ? `; wanted one of ${short.join(', ')}` : near}`);
  return null;
}
