import type { DaemonState } from '../report/states.js';

/** Everything that can happen to a daemon, with the occasion; docs/states.md shows it. */
export const events = {
  start: 'superd or an operator starts it',
  stop: 'an operator, a new configuration or the end of superd stops it',
  restart: 'an operator restarts it, or a new configuration changes its process',
  'dependencies-ready': 'everything that it starts after is up',
  ready: 'it has shown that it is ready (`ready`)',
  'ready-timeout': 'it was not ready within `ready_timeout`',
  'start-failed': 'the system could not start its process',
  'main-exited': 'its main process has ended',
  unhealthy: '`watchdog`, `live` or `memory_max`',
  'all-exited': 'no process of it is left',
  'start-again': 'decision: start at once',
  'back-off': 'decision: start after a delay',
  'crash-loop': 'decision: too many failures in a row, so start after a long delay',
  finish: 'decision: do not start again; it ended well',
  fail: 'decision: do not start again; it ended badly',
  'delay-over': 'the delay before its next start is over',
} as const;
export type DaemonEvent = keyof typeof events;
export const eventNames = Object.keys(events) as readonly DaemonEvent[];

/** What superd does on the way into the next state. */
export type DaemonEffect =
  | 'nothing'
  | 'check-dependencies'
  | 'launch'
  | 'watch-health'
  | 'terminate'
  | 'clean-up'
  | 'decide'
  | 'start-delay'
  | 'reset';

export interface Transition {
  readonly to: DaemonState;
  readonly effect: DaemonEffect;
}

const to = (state: DaemonState, effect: DaemonEffect = 'nothing'): Transition => ({ to: state, effect });

/** An event that a state does not mention changes nothing. */
function unchanged(state: DaemonState): Record<DaemonEvent, Transition> {
  const stay = to(state);
  return Object.fromEntries(eventNames.map((event) => [event, stay])) as Record<DaemonEvent, Transition>;
}

const startable = { start: to('waiting', 'check-dependencies'), restart: to('waiting', 'check-dependencies') };

/** A state in which no process is left: it can be started and stopped. */
const atRest = (state: DaemonState): Record<DaemonEvent, Transition> => ({
  ...unchanged(state),
  ...startable,
  stop: to('stopped', 'reset'),
});

const atRestForATime = (state: DaemonState): Record<DaemonEvent, Transition> => ({
  ...atRest(state),
  'delay-over': to('waiting', 'check-dependencies'),
});

/** For every state and every event: the next state, and what superd does. */
export const table: Record<DaemonState, Record<DaemonEvent, Transition>> = {
  stopped: { ...unchanged('stopped'), ...startable },
  waiting: { ...unchanged('waiting'), 'dependencies-ready': to('starting', 'launch'), stop: to('stopped', 'reset') },
  starting: {
    ...unchanged('starting'),
    ready: to('running', 'watch-health'),
    'ready-timeout': to('cleaning-up', 'terminate'),
    unhealthy: to('cleaning-up', 'terminate'),
    'start-failed': to('cleaning-up', 'clean-up'),
    'main-exited': to('cleaning-up', 'clean-up'),
    stop: to('stopping', 'terminate'),
    restart: to('restarting', 'terminate'),
  },
  running: {
    ...unchanged('running'),
    unhealthy: to('cleaning-up', 'terminate'),
    'main-exited': to('cleaning-up', 'clean-up'),
    stop: to('stopping', 'terminate'),
    restart: to('restarting', 'terminate'),
  },
  stopping: {
    ...unchanged('stopping'),
    'main-exited': to('stopping', 'clean-up'),
    'start-failed': to('stopping', 'clean-up'),
    'all-exited': to('stopped', 'reset'),
    start: to('restarting'),
    restart: to('restarting'),
  },
  restarting: {
    ...unchanged('restarting'),
    'main-exited': to('restarting', 'clean-up'),
    'start-failed': to('restarting', 'clean-up'),
    'all-exited': to('waiting', 'check-dependencies'),
    stop: to('stopping'),
  },
  'cleaning-up': {
    ...unchanged('cleaning-up'),
    'main-exited': to('cleaning-up', 'clean-up'),
    'start-failed': to('cleaning-up', 'clean-up'),
    'all-exited': to('cleaning-up', 'decide'),
    'start-again': to('waiting', 'check-dependencies'),
    'back-off': to('backoff', 'start-delay'),
    'crash-loop': to('crash-looping', 'start-delay'),
    finish: to('exited', 'reset'),
    fail: to('failed', 'reset'),
    stop: to('stopping'),
    restart: to('restarting'),
  },
  backoff: atRestForATime('backoff'),
  'crash-looping': atRestForATime('crash-looping'),
  exited: atRest('exited'),
  failed: atRest('failed'),
};
