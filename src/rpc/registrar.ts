import { inBackground, runLater } from '../guarded.js';
import { RpcError } from './channel.js';
import { connectRpcbind, type RpcbindConnection } from './connect-rpcbind.js';
import { type ReportRpc, RpcFailures } from './failures.js';
import { type Mapping, mappingKey, parseUniversalAddress, type WantedMapping } from './mapping.js';
import type { Registrations, RpcbindProtocol } from './rpcbind-protocol.js';
import { serverAnswersAt } from './server-answers.js';

/** Deadline of each answer of rpcbind, which on the same machine takes less than a millisecond. */
const ANSWER_MS = 2000;

/** Interval of checks whether rpcbind still has the registrations: another program may have removed them, or rpcbind was restarted. */
const CHECK_MS = 15_000;

/** Wait before reconnecting when rpcbind closes the connection, as it does when it restarts. Doubled each time it closes early. */
const RECONNECT_MS = 200;

/** Wait before the first retry while rpcbind is unavailable, doubled each time up to `CHECK_MS`. */
const RETRY_MS = 250;

const LEFT_BEHIND = 'registrations of RPC services are left behind; the next start replaces them';

/** superd waits at most this long for rpcbind when it ends. */
const END_MS = 2000;

/**
 * Keeps rpcbind's registrations as superd wants them. A registration of another server is left alone while that server answers; one
 * that leads nowhere is replaced. Everything happens in the background except `end`.
 */
export class Registrar {
  private wanted = new Map<string, WantedMapping>();
  /** Registrations that rpcbind was asked to make, and may have made. */
  private readonly registered = new Map<string, Mapping>();
  private readonly reported = new Set<string>();
  private readonly failures: RpcFailures;
  private connection: RpcbindConnection | null = null;
  private connectedAt = 0;
  private timer: NodeJS.Timeout | null = null;
  private failedRuns = 0;
  private earlyCloses = 0;
  private busy = false;
  private runAgain = false;
  private ended: (() => void) | null = null;

  /** @param onError Called with an error that is a bug of superd. */
  constructor(
    private readonly report: ReportRpc,
    private readonly onError: (error: unknown) => void,
  ) {
    this.failures = new RpcFailures(report);
  }

  /** Replaces the set of wanted registrations. */
  setWanted(mappings: readonly WantedMapping[]): void {
    this.wanted = new Map(mappings.map((mapping) => [mappingKey(mapping), mapping]));
    this.failedRuns = 0;
    this.run();
  }

  /** Removes all registrations, or gives up after `END_MS`. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(deadline);
        this.runAfter(null);
        this.connection?.channel.close();
        resolve();
      };
      const deadline = runLater(() => {
        if (this.registered.size > 0) this.report('warning', `rpcbind does not answer: ${LEFT_BEHIND}`);
        finish();
      }, END_MS);
      this.ended = finish;
      this.setWanted([]);
    });
  }

  private run(): void {
    this.runAgain = this.busy;
    if (this.busy) return;
    this.busy = true;
    this.runAfter(null);
    inBackground(
      this.runOnce().then((delay) => {
        this.busy = false;
        if (this.runAgain) this.run();
        else if (this.ended !== null) this.ended();
        else this.runAfter(delay);
      }),
    );
  }

  /** @returns Milliseconds until the next run; null when there is nothing to watch over. */
  private async runOnce(): Promise<number | null> {
    try {
      if (this.wanted.size > 0 || this.registered.size > 0) await this.reconcile();
      this.failedRuns = 0;
      if (this.wanted.size > 0) return CHECK_MS;
      this.connection?.channel.close();
      return null;
    } catch (error) {
      this.connection?.channel.close();
      if (!(error instanceof RpcError)) this.onError(error);
      else if (this.ended === null) this.failures.rpcbind(error.message);
      else if (this.registered.size > 0) this.report('warning', `${error.message}: ${LEFT_BEHIND}`);
      return Math.min(RETRY_MS * 2 ** this.failedRuns++, CHECK_MS);
    }
  }

