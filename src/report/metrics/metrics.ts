import { type Event, type EventSink, type RefusalReason, refusalReasons, type SessionEnded, type Subject } from '../event.js';
import { Histogram, SESSION_SECONDS, SPAWN_SECONDS } from './histogram.js';

/** Index of a reason in `ServiceMetrics.refused`. */
const INDEX = Object.fromEntries(refusalReasons.map((reason, i) => [reason, i])) as Readonly<Record<RefusalReason, number>>;

/** The counters of one service since superd started; services with the same id share them. */
export class ServiceMetrics {
  started = 0;
  failed = 0;
  paused = 0;
  /** In the order of `refusalReasons`; allocated with the first refusal. */
  refused: number[] | null = null;
  /** In seconds; allocated when the first session ends. */
  durations: Histogram | null = null;
  /** CPU time of servers that have ended. */
  userMicroseconds = 0;
  systemMicroseconds = 0;
  /** Bytes relayed in sessions that have ended. */
  fromClient = 0;
  fromTarget = 0;

  refusals(reason: RefusalReason): number {
    return this.refused === null ? 0 : (this.refused[INDEX[reason]] as number);
  }
}

/** Sums over the events. */
export class Metrics {
  readonly services = new Map<string, ServiceMetrics>();
  /** Lost lines by the log's name for people. */
  readonly linesLost = new Map<string, number>();
  /** Connections accepted from listeners. */
  accepted = 0;
  /** Datagrams received for built-in services. */
  datagrams = 0;
  readonly spawns = new Histogram(SPAWN_SECONDS);
  /** The latest exposition, served again to requests soon after it; `at` is milliseconds on the monotonic clock. */
  lastExposition: { readonly at: number; readonly pieces: readonly string[] } | null = null;

  /** Receives every event; bound, so that it can be passed as a callback. */
  readonly sink: EventSink = (event) => this.count(event);

  /** @param microseconds From queueing the start until the program ran. */
  spawned(microseconds: number): void {
    this.spawns.observe(microseconds / 1e6);
  }

  /** Forgets removed services. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.services.keys()) if (!ids.has(id)) this.services.delete(id);
  }

  private count(event: Event): void {
    switch (event.type) {
      case 'session-started':
      case 'session-answered':
        this.of(event.service).started++;
        break;
      case 'session-ended':
        this.countEnd(event);
        break;
      case 'session-refused':
        this.countRefusal(this.of(event.service), event.reason);
        break;
      case 'session-failed':
        this.of(event.service).failed++;
        break;
      case 'service-paused':
        this.of(event.service).paused++;
        break;
      case 'log-health':
        if (event.linesLost > 0) this.linesLost.set(event.sink, (this.linesLost.get(event.sink) ?? 0) + event.linesLost);
        break;
      default:
    }
  }

  private of({ id }: Subject): ServiceMetrics {
    let one = this.services.get(id);
    if (one === undefined) this.services.set(id, (one = new ServiceMetrics()));
    return one;
  }

  private countEnd({ service, at, startedAt, usage, traffic }: SessionEnded): void {
    const one = this.of(service);
    one.durations ??= new Histogram(SESSION_SECONDS);
    one.durations.observe(Math.max(0, at - startedAt) / 1000);
    one.userMicroseconds += usage.userMicroseconds;
    one.systemMicroseconds += usage.systemMicroseconds;
    if (traffic === undefined) return;
    one.fromClient += traffic.fromClient;
    one.fromTarget += traffic.fromTarget;
  }

  private countRefusal(one: ServiceMetrics, reason: RefusalReason): void {
    one.refused ??= new Array<number>(refusalReasons.length).fill(0);
    (one.refused[INDEX[reason]] as number)++;
  }
}
