import { RequestFacts as Asked } from '../../access/index.js';
import { type Address, parseAddress } from '../../address/address.js';
import type { ConnectionFacts } from '../../gate/facts.js';
import { count } from '../../gate/gate.js';
import type { Admission, Refusal } from '../../gate/verdict.js';
import type { AcceptedRecord } from '../../os/loop.js';
import { close } from '../../os/socket.js';
import type { PeerFacts } from '../../report/event.js';
import type { WatchContext } from '../context.js';
import type { Service } from '../services/service.js';
import type { TcpmuxService } from '../services/tcpmux-services.js';
import { Admissions, type AdmitContext } from './admit.js';
import type { GateAsker } from './ask-gate.js';
import { ACCEPTED, closeRefused, type MuxedConnection, type PendingClient } from './client.js';
import { LocalAddress } from './local-address.js';
import type { ProxyHeaders } from './proxy-headers.js';
import { Rejections } from './reject.js';
import { reportRefusal, reportUser } from './report-verdict.js';
import { sourceText } from './source-text.js';
import { WaitQueue } from './wait-queue.js';

/** Clients that superd sends a banner before it decides about them. It decides about the next at once. */
const MAX_SENDING_BANNER = 512;

const NOTHING = Buffer.from('');

export interface ConnectionContext extends AdmitContext, WatchContext {
  readonly proxyHeaders: ProxyHeaders;
}

/** Takes each accepted connection through the gate, and admits or refuses it. */
export class Connections {
  private sendingBanner = 0;
  private readonly admissions: Admissions;
  private readonly rejections: Rejections;
  private readonly queues = new WeakMap<Service, WaitQueue>();

  constructor(
    private readonly context: ConnectionContext,
    private readonly asker: GateAsker,
  ) {
    this.admissions = new Admissions(context);
    this.rejections = new Rejections(context);
  }

  /**
   * Decides about a connection that was just accepted.
   *
   * @param record Valid only during the call.
   * @returns false when the connection is refused and the caller has to close it.
   */
  accepted(service: Service, record: AcceptedRecord): boolean {
    const { fd: socket, port } = record;
    const address = addressOf(record);
    const source = address === null ? '' : sourceText(address, record.scope);
    const peer = { address: address === null ? null : source, port };
    if (service.trustedProxies === null || address === null || !service.trustedProxies.has(address))
      return this.receive(service, socket, address, peer, null);
    this.inBackground(this.acceptFromProxy(service, socket, address, peer));
    return true;
  }

  /** Reads from the proxy's header which client it speaks for, and decides about that client. */
  private async acceptFromProxy(service: Service, socket: number, proxy: Address, peer: PeerFacts): Promise<void> {
    let taken = false;
    try {
      const found = await this.context.proxyHeaders.read(socket, String(service.token));
      const owner = successorOf(service);
      if (owner.state === 'stopped') return;
      if (found.kind === 'wrong') reportRefusal(this.context, owner, peer, { kind: 'refuse', reason: 'proxy', ruling: null });
      else if (found.kind === 'itself') taken = this.receive(owner, socket, proxy, peer, null);
      else {
        const { address, port } = found.announced;
        const via = { address: sourceText(proxy, 0), port: peer.port };
        taken = this.receive(owner, socket, address, { address: sourceText(address, 0), port, via }, null);
      }
    } finally {
      if (!taken) close(socket);
    }
  }

  /**
   * Decides about a connection that tcpmux hands on, and closes it when it is refused.
   *
   * @param over Called when it is refused, or its session has ended.
   */
  acceptFromTcpmux(service: TcpmuxService, socket: number, peer: PeerFacts, over: () => void): void {
    const address = peer.address === null ? null : parseAddress(peer.address.replace(/%.*/, ''));
    const mux = { greeting: service.isAcknowledged ? ACCEPTED : NOTHING, over };
    // A paused service with a socket would have it closed.
    const isPaused = service.state !== 'listening';
    if (isPaused) reportRefusal(this.context, service, peer, { kind: 'refuse', reason: 'cps', ruling: null });
    if (isPaused || !this.receive(service, socket, address, peer, mux)) closeRefused({ socket, mux });
  }

  private receive(service: Service, socket: number, address: Address | null, peer: PeerFacts, mux: MuxedConnection | null): boolean {
    const client = this.clientOf(service, socket, address, peer, mux);
    const banner = service.plan.banners === null ? null : service.plan.banners.first;
    if (banner === null || this.sendingBanner >= MAX_SENDING_BANNER) return this.decide(client);
    this.inBackground(this.decideAfterBanner(client, banner));
    return true;
  }

