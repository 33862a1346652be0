import type { ServicePlan } from '../../config/plan.js';
import { tcpConnections } from '../../os/connections.js';
import { stopAll } from '../../process/stop.js';
import type { ReportContext } from '../context.js';
import type { Session } from '../sessions/session.js';

/** How often idle sessions are looked for, at most: the kernel goes through all connections of the machine each time. */
const MIN_PAUSE_MS = 250;

/** A service as its limits know it. */
interface LimitedService {
  readonly plan: ServicePlan;
  readonly sessions: ReadonlySet<Session>;
  readonly listener: { readonly port: number };
}

/** Ends sessions that last too long (`session_limit`), or in which nothing is said for too long (`session_idle`). */
export class SessionLimits {
  private timer: NodeJS.Timeout | null = null;
  private readonly ending = new WeakSet<Session>();

  constructor(
    private readonly context: ReportContext,
    private readonly service: LimitedService,
  ) {}

  /** A session has begun. */
  watch(): void {
    if (this.timer !== null) return;
    const pause = this.pause();
    if (pause === null) return;
    this.timer = setTimeout(() => {
      this.endOverdue()
        .catch(this.context.onError)
        .finally(() => {
          this.timer = null;
          if (this.service.sessions.size > 0) this.watch();
        });
    }, pause);
    this.timer.unref();
  }

  /** Until the next look; null when there are no limits. */
  private pause(): number | null {
    const limits = this.service.plan.gate.session;
    if (limits === null) return null;
    const { limitSeconds, idleSeconds } = limits;
    const pauses = idleSeconds === null ? [] : [(idleSeconds * 1000) / 4];
    const oldest = [...this.service.sessions].find((session) => !this.ending.has(session));
    if (limitSeconds !== null) pauses.push((oldest?.startedAt ?? this.context.now()) + limitSeconds * 1000 - this.context.now() + 1);
    return Math.min(Math.max(MIN_PAUSE_MS, Math.min(...pauses)), 2 ** 31 - 1);
  }

  private async endOverdue(): Promise<void> {
    const limits = this.service.plan.gate.session;
    if (limits === null) return;
    const { limitSeconds, idleSeconds } = limits;
    const now = this.context.now();
    if (limitSeconds !== null) {
      for (const session of this.service.sessions)
        if (!this.isServerOfMany(session) && now - session.startedAt >= limitSeconds * 1000)
          this.end(session, 'session_limit', limitSeconds);
    }
    if (idleSeconds === null || this.service.plan.endpoint.family === 'unix') return;
    const idle = await this.idleTimes();
    for (const session of this.service.sessions) {
      const { address, port } = session.peer.via ?? session.peer;
      const milliseconds = idle.get(`${address?.replace(/%.*/, '')} ${port}`) ?? 0;
      if (milliseconds >= idleSeconds * 1000) this.end(session, 'session_idle', idleSeconds);
    }
  }

  /** With INTERCEPT the clients have sessions, and so has their server, which no limit is meant for. */
  private isServerOfMany({ peer }: Session): boolean {
    const { plan } = this.service;
    return plan.activation === 'request' && plan.intercepts !== null && peer.address === null;
  }

  /** How long nothing has been said, milliseconds, by address and port of the other end, which may be a proxy's. */
  private async idleTimes(): Promise<ReadonlyMap<string, number>> {
    const rows = await tcpConnections(new Set([this.service.listener.port]));
    return new Map(rows.map((row) => [`${row.remote} ${row.remotePort}`, Math.min(row.lastReceivedMs, row.lastSentMs)]));
  }

  private end(session: Session, cause: 'session_limit' | 'session_idle', seconds: number): void {
    if (this.ending.has(session)) return;
    this.ending.add(session);
    const { plan } = this.service;
    const message = `${plan.id}: session ${session.id} of ${session.peer.address ?? 'somebody'} is ended: ${cause}, ${seconds} s`;
    this.context.notice('info', message);
    session.setEndCause(cause);
    stopAll([session]).catch(this.context.onError);
  }
}
