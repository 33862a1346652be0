/** Everything that a listener can be doing, with what it means; docs/states.md shows it. */
export const listenerStates = {
  stopped: 'takes no clients; its socket is closed, or not in use yet',
  listening: 'waits for requests',
  'handed-over': 'a server has the socket (`wait = yes`)',
  paused: 'takes no new clients for a while, and resumes by itself',
} as const;
export type ListenerState = keyof typeof listenerStates;
export const listenerStateNames = Object.keys(listenerStates) as readonly ListenerState[];

/** Everything that can happen to a listener, with the occasion. */
export const listenerReasons = {
  listen: 'the configuration or an operator starts the service',
  'hand-over': 'superd starts the server of a `wait = yes` service',
  'server-ended': 'that server has ended',
  'server-failed': 'that server could not be started, or servers end without taking their request',
  cps: 'more connections a second than `cps` allows',
  'no-descriptors': 'superd runs out of file descriptors',
  error: 'superd could not take a request, or could not watch the socket',
  'make-way': 'a new configuration needs the address of a socket that a server has',
  resume: 'the pause is over, or the new configuration cannot be applied',
  stop: 'an operator, a new configuration or the end of superd stops the service',
} as const;
export type ListenerReason = keyof typeof listenerReasons;
export const listenerReasonNames = Object.keys(listenerReasons) as readonly ListenerReason[];

/**
 * What the listener does on its way into the next state.
 *
 * `watch`: waits for requests on the socket. `close-for-now`: closes the socket and reopens it after the pause of `cps`. `await-descriptors`: leaves the socket
 * open and looks every 50 ms whether descriptors are free. `retry`: leaves the socket open and tries again after a second. `back-off`: the same after
 * 1 s to 30 s. `unwatch`: leaves the socket open. `leave`: closes the socket, whose path stays until the server that has it has ended. `close`: closes the socket and removes its path.
 */
export type ListenerEffect =
  | 'nothing'
  | 'watch'
  | 'close-for-now'
  | 'await-descriptors'
  | 'retry'
  | 'back-off'
  | 'unwatch'
  | 'leave'
  | 'close';

export interface ListenerTransition {
  readonly to: ListenerState;
  readonly effect: ListenerEffect;
}

const to = (state: ListenerState, effect: ListenerEffect): ListenerTransition => ({ to: state, effect });

/** A reason that means nothing in a state leaves it as it is. */
function unchanged(state: ListenerState): Record<ListenerReason, ListenerTransition> {
  const stay = to(state, 'nothing');
  return Object.fromEntries(listenerReasonNames.map((reason) => [reason, stay])) as Record<ListenerReason, ListenerTransition>;
}

/** What follows for every state and every reason. */
export const listenerTable: Record<ListenerState, Record<ListenerReason, ListenerTransition>> = {
  // An opening that failed halfway leaves a socket behind.
  stopped: { ...unchanged('stopped'), listen: to('listening', 'watch'), stop: to('stopped', 'close') },
  listening: {
    ...unchanged('listening'),
    'hand-over': to('handed-over', 'nothing'),
    cps: to('paused', 'close-for-now'),
    'no-descriptors': to('paused', 'await-descriptors'),
    error: to('paused', 'retry'),
    stop: to('stopped', 'close'),
  },
  'handed-over': {
    ...unchanged('handed-over'),
    'server-ended': to('listening', 'watch'),
    // The request still waits in the socket: without a pause superd would try it again at once, forever.
    'server-failed': to('paused', 'back-off'),
    'make-way': to('paused', 'unwatch'),
    stop: to('stopped', 'leave'),
  },
  paused: { ...unchanged('paused'), resume: to('listening', 'watch'), stop: to('stopped', 'close') },
};
