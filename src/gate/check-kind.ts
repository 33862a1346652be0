import type { PrefixSet } from '../address/prefix-set.js';
import type { GatePlan } from '../config/plan.js';
import type { RefusalReason } from '../report/event.js';
import type { Check } from './check.js';
import type { GateContext } from './context.js';
import type { ConnectionFacts } from './facts.js';
import type { Tally } from './tally.js';

/** What a check is built from. */
export interface GateSettings {
  readonly plan: GatePlan;
  readonly context: GateContext;
  /** Clients in `limit_exempt`; null when there are none. */
  readonly exempt: PrefixSet | null;
  /** Connections of a unix socket carry no address. */
  readonly peer: 'address' | 'none';
}

/** What the description of a check may show. */
export interface CheckState {
  readonly plan: GatePlan;
  readonly context: GateContext;
  readonly facts: ConnectionFacts;
  readonly tally: Tally;
}

/** Everything the gate knows about one check; `gate.ts` lists them in their order. */
export interface CheckKind {
  readonly reason: RefusalReason;
  /** The attributes that configure it. */
  readonly attributes: readonly string[];
  /** The check for one service; null when the service does not ask for it. */
  build(settings: GateSettings): Check | null;
  /** Counters and limits as they are now, for `explain`. */
  describe(state: CheckState): string;
}
