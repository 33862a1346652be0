import type { ServicePlan } from '../../config/plan.js';
import { runSoon } from '../../guarded.js';
import { socketName } from '../../os/socket.js';
import type { ReportRpc } from '../../rpc/failures.js';
import type { NetId, WantedMapping } from '../../rpc/mapping.js';
import type { Registrar } from '../../rpc/registrar.js';

/** A service as its registration knows it. */
export interface RegisteredService {
  readonly plan: ServicePlan;
  /** −1 while it has none. */
  readonly socket: number;
}

/** Keeps the sockets of RPC services registered with rpcbind. */
export class RpcRegistrations {
  private readonly services = new Set<RegisteredService>();
  private registrar: Promise<Registrar> | null = null;
  private isUpdateDue = false;

  constructor(
    private readonly report: ReportRpc,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** To be called when a service has a new socket, none any more, or a new plan. */
  changed(service: RegisteredService): void {
    if (service.plan.rpc === null) return;
    if (service.socket === -1) this.services.delete(service);
    else this.services.add(service);
    if (this.isUpdateDue) return;
    this.isUpdateDue = true;
    // A reload changes many services in one turn of the event loop.
    runSoon(() => this.update());
  }

  /** Unregisters everything, within seconds; to be called when all sockets are closed. */
  async end(): Promise<void> {
    try {
      await (await this.registrar)?.end();
    } catch (error) {
      this.onError(error);
    }
  }

  private update(): void {
    this.isUpdateDue = false;
    const wanted = [...this.services].flatMap(mappingsOf);
    this.registrar ??= this.load();
    this.registrar.then((registrar) => registrar.setWanted(wanted)).catch(this.onError);
  }

  private async load(): Promise<Registrar> {
    const { Registrar } = await import('../../rpc/registrar.js');
    return new Registrar(this.report, this.onError);
  }
}

function mappingsOf({ plan, socket }: RegisteredService): WantedMapping[] {
  const { rpc, endpoint, id } = plan;
  if (rpc === null) return [];
  const { family, port, address } = socketName(socket);
  const own = endpoint.protocol.name as NetId;
  const host = address.replace(/%.*/, '');
  const kinds: Pick<WantedMapping, 'netId' | 'host' | 'optional'>[] = [];
  if (endpoint.family !== 'inet6') kinds.push({ netId: own, host: family === 'inet' ? host : '0.0.0.0', optional: false });
  if (family === 'inet6') kinds.push({ netId: `${own}6` as NetId, host, optional: endpoint.family === 'dual' });
  const count = rpc.versions.high - rpc.versions.low + 1;
  const versions = Array.from({ length: count }, (_, i) => rpc.versions.low + i);
  return kinds.flatMap((kind) => versions.map((version) => ({ ...kind, service: id, program: rpc.program, version, port })));
}
