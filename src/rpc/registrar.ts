import { answersAt } from './answers.js';
import { RpcError } from './channel.js';
import type { Dialect, Listed } from './dialect.js';
import { Troubles } from './failures.js';
import { type Mapping, mappingKey, parseUniversalAddress } from './mapping.js';
import { type Reached, reachRpcbind } from './reach.js';

/** A mapping that is to be, and the service whose it is, for messages. */
export interface WantedMapping extends Mapping {
  readonly service: string;
  /** It can be had only where rpcbind knows IPv6: no harm if not. */
  readonly optional: boolean;
}

export type ReportRpc = (level: 'info' | 'notice' | 'warning', message: string) => void;

/** For each answer of rpcbind; on the machine itself one comes within a millisecond. */
const ANSWER_MS = 2000;

/** Between two looks whether everything is as it was: what another has taken away, or an rpcbind that was started anew. */
const LOOK_MS = 15_000;

/** rpcbind has closed the conversation: it ends, and is soon back if it is being restarted. Doubled each time that it closes soon after. */
const SOON_MS = 200;

/** Between two tries while rpcbind cannot be had: the first, doubled each time up to `LOOK_MS`. */
const RETRY_MS = 250;

const LEFT_BEHIND = 'registrations of RPC services are left behind; the next start replaces them';

/** The end of superd waits so long for rpcbind. */
const END_MS = 2000;

/**
 * Keeps rpcbind's registrations as they are wanted. What is there for another server is left alone as long as that server answers; what
 * leads nowhere is replaced. Nobody waits for it but the end.
 */
export class Registrar {
  private wanted = new Map<string, WantedMapping>();
  /** What rpcbind was told, and may have taken. */
  private readonly held = new Map<string, Mapping>();
  private readonly told = new Set<string>();
  private readonly troubles: Troubles;
  private reached: Reached | null = null;
  private reachedAt = 0;
  private timer: NodeJS.Timeout | null = null;
  private failures = 0;
  private losses = 0;
  private busy = false;
  private again = false;
  private ended: (() => void) | null = null;

  /** @param onError Hears what is wrong in superd itself. */
  constructor(
    private readonly tell: ReportRpc,
    private readonly onError: (error: unknown) => void,
  ) {
    this.troubles = new Troubles(tell);
  }

  /** All that is wanted from now on. */
  want(mappings: readonly WantedMapping[]): void {
    this.wanted = new Map(mappings.map((mapping) => [mappingKey(mapping), mapping]));
    this.failures = 0;
    this.turn();
  }

  /** Takes everything back, or gives up after a while. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(deadline);
        this.rest(null);
        this.reached?.channel.close();
        resolve();
      };
      const deadline = setTimeout(() => {
        if (this.held.size > 0) this.tell('warning', `rpcbind does not answer: ${LEFT_BEHIND}`);
        finish();
      }, END_MS);
      this.ended = finish;
      this.want([]);
    });
  }

  private turn(): void {
    this.again = this.busy;
    if (this.busy) return;
    this.busy = true;
    this.rest(null);
    void this.work().then((delay) => {
      this.busy = false;
      if (this.again) this.turn();
      else if (this.ended !== null) this.ended();
      else this.rest(delay);
    });
  }

  /** @returns After how many milliseconds to look again; null when there is nothing more to look after. */
  private async work(): Promise<number | null> {
    try {
      if (this.wanted.size > 0 || this.held.size > 0) await this.reconcile();
      this.failures = 0;
      if (this.wanted.size > 0) return LOOK_MS;
      this.reached?.channel.close();
      return null;
    } catch (error) {
      this.reached?.channel.close();
      if (!(error instanceof RpcError)) this.onError(error);
      else if (this.ended === null) this.troubles.rpcbind(error.message);
      else if (this.held.size > 0) this.tell('warning', `${error.message}: ${LEFT_BEHIND}`);
      return Math.min(RETRY_MS * 2 ** this.failures++, LOOK_MS);
    }
  }

