import type { DaemonPhase } from '../../supervise/machine.js';
import type { Session } from '../sessions/session.js';
import type { UnitState } from '../unit.js';

const NO_SESSIONS: ReadonlySet<Session> = new Set();

const STATE: Record<DaemonPhase, UnitState> = {
  down: 'stopped',
  waiting: 'starting',
  starting: 'starting',
  up: 'running',
  ending: 'stopping',
  cycling: 'stopping',
  sweeping: 'stopping',
  delayed: 'backoff',
  resting: 'failed',
  done: 'stopped',
  failed: 'failed',
};

/** How one that is in a state of `supervise/machine.ts` stands for an operator. */
export const unitState = (state: DaemonPhase): UnitState => STATE[state];

/** Of several replicas the one that an operator has to know of is told. */
const WORST: readonly UnitState[] = ['failed', 'backoff', 'stopping', 'starting', 'stopped', 'running'];

/** How several replicas stand as one. */
export function worstOf(states: readonly DaemonPhase[]): UnitState {
  const found = states.map(unitState);
  return WORST.find((one) => found.includes(one)) ?? 'stopped';
}

/** What is alike in all that is started at boot, as an operator sees it. */
export abstract class BootUnit {
  readonly activation = 'boot';
  /** It has no door, so nobody comes in through it. */
  readonly endpoint = '';
  readonly sessions = NO_SESSIONS;

  abstract stop(): Promise<void>;

  async drain(): Promise<void> {
    await this.stop();
  }
}
