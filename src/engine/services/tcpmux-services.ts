import type { MuxedPlan } from '../../config/plan.js';
import type { PeerFacts } from '../../report/event.js';
import type { InternalSession } from '../sessions/internal-session.js';
import { Listener, type ListenerOwner } from './listener.js';
import { Service, type ServiceContext } from './service.js';

/** A service that clients reach through tcpmux: it has all of a service but a socket. */
export class TcpmuxService extends Service {
  constructor(context: ServiceContext, plan: MuxedPlan) {
    super(context, plan, context.nextToken(), NoListener);
    this.listener.handle('listen');
  }

  /** Whether superd sends the client the `+` line that accepts it (TCPMUXPLUS); otherwise the server does. */
  get isAcknowledged(): boolean {
    return (this.plan as MuxedPlan).mux === 'acknowledged';
  }
}

/** Takes a connection through the gate of a service, and on to the service; calls `over` when the client is refused or its session has ended. */
export type Admit = (service: TcpmuxService, socket: number, peer: PeerFacts, over: () => void) => void;

/** The services behind tcpmux, by their names in lower case. */
export class TcpmuxServices {
  private byName: ReadonlyMap<string, TcpmuxService> = new Map();

  constructor(private readonly admit: Admit) {}

  get all(): readonly TcpmuxService[] {
    return [...this.byName.values()];
  }

  /** RFC 1078: names are not case-sensitive. */
  find(name: string): TcpmuxService | undefined {
    const service = this.byName.get(name.toLowerCase());
    return service?.state === 'stopped' ? undefined : service;
  }

  /** @param session The session of tcpmux; it ends with that of the service. */
  handOn(service: TcpmuxService, socket: number, session: InternalSession): void {
    this.admit(service, socket, session.peer, () => session.end());
  }

  /** What `applyPlan` would do. */
  difference(plans: readonly MuxedPlan[]) {
    const paired = plans.map((plan) => ({ plan, service: this.byName.get(plan.name.toLowerCase()) }));
    const kept = paired.flatMap(({ plan, service }) => (service === undefined ? [] : [{ plan, service }]));
    const stays = new Set(kept.map(({ service }) => service));
    return {
      kept,
      added: paired.filter(({ service }) => service === undefined).map(({ plan }) => plan),
      dropped: this.all.filter((service) => !stays.has(service)),
    };
  }

  /** Applies a new plan. A service with the same name is kept, with its sessions. */
  applyPlan(
    plans: readonly MuxedPlan[],
    context: ServiceContext,
  ): { readonly kept: readonly TcpmuxService[]; readonly dropped: readonly TcpmuxService[] } {
    const before = this.byName;
    const kept: TcpmuxService[] = [];
    const pair = (plan: MuxedPlan): readonly [string, TcpmuxService] => {
      const name = plan.name.toLowerCase();
      const known = before.get(name);
      if (known === undefined) return [name, new TcpmuxService(context, plan)];
      known.updatePlan(plan);
      kept.push(known);
      return [name, known];
    };
    this.byName = new Map(plans.map(pair));
    const dropped = [...before.values()].filter((service) => !kept.includes(service));
    for (const service of dropped) service.stop();
    return { kept, dropped };
  }
}

/** The listener of a service behind tcpmux, which has the socket. */
class NoListener extends Listener {
  constructor(
    protected override readonly context: ServiceContext,
    service: ListenerOwner,
  ) {
    super(context, service);
  }

  override get port(): number {
    const mux = this.context.services().find(({ plan }) => plan.activation === 'internal' && plan.builtin === 'tcpmux');
    return mux?.listener.port ?? 0;
  }

  override open(): void {}

  protected override watch(): void {}
}
