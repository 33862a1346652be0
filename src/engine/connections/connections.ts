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

/** Clients that are sent something before they are decided about; the next are decided about at once. */
const MAX_SENDING_BANNER = 512;

const NOTHING = Buffer.from('');

export interface ConnectionContext extends AdmitContext, WatchContext {
  readonly proxyHeaders: ProxyHeaders;
}

/** What happens to one accepted connection: gate, then a server or the end. */
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
   * @returns false when the connection is refused and the caller shall close it.
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

  /** The proxy says for whom it comes; it is that client who is decided about. */
  private async acceptFromProxy(service: Service, socket: number, proxy: Address, peer: PeerFacts): Promise<void> {
    let taken = false;
    try {
      const found = await this.context.proxyHeaders.read(socket, String(service.token));
      const reroute = successorOf(service);
      if (reroute.state === 'stopped') return;
      if (found.kind === 'wrong') reportRefusal(this.context, reroute, peer, { kind: 'refuse', reason: 'proxy', ruling: null });
      else if (found.kind === 'itself') taken = this.receive(reroute, socket, proxy, peer, null);
      else {
        const { address, port } = found.announced;
        const via = { address: sourceText(proxy, 0), port: peer.port };
        taken = this.receive(reroute, socket, address, { address: sourceText(address, 0), port, via }, null);
      }
    } finally {
      if (!taken) close(socket);
    }
  }

  /**
   * Decides about a connection that tcpmux hands on, and sees to its end.
   *
   * @param over Called when it is refused, or its session has ended.
   */
  acceptFromTcpmux(service: TcpmuxService, socket: number, peer: PeerFacts, over: () => void): void {
    const address = peer.address === null ? null : parseAddress(peer.address.replace(/%.*/, ''));
    const mux = { greeting: service.isAcknowledged ? ACCEPTED : NOTHING, over };
    // A socket would be closed for as long.
    const isPaused = service.state !== 'listening';
    if (isPaused) reportRefusal(this.context, service, peer, { kind: 'refuse', reason: 'cps', ruling: null });
    if (isPaused || !this.receive(service, socket, address, peer, mux)) closeRefused({ socket, mux });
  }

  private receive(service: Service, socket: number, address: Address | null, peer: PeerFacts, mux: MuxedConnection | null): boolean {
    const caller = this.clientOf(service, socket, address, peer, mux);
    const banner = service.plan.banners === null ? null : service.plan.banners.first;
    if (banner === null || this.sendingBanner >= MAX_SENDING_BANNER) return this.decide(caller);
    this.inBackground(this.decideAfterBanner(caller, banner));
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

  /** A caller who has waited, as whoever has the door now sees it; null when the door is gone. */
  private present(caller: PendingClient): PendingClient | null {
    const { socket, facts, peer, mux } = caller;
    const service = successorOf(caller.service);
    return service.state === 'stopped' ? null : this.clientOf(service, socket, facts.address, peer, mux);
  }

  private decide(caller: PendingClient): boolean {
    const verdict = this.asker.ask(caller.service, caller.facts, caller.peer);
    if (!(verdict instanceof Promise)) return this.settle(caller, verdict);
    this.inBackground(this.settleLater(caller, verdict));
    return true;
  }

  /** Everybody is sent the banner, as with xinetd, whatever is decided then; others are decided about meanwhile. */
  private async decideAfterBanner(caller: PendingClient, banner: string): Promise<void> {
    this.sendingBanner++;
    let taken = false;
    try {
      await this.context.banners.send(banner, caller.socket);
      const present = this.present(caller);
      taken = present !== null && this.decide(present);
    } finally {
      this.sendingBanner--;
      if (!taken) closeRefused(caller);
    }
  }

  /** Only this connection has waited. */
  private async settleLater(caller: PendingClient, waiting: Promise<Admission | Refusal>): Promise<void> {
    const verdict = await waiting;
    const present = caller.service.state === 'stopped' ? this.present(caller) : null;
    if (present !== null) {
      if (!this.decide(present)) closeRefused(caller);
      return;
    }
    if (verdict.kind === 'refuse' && verdict.reason === 'ident') await this.reportNoUser(caller);
    const now = this.context.now();
    if (!this.settle({ ...caller, facts: { ...caller.facts, now } }, verdict)) closeRefused(caller);
  }

  private settle(caller: PendingClient, verdict: Admission | Refusal): boolean {
    const { service, facts } = caller;
    if (verdict.kind === 'refuse' && service.plan.gate.queue !== null && this.wait(caller, verdict)) return true;
    count(service.gate, facts, service.tally, verdict);
    return verdict.kind === 'refuse' ? this.rejections.refuse(caller, verdict) : this.admissions.admit(caller, verdict);
  }

  /** @returns Whether it waits until it can be let in. */
  private wait(caller: PendingClient, refusal: Refusal): boolean {
    const { service } = caller;
    // What came through tcpmux has an answer to get at once.
    if (caller.mux !== null || service.state === 'stopped') return false;
    return this.queueOf(service).enter(caller, refusal);
  }

  private queueOf(service: Service): WaitQueue {
    const known = this.queues.get(service);
    if (known !== undefined) return known;
    const queue = new WaitQueue(this.context, service, {
      ask: (one) => this.asker.ask(service, one.facts, one.peer),
      settle: (one, verdict) => {
        if (verdict instanceof Promise) this.inBackground(this.settleLater(one, verdict));
        else if (!this.settle(one, verdict)) close(one.socket);
      },
      close: (one, refusal) => {
        if (service.successor === null) this.refuseWaiting(one, refusal);
        else this.inBackground(this.passToSuccessor(one, refusal));
      },
    });
    this.queues.set(service, queue);
    service.waitQueue = queue;
    return queue;
  }

  /** The door has been given to another service, which does not hear anybody yet. */
  private async passToSuccessor(caller: PendingClient, refusal: Refusal): Promise<void> {
    await null;
    const present = this.present(caller);
    if (present === null) this.refuseWaiting(caller, refusal);
    else if (!this.decide(present)) close(caller.socket);
  }

  private refuseWaiting(caller: PendingClient, refusal: Refusal): void {
    if (!this.settle({ ...caller, deadline: 0 }, refusal)) close(caller.socket);
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

/** Who has the door of a service now, and accepts there itself. */
function successorOf(service: Service): Service {
  let present = service;
  while (present.state === 'stopped' && present.successor !== null && !present.successor.plan.wait) present = present.successor;
  return present;
}
