import type { Instance } from '../../supervise/instance.js';
import type { Order } from './order.js';

/** Daemons that are wanted, and wait for what they start after. */
export class Waits {
  /** Each with whether it has been told that it waits in vain. */
  private readonly waiting = new Map<Instance, 'told' | 'silent'>();
  private closed = false;

  /** @param tell Hears once a wait of one that waits for what will not come by itself. */
  constructor(
    private readonly order: Order,
    private readonly tell: (instance: Instance, message: string) => void,
  ) {}

  /** Whether it need not wait; otherwise it is remembered. */
  mayStart(instance: Instance): boolean {
    const free = !this.closed && this.order.missingFor(instance.plan).length === 0;
    if (free) this.waiting.delete(instance);
    else if (!this.waiting.has(instance)) this.waiting.set(instance, 'silent');
    return free;
  }

  /** It waits no more, whatever became of it. */
  forget(instance: Instance): void {
    this.waiting.delete(instance);
  }

  /** Something has changed that they may wait for. */
  lookAround(): void {
    for (const [one, told] of [...this.waiting]) {
      if (one.state !== 'waiting') continue;
      if (this.mayStart(one)) one.raise('dependencies-ready');
      else if (told === 'silent' && !this.closed && this.order.isSettled(one.plan.id)) {
        this.waiting.set(one, 'told');
        this.tell(one, this.order.describeWait(one.plan));
      }
    }
  }

  /** None of them starts any more. */
  close(): void {
    this.closed = true;
  }
}
