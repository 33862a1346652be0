import { type Event, type EventSink, type RefusalReason, refusalReasons, type SessionEnded, type Subject } from '../event.js';
import { Histogram, SESSION_SECONDS, SPAWN_SECONDS } from './histogram.js';

/** A code's place in `ServiceMetrics.refused`. */
const PLACE = Object.fromEntries(refusalReasons.map((reason, i) => [reason, i])) as Readonly<Record<RefusalReason, number>>;

/** What was counted of one service since superd started; services that share an id share it. */
export class ServiceMetrics {
  started = 0;
  failed = 0;
  paused = 0;
  /** By the order of `refusalReasons`; made with the first refusal. */
  refused: number[] | null = null;
  /** Seconds; made when the first session ends. */
  durations: Histogram | null = null;
  /** Of servers that have ended. */
  userMicroseconds = 0;
  systemMicroseconds = 0;
  /** Bytes passed on, of sessions that have ended. */
  fromClient = 0;
  fromTarget = 0;

  refusals(reason: RefusalReason): number {
    return this.refused === null ? 0 : (this.refused[PLACE[reason]] as number);
  }
}

/** The numbers behind the events: a view of them that keeps sums. */
export class Metrics {
  readonly services = new Map<string, ServiceMetrics>();
  /** Lines that a log has lost, by the log's name for people. */
  readonly linesLost = new Map<string, number>();
  /** Connections that came to a listening socket of a service. */
  accepted = 0;
  /** Datagrams taken for services that superd answers itself. */
  datagrams = 0;
  readonly spawns = new Histogram(SPAWN_SECONDS);
  /** What was told last, for those who ask right behind: `at` on the monotonic clock, milliseconds. */
  told: { readonly at: number; readonly pieces: readonly string[] } | null = null;

  /** Receives every event; bound, to be handed over as it is. */
  readonly sink: EventSink = (event) => this.count(event);

  /** @param microseconds From the order to start a program until it ran. */
  spawned(microseconds: number): void {
    this.spawns.observe(microseconds / 1e6);
  }

  /** Forgets services that are no more. */
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
        this.ended(event);
        break;
      case 'session-refused':
        this.refused(this.of(event.service), event.reason);
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

  private ended({ service, at, startedAt, usage, traffic }: SessionEnded): void {
    const one = this.of(service);
    one.durations ??= new Histogram(SESSION_SECONDS);
    one.durations.observe(Math.max(0, at - startedAt) / 1000);
    one.userMicroseconds += usage.userMicroseconds;
    one.systemMicroseconds += usage.systemMicroseconds;
    if (traffic === undefined) return;
    one.fromClient += traffic.fromClient;
    one.fromTarget += traffic.fromTarget;
  }

  private refused(one: ServiceMetrics, reason: RefusalReason): void {
    one.refused ??= new Array<number>(refusalReasons.length).fill(0);
    (one.refused[PLACE[reason]] as number)++;
  }
}
