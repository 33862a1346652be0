import type { ServicePlan } from '../../config/plan.js';
import { runLater } from '../../guarded.js';
import { tcpConnections } from '../../os/connections.js';
import { stopAll } from '../../process/stop.js';
import type { ReportContext } from '../context.js';
import type { Session } from '../sessions/session.js';

/** Shortest time between two checks: for each the kernel goes through all connections of the machine. */
const MIN_PAUSE_MS = 250;

/** A service as its limits know it. */
interface LimitedService {
  readonly plan: ServicePlan;
  readonly sessions: ReadonlySet<Session>;
  readonly listener: { readonly port: number };
}

/** Ends sessions that last too long (`session_limit`) or are silent too long (`session_idle`). */
export class SessionLimits {
  private timer: NodeJS.Timeout | null = null;
  private readonly ending = new WeakSet<Session>();

  constructor(
    private readonly context: ReportContext,
    private readonly service: LimitedService,
  ) {}

  /** To be called when a session begins. */
  watch(): void {
    if (this.timer !== null) return;
    const pause = this.pause();
    if (pause === null) return;
    this.timer = runLater(() => {
      this.endOverdue()
        .catch(this.context.onError)
        .finally(() => {
          this.timer = null;
          if (this.service.sessions.size > 0) this.watch();
        });
    }, pause);
    this.timer.unref();
  }

  /** Milliseconds until the next check; null without limits. */
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

  /** With INTERCEPT the server of all clients has a session too, and no limit applies to it. */
  private isServerOfMany({ peer }: Session): boolean {
    const { plan } = this.service;
    return plan.activation === 'request' && plan.intercepts !== null && peer.address === null;
  }

  /** How long each connection has been silent, in milliseconds, by the address and port of the peer, which may be a proxy. */
  private async idleTimes(): Promise<ReadonlyMap<string, number>> {
    const rows = await tcpConnections(new Set([this.service.listener.port]));
    return new Map(rows.map((row) => [`${row.remote} ${row.remotePort}`, Math.min(row.lastReceivedMs, row.lastSentMs)]));
  }

  private end(session: Session, cause: 'session_limit' | 'session_idle', seconds: number): void {
    if (this.ending.has(session)) return;
    this.ending.add(session);
    const { plan } = this.service;
    const message = `${plan.id}: session ${session.id} of ${session.peer.address ?? 'an unknown address'} is ended: ${cause}, ${seconds} s`;
    this.context.notice('info', message);
    session.setEndCause(cause);
    stopAll([session]).catch(this.context.onError);
  }
}