  private clientOf(service: Service, socket: number, address: Address | null, peer: PeerFacts, mux: MuxedConnection | null): PendingClient {
    const server = new LocalAddress(socket);
    const source = peer.address ?? '';
    const daemon = service.plan.gate.wrappers ?? service.plan.name;
    const asked = new Asked({ daemon, client: { address: source, port: peer.port }, server, pid: process.pid });
    const facts: ConnectionFacts = { address, source, now: this.context.now(), asked };
    return { service, facts, peer, socket, mux };
  }

  /** A client that has waited, now a client of the service that has its socket today; null when no service has. */
  private reassigned(client: PendingClient): PendingClient | null {
    const { socket, facts, peer, mux } = client;
    const service = successorOf(client.service);
    return service.state === 'stopped' ? null : this.clientOf(service, socket, facts.address, peer, mux);
  }

  private decide(client: PendingClient): boolean {
    const verdict = this.asker.ask(client.service, client.facts, client.peer);
    if (!(verdict instanceof Promise)) return this.settle(client, verdict);
    this.inBackground(this.settleLater(client, verdict));
    return true;
  }

  /** As xinetd, superd sends the banner to every client, before it decides. Only this connection waits. */
  private async decideAfterBanner(client: PendingClient, banner: string): Promise<void> {
    this.sendingBanner++;
    let taken = false;
    try {
      await this.context.banners.send(banner, client.socket);
      const reassigned = this.reassigned(client);
      taken = reassigned !== null && this.decide(reassigned);
    } finally {
      this.sendingBanner--;
      if (!taken) closeRefused(client);
    }
  }

  private async settleLater(client: PendingClient, waiting: Promise<Admission | Refusal>): Promise<void> {
    const verdict = await waiting;
    const reassigned = client.service.state === 'stopped' ? this.reassigned(client) : null;
    if (reassigned !== null) {
      if (!this.decide(reassigned)) closeRefused(client);
      return;
    }
    if (verdict.kind === 'refuse' && verdict.reason === 'ident') await this.reportNoUser(client);
    const now = this.context.now();
    if (!this.settle({ ...client, facts: { ...client.facts, now } }, verdict)) closeRefused(client);
  }

  private settle(client: PendingClient, verdict: Admission | Refusal): boolean {
    const { service, facts } = client;
    if (verdict.kind === 'refuse' && service.plan.gate.queue !== null && this.wait(client, verdict)) return true;
    count(service.gate, facts, service.tally, verdict);
    return verdict.kind === 'refuse' ? this.rejections.refuse(client, verdict) : this.admissions.admit(client, verdict);
  }

  /** @returns Whether the client waits for a place. */
  private wait(client: PendingClient, refusal: Refusal): boolean {
    const { service } = client;
    // A client of tcpmux gets its answer at once.
    if (client.mux !== null || service.state === 'stopped') return false;
    return this.queueOf(service).enter(client, refusal);
  }

  private queueOf(service: Service): WaitQueue {
    const known = this.queues.get(service);
    if (known !== undefined) return known;
    const queue = new WaitQueue(this.context, service, {
      ask: (client) => this.asker.ask(service, client.facts, client.peer),
      settle: (client, verdict) => {
        if (verdict instanceof Promise) this.inBackground(this.settleLater(client, verdict));
        else if (!this.settle(client, verdict)) close(client.socket);
      },
      close: (client, refusal) => {
        if (service.successor === null) this.refuseWaiting(client, refusal);
        else this.inBackground(this.passToSuccessor(client, refusal));
      },
    });
    this.queues.set(service, queue);
    service.waitQueue = queue;
    return queue;
  }

  /** The successor listens only at the end of the present turn of the event loop. */
  private async passToSuccessor(client: PendingClient, refusal: Refusal): Promise<void> {
    await null;
    const reassigned = this.reassigned(client);
    if (reassigned === null) this.refuseWaiting(client, refusal);
    else if (!this.decide(reassigned)) close(client.socket);
  }

  private refuseWaiting(client: PendingClient, refusal: Refusal): void {
    if (!this.settle({ ...client, deadline: 0 }, refusal)) close(client.socket);
  }

  private async reportNoUser({ service, peer, facts }: PendingClient): Promise<void> {
    const found = await this.context.lookUps.pendingUser(facts.asked.request);
    reportUser(this.context, service, peer, 'refused-without', found ?? { kind: 'unidentified', reason: 'system error' });
  }

  private inBackground(work: Promise<void>): void {
    work.catch(this.context.onError);
  }
}

function addressOf({ family, w0, w1, w2, w3 }: AcceptedRecord): Address | null {
  return family === 4 || family === 6 ? { w0, w1, w2, w3 } : null;
}

/** The service that has the socket of a service now, and accepts connections itself. */
function successorOf(service: Service): Service {
  let last = service;
  while (last.state === 'stopped' && last.successor !== null && !last.successor.plan.wait) last = last.successor;
  return last;
}
