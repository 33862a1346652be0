import type { TargetPlan } from '../config/plan.js';
import { SystemError } from '../errors.js';
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

/** Where a service leads. */
export interface Heading {
  /** null when no name has an address: `learn`, and ask again. */
  current(): Way | null;
  learn(): Promise<void>;
  failed(place: Place, errno: number): void;
  worked(place: Place): void;
  /** Once until there is one: each client finds out anew. */
  tellOfNoAddress(): void;
}

export interface TargetsOptions {
  readonly targets: readonly TargetPlan[];
  readonly manner: Omit<RouteSpec, 'targets'>;
  /** The addresses of a host; empty when nobody knows. Must not reject. */
  readonly lookUp: (host: string) => Promise<readonly string[]>;
  /** Hears of an address that means nothing now: its interface is not there (fe80::1%eth1). */
  readonly unusable: (place: Place, errno: number) => void;
  /** Milliseconds; for durations. */
  readonly clock: () => number;
}

/** The targets of one service as they are at this moment: what their names mean, and which did not answer lately. */
export class Targets {
  /** Hosts to be looked up. */
  private readonly names: readonly string[];
  private known: Map<string, readonly string[]>;
  private learnedAt: number;
  private learning: Promise<void> | null = null;
  private readonly shunned = new Map<string, { readonly until: number }>();
  private way: Way | null = null;
  private wayHolds = Infinity;

  constructor(private readonly options: TargetsOptions) {
    const { targets, clock } = options;
    this.names = namesOf(targets);
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

  private async ask(): Promise<void> {
    for (const host of this.names) {
      const addresses = await this.options.lookUp(host);
      if (addresses.length > 0) this.known.set(host, addresses);
    }
    this.learnedAt = this.options.clock();
    this.way = null;
    this.forgetFormer();
  }

  /** Names change their addresses for as long as superd runs. */
  private forgetFormer(): void {
    const present = new Set(this.places().map(({ description }) => description));
    for (const description of this.shunned.keys()) if (!present.has(description)) this.shunned.delete(description);
  }

  private places(): Place[] {
    return this.options.targets.flatMap((target) => this.placesOf(target));
  }

  private compose(now: number): Way | null {
    const { manner } = this.options;
    const all = this.places().filter((place) => this.isUsable(place));
    const until = ({ description }: Place) => this.shunned.get(description)?.until ?? 0;
    const isShunned = (place: Place) => until(place) > now;
    const places = [...all.filter((place) => !isShunned(place)), ...all.filter(isShunned)];
    this.wayHolds = Math.min(...[...this.shunned.values()].map((shunned) => shunned.until).filter((time) => time > now));
    if (places.length === 0) return null;
    return { places, route: routeCreate({ ...manner, targets: places.map(({ address }) => address) }) };
  }

  /** The route stands for all of its targets: one that cannot be understood would take the others with it. */
  private isUsable(place: Place): boolean {
    if (!place.address.address.includes('%')) return true;
    try {
      routeCreate({ ...this.options.manner, targets: [place.address] });
      return true;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.options.unusable(place, error.errno);
      return false;
    }
  }

  private placesOf(target: TargetPlan): Place[] {
    if (target.kind === 'path') return [{ address: { family: 'unix', address: target.path, port: 0 }, description: target.path }];
    return (this.known.get(target.host) ?? []).map((address) => ({
      address: { family: address.includes(':') ? 'inet6' : 'inet', address, port: target.port },
      description: `${address} port ${target.port}`,
    }));
  }
}

function namesOf(targets: readonly TargetPlan[]): readonly string[] {
  const names = targets.flatMap((target) => (target.kind === 'host' && !target.addresses.includes(target.host) ? [target.host] : []));
  return [...new Set(names)];
}
