import { mappingKey } from './mapping.js';
import type { ReportRpc, WantedMapping } from './registrar.js';

/** Tells each trouble once, and once that it is over. */
export class Troubles {
  private withRpcbind = false;
  private readonly withMappings = new Map<string, string>();

  constructor(private readonly tell: ReportRpc) {}

  /** @param problem null when rpcbind answers. */
  rpcbind(problem: string | null): void {
    if (problem !== null && !this.withRpcbind)
      this.tell(
        'warning',
        `${problem}: RPC services are not registered, and only clients that know the port find them; tried again until it works`,
      );
    if (problem === null && this.withRpcbind) this.tell('notice', 'rpcbind answers again');
    this.withRpcbind = problem !== null;
  }

  /** @param problem null when it is registered. */
  mapping(mapping: WantedMapping, problem: string | null): void {
    const { service, program, version, netId } = mapping;
    const key = mappingKey(mapping);
    const what = `${service}: RPC program ${program} version ${version} (${netId})`;
    const known = this.withMappings.get(key);
    if (problem === null && known !== undefined) this.tell('notice', `${what} is registered after all`);
    if (problem !== null && known !== problem)
      this.tell('warning', `${what} is not registered: ${problem}; looked at again every 15 seconds`);
    if (problem === null) this.withMappings.delete(key);
    else this.withMappings.set(key, problem);
  }
}
