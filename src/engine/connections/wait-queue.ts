import { formatPrefix } from '../../address/prefix-set.js';
import { FairQueue } from '../../gate/fair-queue.js';
import { sourceUnit } from '../../gate/source-unit.js';
import type { Admission, Refusal } from '../../gate/verdict.js';
import { runLater, runSoon } from '../../guarded.js';
import { getSocketOption } from '../../os/socket.js';
import { BUSY, peek } from '../../os/stream.js';
import type { RefusalReason } from '../../report/event.js';
import type { ReportContext, WatchContext } from '../context.js';
import type { Service } from '../services/service.js';
import type { PendingClient } from './client.js';

/** Refusals that pass when a session ends, or with time. */
const TEMPORARY: ReadonlySet<RefusalReason> = new Set<RefusalReason>(['service_limit', 'per_source_limit', 'prefix_limit', 'rate']);

/** A refusal for this reason holds for every client alike. */
const SAME_FOR_ALL: RefusalReason = 'service_limit';

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const TCP_CLOSE = 7;

/** A timer may fire some milliseconds early. */
const SLACK_MS = 2;

/** When superd cannot count the free places, it tries again after this long. */
const LOOK_AGAIN_MS = 1000;

interface QueuedClient {
  readonly client: PendingClient & { readonly deadline: number };
  readonly source: string;
  readonly token: number;
  refusal: Refusal;
}

/** What becomes of the clients in the queue. */
export interface QueueActions {
  ask(client: PendingClient): Admission | Refusal | Promise<Admission | Refusal>;
  /** The client leaves the queue with this verdict, and its socket with it. */
  settle(client: PendingClient, verdict: Admission | Refusal | Promise<Admission | Refusal>): void;
  /** The queue is closed; the client and its socket leave it. */
  close(client: PendingClient, refusal: Refusal): void;
}

/**
 * Keeps clients that a limit would refuse now (`queue`): a bounded number, for a bounded time, served in turns by source. Their connections
 * stay open; a client that hangs up leaves the queue.
 */
export class WaitQueue {
  private readonly queue: FairQueue<QueuedClient>;
  private timer: NodeJS.Timeout | null = null;
  private lookScheduled = false;

  constructor(
    private readonly context: ReportContext & WatchContext,
    private readonly service: Service,
    private readonly actions: QueueActions,
  ) {
    this.queue = new FairQueue(service.plan.gate.queue?.most ?? 0);
  }

  get size(): number {
    return this.queue.size;
  }

  /** @returns false when the client does not wait: waiting would not help, its time is over, or the queue is full. */
  enter(client: PendingClient, refusal: Refusal): boolean {
    const { queue } = this.service.plan.gate;
    if (queue === null || !TEMPORARY.has(refusal.reason)) return false;
    const now = this.context.now();
    const deadline = client.deadline ?? now + queue.seconds * 1000;
    if (deadline <= now) return false;
    this.queue.most = queue.most;
    const { address } = client.facts;
    const source = address === null ? '' : formatPrefix(sourceUnit(address));
    const waiting: QueuedClient = { client: { ...client, deadline }, source, token: this.context.nextToken(), refusal };
    const evicted = this.queue.add(source, waiting);
    if (evicted === waiting) return false;
    this.watch(waiting);
    if (evicted !== null) this.refuse(evicted);
    this.setTimer(deadline);
    // The rate may allow it before any session ends.
    if (refusal.reason === 'rate') this.wake();
    return true;
  }

  /** A place may be free. Many calls in one turn of the event loop lead to one check. */
  wake(): void {
    if (this.lookScheduled || this.queue.size === 0) return;
    this.lookScheduled = true;
    runSoon(() => {
      this.lookScheduled = false;
      this.admitNext();
    });
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const waiting of this.queue.all()) {
      this.queue.take(waiting.source, waiting, 'left');
      this.unwatch(waiting);
      this.actions.close(waiting.client, waiting.refusal);
    }
  }

  private admitNext(): void {
    const now = this.context.now();
    this.setTimer(now + LOOK_AGAIN_MS);
    for (const waiting of this.queue.all()) {
      if (waiting.client.deadline > now) continue;
      this.queue.take(waiting.source, waiting, 'left');
      this.refuse(waiting);
    }
    let next = Number.POSITIVE_INFINITY;
    for (let served = true; served; ) {
      served = false;
      for (const waiting of this.queue.heads()) {
        const client = { ...waiting.client, facts: { ...waiting.client.facts, now } };
        const verdict = this.actions.ask(client);
        if (!(verdict instanceof Promise) && verdict.kind === 'refuse' && TEMPORARY.has(verdict.reason)) {
          waiting.refusal = verdict;
          next = Math.min(next, this.opensAt(waiting, verdict.reason, now));
          if (verdict.reason === SAME_FOR_ALL) break;
          continue;
        }
        this.queue.take(waiting.source, waiting, 'served');
        if (!this.isConnected(waiting)) continue;
        this.actions.settle(client, verdict);
        served = true;
      }
    }
    for (const { client } of this.queue.all()) next = Math.min(next, client.deadline);
    this.setTimer(next);
  }

  /** When time alone lets the client in. */
  private opensAt({ client }: QueuedClient, reason: RefusalReason, now: number): number {
    const check = this.service.gate.checks.find((one) => one.reason === reason);
    return check?.opensAt?.({ ...client.facts, now }, this.service.tally) ?? Number.POSITIVE_INFINITY;
  }

  private setTimer(at: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.queue.size === 0 || at === Number.POSITIVE_INFINITY) return;
    this.timer = runLater(() => this.admitNext(), Math.max(1, Math.min(at - this.context.now() + SLACK_MS, 60_000)));
  }

  private watch(waiting: QueuedClient): void {
    this.context.readers.set(waiting.token, () => this.checkHangUp(waiting));
    this.context.loop.watchReadable(waiting.client.socket, waiting.token);
  }

  /** The client has sent something, which is for its server to read, or has hung up. */
  private checkHangUp(waiting: QueuedClient): void {
    const received = peek(waiting.client.socket, Buffer.allocUnsafe(1));
    if (received > 0) return;
    if (received === BUSY) {
      this.context.loop.watchReadable(waiting.client.socket, waiting.token);
      return;
    }
    if (this.queue.take(waiting.source, waiting, 'left')) this.refuse(waiting);
    this.wake();
  }

  /** @returns false, with a report, when the client has gone meanwhile. */
  private isConnected(waiting: QueuedClient): boolean {
    const { socket, service } = waiting.client;
    this.unwatch(waiting);
    const isTcp = service.plan.endpoint.family !== 'unix';
    if (!isTcp || (getSocketOption(socket, IPPROTO_TCP, TCP_INFO) & 0xff) !== TCP_CLOSE) return true;
    this.actions.settle({ ...waiting.client, deadline: 0 }, waiting.refusal);
    return false;
  }

  private refuse(waiting: QueuedClient): void {
    this.unwatch(waiting);
    this.actions.settle({ ...waiting.client, deadline: 0 }, waiting.refusal);
  }

  private unwatch({ client, token }: QueuedClient): void {
    this.context.readers.delete(token);
    this.context.loop.unwatch(client.socket);
  }
}
