import type { Instance } from '../../supervise/instance.js';
import type { StartOrder } from './start-order.js';

/** The instances that wait for what they start after. */
export class WaitingInstances {
  /** Each with whether superd has warned that it cannot start. */
  private readonly waiting = new Map<Instance, 'warned' | 'silent'>();
  private closed = false;

  /** @param warn Called once for an instance whose dependencies do not come up by themselves. */
  constructor(
    private readonly order: StartOrder,
    private readonly warn: (instance: Instance, message: string) => void,
  ) {}

  /** Whether it may start now; otherwise it waits. */
  mayStart(instance: Instance): boolean {
    const free = !this.closed && this.order.unmetBy(instance.plan).length === 0;
    if (free) this.waiting.delete(instance);
    else if (!this.waiting.has(instance)) this.waiting.set(instance, 'silent');
    return free;
  }

  /** It waits no longer. */
  forget(instance: Instance): void {
    this.waiting.delete(instance);
  }

  /** The state of a service has changed. */
  recheck(): void {
    for (const [one, warned] of [...this.waiting]) {
      if (one.state !== 'waiting') continue;
      if (this.mayStart(one)) one.raise('dependencies-ready');
      else if (warned === 'silent' && !this.closed && this.order.isSettled(one.plan.id)) {
        this.waiting.set(one, 'warned');
        this.warn(one, this.order.describeWait(one.plan));
      }
    }
  }

  /** None of them starts any more. */
  close(): void {
    this.closed = true;
  }
}
