import type { Origin } from '../../errors.js';
import type { Activation } from './activation.js';

/** A service of the configuration that cannot run: its block is wrong, or the machine lacks what it needs. */
export interface RejectedPlan {
  readonly id: string;
  readonly name: string;
  readonly activation: Activation;
  readonly origin: Origin;
  /** Its first mistake with the place, for people. */
  readonly problem: string;
}