  private runAfter(delay: number | null): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = delay === null ? null : runLater(() => this.run(), delay).unref();
  }

  private async reconcile(): Promise<void> {
    const { protocol } = await this.connect();
    const programs = new Set([...this.wanted.values(), ...this.registered.values()].map(({ program }) => program));
    const present = new Map(await protocol.list(programs));
    this.failures.rpcbind(null);
    await this.withdraw(protocol, present);
    for (const mapping of this.wanted.values()) {
      if (this.runAgain) return;
      if (protocol.supports(mapping)) await this.register(protocol, mapping, present);
      else if (!mapping.optional) this.failures.mapping(mapping, 'this rpcbind does not support IPv6');
    }
    this.reportNew();
  }

  private async connect(): Promise<RpcbindConnection> {
    if (this.connection !== null) return this.connection;
    const connection = await connectRpcbind(ANSWER_MS);
    this.connection = connection;
    this.connectedAt = Date.now();
    connection.channel.onClosed = () => this.onChannelClosed();
    return connection;
  }

  private onChannelClosed(): void {
    this.connection = null;
    if (this.busy || this.wanted.size === 0 || this.ended !== null) return;
    if (Date.now() - this.connectedAt > CHECK_MS) this.earlyCloses = 0;
    this.runAfter(Math.min(RECONNECT_MS * 2 ** this.earlyCloses++, CHECK_MS));
  }

  /** Removes registrations no longer wanted, unless they have changed since: then they may belong to another server. */
  private async withdraw(protocol: RpcbindProtocol, present: Map<string, string>): Promise<void> {
    for (const [key, mapping] of this.registered) {
      const wanted = this.wanted.get(key);
      if (wanted !== undefined && protocol.formatAddress(wanted) === protocol.formatAddress(mapping)) continue;
      if (present.get(key) === protocol.formatAddress(mapping)) {
        await protocol.unset(mapping, present);
        present.delete(key);
      }
      this.registered.delete(key);
      this.reported.delete(key);
    }
  }

  private async register(protocol: RpcbindProtocol, mapping: WantedMapping, present: Registrations): Promise<void> {
    const key = mappingKey(mapping);
    const found = present.get(key);
    const own = protocol.formatAddress(mapping);
    if (found !== undefined && found !== own) {
      if (!this.isOwnPort(mapping, found) && (await serverAnswersAt(mapping, found))) {
        this.registered.delete(key);
        this.failures.mapping(mapping, `another server, at ${found}, answers for it`);
        return;
      }
      await protocol.unset(mapping, present);
    }
    if (found !== own) {
      // Noted before the call: if the answer is lost, rpcbind may have made the registration all the same.
      this.registered.set(key, mapping);
      if (!(await protocol.set(mapping))) {
        this.registered.delete(key);
        if (!mapping.optional) this.failures.mapping(mapping, 'rpcbind refuses it; perhaps this user may not register services');
        return;
      }
    }
    this.registered.set(key, mapping);
    this.failures.mapping(mapping, null);
  }

  /** A stale registration of this service's own port: asking there would reach the service itself. */
  private isOwnPort({ port }: Mapping, address: string): boolean {
    return parseUniversalAddress(address)?.port === port;
  }

  private reportNew(): void {
    const fresh = [...this.wanted.values()].filter((mapping) => {
      const key = mappingKey(mapping);
      return this.registered.has(key) && !this.reported.has(key);
    });
    for (const service of new Set(fresh.map((mapping) => mapping.service))) {
      const own = fresh.filter((mapping) => mapping.service === service);
      const versions = [...new Set(own.map(({ version }) => version))].join(' ');
      const netIds = [...new Set(own.map(({ netId }) => netId))].join(' ');
      this.report('info', `${service}: RPC program ${own[0]?.program} version ${versions} is registered: ${netIds} port ${own[0]?.port}`);
    }
    for (const mapping of fresh) this.reported.add(mappingKey(mapping));
  }
}
