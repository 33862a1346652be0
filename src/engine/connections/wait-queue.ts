import { formatPrefix } from '../../address/prefix-set.js';
import { FairQueue } from '../../gate/fair-queue.js';
import { sourceUnit } from '../../gate/source-unit.js';
import type { Admission, Refusal } from '../../gate/verdict.js';
import { getSocketOption } from '../../os/socket.js';
import { BUSY, peek } from '../../os/stream.js';
import type { RefusalReason } from '../../report/event.js';
import type { ReportContext, WatchContext } from '../context.js';
import type { Service } from '../services/service.js';
import type { PendingClient } from './client.js';

/** Refusals that somebody's leaving or time alone may mend. */
const MENDS: ReadonlySet<RefusalReason> = new Set<RefusalReason>(['service_limit', 'per_source_limit', 'prefix_limit', 'rate']);

/** Of these whoever asks is told the same. */
const FOR_ALL: RefusalReason = 'service_limit';

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const TCP_CLOSE = 7;

/** A timer that comes some milliseconds early would ask in vain. */
const SLACK_MS = 2;

interface QueuedClient {
  readonly caller: PendingClient & { readonly deadline: number };
  readonly source: string;
  readonly token: number;
  refusal: Refusal;
}

/** What the room does with those who leave it. */
export interface QueueActions {
  ask(caller: PendingClient): Admission | Refusal | Promise<Admission | Refusal>;
  /** The verdict holds; the socket is no longer the room's. */
  settle(caller: PendingClient, verdict: Admission | Refusal | Promise<Admission | Refusal>): void;
  /** The room is closed, and the socket no longer its own. */
  close(caller: PendingClient, refusal: Refusal): void;
}

/**
 * Where clients wait, with `queue`, who would be refused because too much runs or comes at the moment: a bounded number of them, in turns by
 * source, and not for ever. Their connections stay open; who hangs up is let go.
 */
export class WaitQueue {
  private readonly queue: FairQueue<QueuedClient>;
  private timer: NodeJS.Timeout | null = null;
  private awake = false;

  constructor(
    private readonly context: ReportContext & WatchContext,
    private readonly service: Service,
    private readonly doors: QueueActions,
  ) {
    this.queue = new FairQueue(service.plan.gate.queue?.most ?? 0);
  }

  get size(): number {
    return this.queue.size;
  }

  /** @returns false when it does not wait: waiting would not help, its time is over, or there is no room. */
  enter(caller: PendingClient, refusal: Refusal): boolean {
    const { queue } = this.service.plan.gate;
    if (queue === null || !MENDS.has(refusal.reason)) return false;
    const now = this.context.now();
    const deadline = caller.deadline ?? now + queue.seconds * 1000;
    if (deadline <= now) return false;
    this.queue.most = queue.most;
    const { address } = caller.facts;
    const source = address === null ? '' : formatPrefix(sourceUnit(address));
    const waiting: QueuedClient = { caller: { ...caller, deadline }, source, token: this.context.nextToken(), refusal };
    const given = this.queue.add(source, waiting);
    if (given === waiting) return false;
    this.watch(waiting);
    if (given !== null) this.turnAway(given);
    this.setTimer(deadline);
    // Its bucket may fill before anybody leaves.
    if (refusal.reason === 'rate') this.wake();
    return true;
  }

  /** A place may be free. However often it is said, the room looks once. */
  wake(): void {
    if (this.awake || this.queue.size === 0) return;
    this.awake = true;
    setImmediate(() => {
      this.awake = false;
      this.look();
    });
  }

  /** Nobody waits here any more. */
  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const waiting of this.queue.all()) {
      this.queue.take(waiting.source, waiting, 'left');
      this.unwatch(waiting);
      this.doors.close(waiting.caller, waiting.refusal);
    }
  }

  private look(): void {
    const now = this.context.now();
    for (const waiting of this.queue.all()) {
      if (waiting.caller.deadline > now) continue;
      this.queue.take(waiting.source, waiting, 'left');
      this.turnAway(waiting);
    }
    let next = Number.POSITIVE_INFINITY;
    for (let served = true; served; ) {
      served = false;
      for (const waiting of this.queue.heads()) {
        const caller = { ...waiting.caller, facts: { ...waiting.caller.facts, now } };
        const verdict = this.doors.ask(caller);
        if (!(verdict instanceof Promise) && verdict.kind === 'refuse' && MENDS.has(verdict.reason)) {
          waiting.refusal = verdict;
          next = Math.min(next, this.opensAt(waiting, verdict.reason, now));
          if (verdict.reason === FOR_ALL) break;
          continue;
        }
        this.queue.take(waiting.source, waiting, 'served');
        if (!this.leaves(waiting)) continue;
        this.doors.settle(caller, verdict);
        served = true;
      }
    }
    for (const { caller } of this.queue.all()) next = Math.min(next, caller.deadline);
    this.setTimer(next);
  }

  /** When time alone lets it in. */
  private opensAt({ caller }: QueuedClient, reason: RefusalReason, now: number): number {
    const check = this.service.gate.checks.find((one) => one.reason === reason);
    return check?.opensAt?.({ ...caller.facts, now }, this.service.tally) ?? Number.POSITIVE_INFINITY;
  }

  private setTimer(at: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.queue.size === 0 || at === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(() => this.look(), Math.max(1, Math.min(at - this.context.now() + SLACK_MS, 60_000)));
  }

  private watch(waiting: QueuedClient): void {
    this.context.readers.set(waiting.token, () => this.hear(waiting));
    this.context.loop.watchReadable(waiting.caller.socket, waiting.token);
  }

  /** It has said something, which is its server's to read, or has hung up. */
  private hear(waiting: QueuedClient): void {
    const heard = peek(waiting.caller.socket, Buffer.allocUnsafe(1));
    if (heard > 0) return;
    if (heard === BUSY) {
      this.context.loop.watchReadable(waiting.caller.socket, waiting.token);
      return;
    }
    if (this.queue.take(waiting.source, waiting, 'left')) this.turnAway(waiting);
    this.wake();
  }

  /** @returns false when the client has gone meanwhile, and is told of. */
  private leaves(waiting: QueuedClient): boolean {
    const { socket, service } = waiting.caller;
    this.unwatch(waiting);
    const isTcp = service.plan.endpoint.family !== 'unix';
    if (!isTcp || (getSocketOption(socket, IPPROTO_TCP, TCP_INFO) & 0xff) !== TCP_CLOSE) return true;
    this.doors.settle({ ...waiting.caller, deadline: 0 }, waiting.refusal);
    return false;
  }

  private turnAway(waiting: QueuedClient): void {
    this.unwatch(waiting);
    this.doors.settle({ ...waiting.caller, deadline: 0 }, waiting.refusal);
  }

  private unwatch({ caller, token }: QueuedClient): void {
    this.context.readers.delete(token);
    this.context.loop.unwatch(caller.socket);
  }
}
