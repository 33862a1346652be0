/** Every state of a resident daemon or an init script, with what it means. Programs go by the names; docs/states.md explains them. */
export const daemonStates = {
  stopped: 'nothing runs, and superd does not start it',
  waiting: 'wanted; it starts when everything that it starts after is up',
  starting: 'its process runs, or is about to, and is not ready yet',
  running: 'ready',
  stopping: 'superd ends its processes, and it stays stopped',
  restarting: 'superd ends its processes, and starts it again when they are gone',
  'cleaning-up': 'it exited or was unhealthy; superd ends what is left of its processes before it decides what follows',
  backoff: 'waits for its next start (`restart_delay`)',
  'crash-looping': '`restart_max` failures in a row; superd tries again after five minutes',
  exited: 'it ended well, and `restart` does not start it again',
  failed: 'it ended badly, and `restart` does not start it again',
} as const;
export type DaemonState = keyof typeof daemonStates;
export const daemonStateNames = Object.keys(daemonStates) as readonly DaemonState[];

/** Every state of a service that listens for clients, with what it means. */
export const listeningStates = {
  listening: 'accepts clients',
  paused: 'accepts no clients for some seconds (`cps`, or no descriptors left), and resumes by itself',
  draining: 'accepts no clients; the last sessions go on',
  stopped: 'accepts no clients',
  waiting: 'its address or its network device is not there yet; superd opens its socket within five seconds once it is',
  failed: 'its socket could not be opened; superd tries again every few seconds',
  rejected: 'its block has a mistake (correct it and reload), or its user, group or program is missing (superd starts it when that exists)',
} as const;
export type ListeningState = keyof typeof listeningStates;

/** The state of any service. */
export type UnitState = ListeningState | DaemonState;
export const unitStates: readonly UnitState[] = [...new Set([...(Object.keys(listeningStates) as ListeningState[]), ...daemonStateNames])];
