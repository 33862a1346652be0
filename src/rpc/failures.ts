import { mappingKey, type WantedMapping } from './mapping.js';

export type ReportRpc = (level: 'info' | 'notice' | 'warning', message: string) => void;

/** Reports each failure of registration once, and its end once. */
export class RpcFailures {
  private rpcbindFailing = false;
  private readonly mappingProblems = new Map<string, string>();

  constructor(private readonly report: ReportRpc) {}

  /** @param problem null when rpcbind answers. */
  rpcbind(problem: string | null): void {
    if (problem !== null && !this.rpcbindFailing)
      this.report(
        'warning',
        `${problem}: RPC services are not registered, and only clients that know the port find them; tried again until it works`,
      );
    if (problem === null && this.rpcbindFailing) this.report('notice', 'rpcbind answers again');
    this.rpcbindFailing = problem !== null;
  }

  /** @param problem null when rpcbind has the registration. */
  mapping(mapping: WantedMapping, problem: string | null): void {
    const { service, program, version, netId } = mapping;
    const key = mappingKey(mapping);
    const what = `${service}: RPC program ${program} version ${version} (${netId})`;
    const known = this.mappingProblems.get(key);
    if (problem === null && known !== undefined) this.report('notice', `${what} is registered after all`);
    if (problem !== null && known !== problem)
      this.report('warning', `${what} is not registered: ${problem}; checked again every 15 seconds`);
    if (problem === null) this.mappingProblems.delete(key);
    else this.mappingProblems.set(key, problem);
  }
}
