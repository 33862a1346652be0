import type { TargetPlan } from '../config/plan.js';
import type { Route, RouteSpec, SocketAddress } from '../os/binding.js';
import { routeCreate } from '../os/relay.js';

/** A target that did not take a connection is tried after all others so long. */
const SHUNNED_MS = 10_000;

/** What a name was is taken for granted so long; then it is looked up again when a client comes. */
const NAMES_HOLD_MS = 30_000;

/** One address to connect to. */
export interface Place {
  readonly address: SocketAddress;
  /** For people: `127.0.0.1 port 80`, `/run/x.sock`. */
  readonly description: string;
}

/** Places in the order in which they are tried, and the same for the native side. */
export interface Way {
  readonly places: readonly Place[];
  readonly route: Route;
}

export interface TargetsOptions {
  readonly targets: readonly TargetPlan[];
  readonly manner: Omit<RouteSpec, 'targets'>;
  /** The addresses of a host; empty when nobody knows. Must not reject. */
  readonly lookUp: (host: string) => Promise<readonly string[]>;
  /** Milliseconds; for durations. */
  readonly clock: () => number;
}

/** The targets of one service as they are at this moment: what their names mean, and which did not answer lately. */
export class Targets {
  private known: Map<string, readonly string[]>;
  private learnedAt: number;
  private learning: Promise<void> | null = null;
  private readonly shunned = new Map<string, { readonly until: number }>();
  private way: Way | null = null;
  private wayHolds = Infinity;

  constructor(private readonly options: TargetsOptions) {
    const { targets, clock } = options;
    this.known = new Map(targets.flatMap((target) => (target.kind === 'host' ? [[target.host, target.addresses] as const] : [])));
    this.learnedAt = clock();
  }

  /** Where to go now; null when no name has an address: `learn`, and ask again. */
  current(): Way | null {
    const now = this.options.clock();
    if (this.names.length > 0 && now - this.learnedAt > NAMES_HOLD_MS) void this.learn();
    if (this.way === null || now >= this.wayHolds) this.way = this.compose(now);
    return this.way;
  }

  /** Looks the names up (again); what was known holds where nobody answers. */
  learn(): Promise<void> {
    this.learning ??= this.ask().finally(() => {
      this.learning = null;
    });
    return this.learning;
  }

  /** @returns Whether that is news. */
  failed({ description }: Place): boolean {
    const isNews = !this.shunned.has(description);
    this.shunned.set(description, { until: this.options.clock() + SHUNNED_MS });
    this.way = null;
    return isNews;
  }

  /** @returns Whether that is news. */
  worked({ description }: Place): boolean {
    if (this.shunned.size === 0 || !this.shunned.delete(description)) return false;
    this.way = null;
    return true;
  }

  private get names(): string[] {
    const isName = (target: TargetPlan) => target.kind === 'host' && !target.addresses.includes(target.host);
    return this.options.targets.filter(isName).map((target) => (target as { host: string }).host);
  }

  private async ask(): Promise<void> {
    for (const host of new Set(this.names)) {
      const addresses = await this.options.lookUp(host);
      if (addresses.length > 0) this.known.set(host, addresses);
    }
    this.learnedAt = this.options.clock();
    this.way = null;
  }

  private compose(now: number): Way | null {
    const { targets, manner } = this.options;
    const all = targets.flatMap((target) => this.placesOf(target));
    const until = ({ description }: Place) => this.shunned.get(description)?.until ?? 0;
    const isShunned = (place: Place) => until(place) > now;
    const places = [...all.filter((place) => !isShunned(place)), ...all.filter(isShunned)];
    this.wayHolds = Math.min(Infinity, ...all.filter(isShunned).map(until));
    if (places.length === 0) return null;
    return { places, route: routeCreate({ ...manner, targets: places.map(({ address }) => address) }) };
  }

  private placesOf(target: TargetPlan): Place[] {
    if (target.kind === 'path') return [{ address: { family: 'unix', address: target.path, port: 0 }, description: target.path }];
    return (this.known.get(target.host) ?? []).map((address) => ({
      address: { family: address.includes(':') ? 'inet6' : 'inet', address, port: target.port },
      description: `${address} port ${target.port}`,
    }));
  }
}
