import type { TargetPlan } from '../config/plan.js';
import { SystemError } from '../errors.js';
import { inBackground } from '../guarded.js';
import type { Route, RouteSpec, SocketAddress } from '../os/binding.js';
import { routeCreate } from '../os/relay.js';

/** A target that did not accept a connection comes after all others for this long. */
const DEMOTED_MS = 10_000;

/** Addresses of a host name older than this are looked up again when the next client comes. */
const NAMES_FRESH_MS = 30_000;

/** One address to connect to. */
export interface TargetAddress {
  readonly address: SocketAddress;
  /** For people: `127.0.0.1 port 80`, `/run/x.sock`. */
  readonly description: string;
}

/** The addresses in the order in which to try them, and the same list for the addon. */
export interface TargetRoute {
  readonly addresses: readonly TargetAddress[];
  readonly route: Route;
}

/** The place that a service sends its bytes to. */
export interface Upstream {
  /** The route to use now; null when no name has an address: then call `resolve` and ask again. */
  current(): TargetRoute | null;
  resolve(): Promise<void>;
  markFailed(address: TargetAddress, errno: number): void;
  markWorking(address: TargetAddress): void;
  /** Reports once, until there is an address again, that no target has one. */
  reportNoAddress(): void;
}

export interface TargetsOptions {
  readonly targets: readonly TargetPlan[];
  readonly routeOptions: Omit<RouteSpec, 'targets'>;
  /** The addresses of a host; empty when the lookup finds none. Must not reject. */
  readonly lookUp: (host: string) => Promise<readonly string[]>;
  /** Called for an address that is unusable now because its interface does not exist (fe80::1%eth1). */
  readonly onUnusable: (address: TargetAddress, errno: number) => void;
  /** Milliseconds of a monotonic clock. */
  readonly clock: () => number;
}

/** The targets of one service as they are now: the addresses of their names, and which of them failed lately. */
export class Targets {
  /** Hosts to look up. */
  private readonly hostNames: readonly string[];
  private resolved: Map<string, readonly string[]>;
  private resolvedAt: number;
  private resolving: Promise<void> | null = null;
  private readonly demoted = new Map<string, { readonly until: number }>();
  private route: TargetRoute | null = null;
  private routeExpiresAt = Infinity;

  constructor(private readonly options: TargetsOptions) {
    const { targets, clock } = options;
    this.hostNames = hostNamesOf(targets);
    this.resolved = new Map(targets.flatMap((target) => (target.kind === 'host' ? [[target.host, target.addresses] as const] : [])));
    this.resolvedAt = clock();
  }

  /** The route to use now; null when no name has an address: then call `resolve` and ask again. */
  current(): TargetRoute | null {
    const now = this.options.clock();
    if (this.hostNames.length > 0 && now - this.resolvedAt > NAMES_FRESH_MS) inBackground(this.resolve());
    if (this.route === null || now >= this.routeExpiresAt) this.route = this.buildRoute(now);
    return this.route;
  }

  /** Looks up all names; a name whose lookup fails keeps its former addresses. */
  resolve(): Promise<void> {
    this.resolving ??= this.resolveAll().finally(() => {
      this.resolving = null;
    });
    return this.resolving;
  }

  /** @returns Whether the address was working before. */
  markFailed({ description }: TargetAddress): boolean {
    const isNews = !this.demoted.has(description);
    this.demoted.set(description, { until: this.options.clock() + DEMOTED_MS });
    this.route = null;
    return isNews;
  }

  /** @returns Whether the address was failing before. */
  markWorking({ description }: TargetAddress): boolean {
    if (this.demoted.size === 0 || !this.demoted.delete(description)) return false;
    this.route = null;
    return true;
  }

  private async resolveAll(): Promise<void> {
    for (const host of this.hostNames) {
      const addresses = await this.options.lookUp(host);
      if (addresses.length > 0) this.resolved.set(host, addresses);
    }
    this.resolvedAt = this.options.clock();
    this.route = null;
    this.forgetFormerAddresses();
  }

  /** Without this `demoted` would grow for as long as names change their addresses. */
  private forgetFormerAddresses(): void {
    const present = new Set(this.addresses().map(({ description }) => description));
    for (const description of this.demoted.keys()) if (!present.has(description)) this.demoted.delete(description);
  }

  private addresses(): TargetAddress[] {
    return this.options.targets.flatMap((target) => this.addressesOf(target));
  }

  private buildRoute(now: number): TargetRoute | null {
    const { routeOptions } = this.options;
    const usable = this.addresses().filter((address) => this.isUsable(address));
    const isDemoted = ({ description }: TargetAddress) => (this.demoted.get(description)?.until ?? 0) > now;
    const addresses = [...usable.filter((address) => !isDemoted(address)), ...usable.filter(isDemoted)];
    this.routeExpiresAt = Math.min(...[...this.demoted.values()].map(({ until }) => until).filter((time) => time > now));
    if (addresses.length === 0) return null;
    return { addresses, route: routeCreate({ ...routeOptions, targets: addresses.map(({ address }) => address) }) };
  }

  /** Tested one by one, because routeCreate rejects the whole list for one bad address. */
  private isUsable(target: TargetAddress): boolean {
    if (!target.address.address.includes('%')) return true;
    try {
      routeCreate({ ...this.options.routeOptions, targets: [target.address] });
      return true;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.options.onUnusable(target, error.errno);
      return false;
    }
  }

  private addressesOf(target: TargetPlan): TargetAddress[] {
    if (target.kind === 'path') return [{ address: { family: 'unix', address: target.path, port: 0 }, description: target.path }];
    return (this.resolved.get(target.host) ?? []).map((address) => ({
      address: { family: address.includes(':') ? 'inet6' : 'inet', address, port: target.port },
      description: `${address} port ${target.port}`,
    }));
  }
}

function hostNamesOf(targets: readonly TargetPlan[]): readonly string[] {
  const names = targets.flatMap((target) => (target.kind === 'host' && !target.addresses.includes(target.host) ? [target.host] : []));
  return [...new Set(names)];
}
