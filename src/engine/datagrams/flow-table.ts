import type { Flow } from './flow.js';

/** Flows of one service at once: 4096 descriptors, and some kilobytes each. */
const MAX_FLOWS = 4096;

/**
 * The flows of one service by their keys, in bounds. The sender of a datagram can be forged, and a forger never sees the answer: a flow is
 * confirmed when its client has sent again after an answer. Confirmed flows are kept; the oldest unconfirmed flow makes room for a new one. So a flood of
 * forged senders costs only clients that are just beginning.
 */
export class FlowTable {
  private readonly unconfirmed = new Map<string, Flow>();
  private readonly confirmed = new Map<string, Flow>();

  get size(): number {
    return this.unconfirmed.size + this.confirmed.size;
  }

  get full(): boolean {
    return this.size >= MAX_FLOWS;
  }

  /** The flow that makes room for a new one; undefined when all are confirmed. */
  get oldest(): Flow | undefined {
    for (const flow of this.unconfirmed.values()) return flow;
    return undefined;
  }

  find(key: string): Flow | undefined {
    return this.confirmed.get(key) ?? this.unconfirmed.get(key);
  }

  add(flow: Flow): void {
    this.unconfirmed.set(flow.key, flow);
  }

  delete({ key }: Flow): void {
    if (!this.unconfirmed.delete(key)) this.confirmed.delete(key);
  }

  confirm(flow: Flow): void {
    if (this.unconfirmed.delete(flow.key)) this.confirmed.set(flow.key, flow);
  }

  all(): Flow[] {
    return [...this.unconfirmed.values(), ...this.confirmed.values()];
  }
}
