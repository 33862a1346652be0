import type { DaemonState } from '../../report/states.js';
import type { Session } from '../sessions/session.js';

const NO_SESSIONS: ReadonlySet<Session> = new Set();

/** From the state that an operator most needs to see to the one that needs no attention. */
const WORST_FIRST: readonly DaemonState[] = [
  'failed',
  'crash-looping',
  'backoff',
  'cleaning-up',
  'restarting',
  'stopping',
  'waiting',
  'starting',
  'stopped',
  'exited',
  'running',
];

/** The state of a service with several replicas; `stopped` without any. */
export function worstOf(states: readonly DaemonState[]): DaemonState {
  return WORST_FIRST.find((one) => states.includes(one)) ?? 'stopped';
}

/** What the units of resident daemons and init scripts share. */
export abstract class BootUnit {
  readonly activation = 'boot';
  /** superd holds no socket of it. */
  readonly endpoint = '';
  readonly sessions = NO_SESSIONS;

  abstract stop(): Promise<void>;

  async drain(): Promise<void> {
    await this.stop();
  }
}
