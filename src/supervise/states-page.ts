import { type DaemonEvent, type DaemonPhase, events, states, table } from './machine.js';

const MEANING: Record<DaemonPhase, string> = {
  down: 'nobody wants it, and nothing of it runs',
  waiting: 'wanted, and waits for what it starts after',
  starting: 'its process runs, or is on the way, and is not ready',
  up: 'ready',
  ending: 'goes, and is not wanted',
  cycling: 'goes, to be started again',
  sweeping: 'has ended by itself, or was stopped as unwell: what is left of it goes',
  delayed: 'waits for its next start (*restart_delay*)',
  resting: 'left alone after *restart_max* failures in a row; tried again after five minutes',
  done: 'has ended as it should, and *restart* leaves it so',
  failed: 'has ended badly, and *restart* leaves it so',
};

const OCCASION: Record<DaemonEvent, string> = {
  start: 'superd or an operator wants it',
  stop: 'an operator, a new configuration, or the end of superd',
  restart: 'an operator, or a new configuration that changes its process',
  clear: 'everything that it starts after is there',
  ready: 'it has shown that it is ready (*ready*)',
  late: '*ready_timeout* is over',
  refused: 'the machine refused its start',
  ended: 'its main process has ended',
  sick: '*watchdog*, *live* or *memory_max*',
  empty: 'no process of it is left',
  again: 'verdict: start at once',
  later: 'verdict: start after a delay',
  rest: 'verdict: a crash loop',
  finish: 'verdict: that was its end',
  'give-up': 'verdict: that was its end, a bad one',
  due: 'the wait is over',
};

/** docs/states.md, drawn from the table. */
export function renderStatesPage(): string {
  const moves = states.flatMap((from) =>
    events.map((event) => ({ from, event, ...table[from][event] })).filter(({ to, effect }) => to !== from || effect !== 'nothing'),
  );
  return [
    '<!-- Made by scripts/manual.mjs from src/supervise/machine.ts; edit there. -->',
    '# The states of a resident daemon',
    '',
    'Each replica of a daemon is in one of these states, and goes from one to another by these events and no others; what does not stand',
    'here changes nothing. [standalone.md](standalone.md) tells what it is for.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> down',
    ...moves.filter(({ from, to }) => from !== to).map(({ from, event, to }) => `  ${from} --> ${to}: ${event}`),
    '```',
    '',
    '| state | meaning |',
    '|---|---|',
    ...states.map((state) => `| \`${state}\` | ${MEANING[state]} |`),
    '',
    '| event | occasion |',
    '|---|---|',
    ...events.map((event) => `| \`${event}\` | ${OCCASION[event]} |`),
    '',
    '| in | comes | then | and does |',
    '|---|---|---|---|',
    ...moves.map(({ from, event, to, effect }) => `| \`${from}\` | \`${event}\` | \`${to}\` | ${effect === 'nothing' ? '' : effect} |`),
    '',
  ].join('\n');
}
