import type { GatePlan } from '../config/plan.js';
import type { ConnectionFacts } from './facts.js';
import type { Admission, Refusal } from './verdict.js';
import type { Window } from './window.js';

const CLOSED: Refusal = { kind: 'refuse', reason: 'cps', ruling: null };

/**
 * The gate of a service with `enforce = shadow`: it runs and counts every check as if enforced, and admits every client. A session that
 * enforcement would have refused is counted nowhere, and a service that enforcement would have closed counts as closed, so the shadow
 * refusals are exactly those that enforcement would bring.
 */
export class Shadow {
  /** Refusals that count towards a ban, as `Tally.refusals` does under enforcement. */
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

  /** Turns a refusal into the admission of a shadow gate. */
  admitAnyway(plan: GatePlan, { now }: ConnectionFacts, refusal: Refusal): Admission {
    if (refusal.reason === 'cps' && refusal !== CLOSED && plan.cps?.scope === 'service')
      this.closedUntil = now + plan.cps.waitSeconds * 1000;
    return { kind: 'admit', ruling: null, shadowed: refusal, uncounted: refusal === CLOSED };
  }
}
