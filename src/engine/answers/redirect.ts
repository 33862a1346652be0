import type { RedirectPlan } from '../../config/plan.js';
import type { RelayedSession } from '../../os/loop.js';
import { close, socketName } from '../../os/socket.js';
import { makeProxyHeader } from '../../relay/make-proxy-header.js';
import type { Relay, Relays } from '../../relay/relays.js';
import type { TargetAddress, TargetRoute } from '../../relay/targets.js';
import { discardInput } from '../connections/banner.js';
import type { ReportContext } from '../context.js';
import type { Answer } from '../services/answer.js';
import type { InternalSession } from '../sessions/internal-session.js';
import { RedirectUpstream } from './upstream.js';

export interface RedirectContext extends ReportContext {
  readonly relays: Relays;
}

/** Relays admitted connections to the targets of a redirect service. */
export class RedirectAnswer implements Answer {
  private readonly upstream: RedirectUpstream;

  constructor(
    private readonly context: RedirectContext,
    private readonly plan: RedirectPlan,
  ) {
    this.upstream = new RedirectUpstream(context, plan);
  }

  serve(session: InternalSession, socket: number): void {
    const route = this.upstream.current();
    if (route === null) {
      this.serveLater(session, socket).catch(this.context.onError);
      return;
    }
    const relay = this.relay(session, socket, route);
    if (relay === null) return;
    session.begin(
      () => relay.end(),
      () => relay.traffic,
    );
  }

  /** No name has an address: this client waits for another look-up. */
  private async serveLater(session: InternalSession, socket: number): Promise<void> {
    let relay: Relay | null = null;
    const hangUp = () => {
      if (session.gone) return;
      discardInput(socket);
      close(socket);
      session.end();
    };
    session.begin(
      () => (relay === null ? hangUp() : relay.end()),
      () => relay?.traffic ?? null,
    );
    await this.upstream.resolve();
    if (session.gone) return;
    const route = this.upstream.current();
    if (route !== null) relay = this.relay(session, socket, route);
    else {
      this.upstream.reportNoAddress();
      session.setEndCause('unreachable');
      hangUp();
    }
  }

  /** null when the system could not start a relay: then the session is over. */
  private relay(session: InternalSession, socket: number, { route, addresses }: TargetRoute): Relay | null {
    try {
      return this.context.relays.start(route, socket, this.proxyHeader(session, socket), {
        failed: (target, errno) => this.upstream.markFailed(addresses[target] as TargetAddress, errno),
        ended: (relayed) => {
          this.ended(addresses, relayed);
          if (relayed.end === 'idle') session.setEndCause('idle_timeout');
          if (relayed.end === 'unreachable') session.setEndCause('unreachable');
          session.end({ fromClient: relayed.fromClient, fromTarget: relayed.fromTarget });
        },
      });
    } catch (error) {
      close(socket);
      if (session.launched) session.end();
      else session.cancel();
      this.context.onError(error);
      return null;
    }
  }

  /** What the target receives first; null without `proxy_protocol`. */
  private proxyHeader({ peer: client }: InternalSession, socket: number): Uint8Array | null {
    const version = this.plan.proxyProtocol;
    if (version === null) return null;
    const { family, address, port } = socketName(socket);
    return makeProxyHeader(version, { client, server: { address: family === 'unix' ? null : address, port } });
  }

  private ended(addresses: readonly TargetAddress[], { target }: RelayedSession): void {
    const address = addresses[target];
    if (address !== undefined) this.upstream.markWorking(address);
  }
}