  private rest(delay: number | null): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = delay === null ? null : setTimeout(() => this.turn(), delay).unref();
  }

  private async reconcile(): Promise<void> {
    const { dialect } = await this.reach();
    const programs = new Set([...this.wanted.values(), ...this.held.values()].map(({ program }) => program));
    const listed = new Map(await dialect.list(programs));
    this.troubles.rpcbind(null);
    await this.withdraw(dialect, listed);
    for (const mapping of this.wanted.values()) {
      if (this.again) return;
      if (dialect.knows(mapping)) await this.register(dialect, mapping, listed);
      else if (!mapping.optional) this.troubles.mapping(mapping, 'this rpcbind knows nothing of IPv6');
    }
    this.tellOfNew();
  }

  private async reach(): Promise<Reached> {
    if (this.reached !== null) return this.reached;
    const reached = await reachRpcbind(ANSWER_MS);
    this.reached = reached;
    this.reachedAt = Date.now();
    reached.channel.onClosed = () => this.lost();
    return reached;
  }

  private lost(): void {
    this.reached = null;
    if (this.busy || this.wanted.size === 0 || this.ended !== null) return;
    if (Date.now() - this.reachedAt > LOOK_MS) this.losses = 0;
    this.rest(Math.min(SOON_MS * 2 ** this.losses++, LOOK_MS));
  }

  /** Takes back what is no longer wanted, where it is still as it was registered: it may have become another's. */
  private async withdraw(dialect: Dialect, listed: Map<string, string>): Promise<void> {
    for (const [key, mapping] of this.held) {
      const wanted = this.wanted.get(key);
      if (wanted !== undefined && dialect.spell(wanted) === dialect.spell(mapping)) continue;
      if (listed.get(key) === dialect.spell(mapping)) {
        await dialect.unset(mapping, listed);
        listed.delete(key);
      }
      this.held.delete(key);
      this.told.delete(key);
    }
  }

  private async register(dialect: Dialect, mapping: WantedMapping, listed: Listed): Promise<void> {
    const key = mappingKey(mapping);
    const there = listed.get(key);
    const own = dialect.spell(mapping);
    if (there !== undefined && there !== own) {
      if (!this.isOwnPort(mapping, there) && (await answersAt(mapping, there))) {
        this.held.delete(key);
        this.troubles.mapping(mapping, `another server, at ${there}, answers for it`);
        return;
      }
      await dialect.unset(mapping, listed);
    }
    if (there !== own) {
      // Before it is said: whether an answer that did not come would have been yes is not known.
      this.held.set(key, mapping);
      if (!(await dialect.set(mapping))) {
        this.held.delete(key);
        if (!mapping.optional) this.troubles.mapping(mapping, 'rpcbind refuses; perhaps this user may not');
        return;
      }
    }
    this.held.set(key, mapping);
    this.troubles.mapping(mapping, null);
  }

  /** Whoever had that port before, it is this service's now, and would answer itself. */
  private isOwnPort({ port }: Mapping, address: string): boolean {
    return parseUniversalAddress(address)?.port === port;
  }

  private tellOfNew(): void {
    const fresh = [...this.wanted.values()].filter((mapping) => this.held.has(mappingKey(mapping)) && !this.told.has(mappingKey(mapping)));
    for (const service of new Set(fresh.map((mapping) => mapping.service))) {
      const own = fresh.filter((mapping) => mapping.service === service);
      const versions = [...new Set(own.map(({ version }) => version))].join(' ');
      const netIds = [...new Set(own.map(({ netId }) => netId))].join(' ');
      this.tell('info', `${service}: RPC program ${own[0]?.program} version ${versions} is registered: ${netIds} port ${own[0]?.port}`);
    }
    for (const mapping of fresh) this.told.add(mappingKey(mapping));
  }
}
