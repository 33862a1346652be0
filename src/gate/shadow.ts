import type { GatePlan } from '../config/plan.js';
import type { ConnectionFacts } from './facts.js';
import type { Admission, Refusal } from './verdict.js';
import type { Window } from './window.js';

const CLOSED: Refusal = { kind: 'refuse', reason: 'cps', ruling: null };

/**
 * What `enforce = shadow` makes of a gate: everything is asked and counted as if it held, and everybody is let in. A session that would
 * have been refused is counted nowhere, and a service that would have been closed for a time counts as closed: so the
 * refusals are the very ones that enforcement would bring.
 */
export class Shadow {
  /** Of sources that count towards a ban, as `Tally.refusals` where rules are enforced. */
  refusals: Window | null = null;
  private closedUntil = Number.NEGATIVE_INFINITY;

  /**
   * The refusal by a listener that enforcement would have closed for now; null when it would be open.
   *
   * @param cps The service's counter of connections: it begins anew when the listener would open again.
   */
  closed(cps: { count: number }, now: number): Refusal | null {
    if (this.closedUntil === Number.NEGATIVE_INFINITY) return null;
    if (now < this.closedUntil) return CLOSED;
    this.closedUntil = Number.NEGATIVE_INFINITY;
    cps.count = 0;
    return null;
  }

  /** Lets in who would be refused. */
  lift(plan: GatePlan, { now }: ConnectionFacts, refusal: Refusal): Admission {
    if (refusal.reason === 'cps' && refusal !== CLOSED && plan.cps?.scope === 'service')
      this.closedUntil = now + plan.cps.waitSeconds * 1000;
    return { kind: 'admit', ruling: null, shadowed: refusal, uncounted: refusal === CLOSED };
  }
}
