import { monotonicMs } from '../../clock.js';
import type { Admission } from '../../gate/verdict.js';
import { Burst, type DatagramView, type KeptDatagram } from '../../os/burst.js';
import type { Upstream } from '../../relay/targets.js';
import type { GateAsker } from '../connections/ask-gate.js';
import type { Client } from '../connections/client.js';
import type { WatchContext } from '../context.js';
import type { Descriptors } from '../services/descriptors.js';
import type { Service } from '../services/service.js';
import { InternalSession } from '../sessions/internal-session.js';
import type { SessionContext } from '../sessions/session.js';
import { type Flow, localName } from './flow.js';
import { FlowTable } from './flow-table.js';
import { DatagramGate, type DatagramGateContext, type DatagramHandler } from './gate.js';
import { DatagramPorts } from './ports.js';
import { type RelayState, relayModeOf } from './relay-mode.js';

/** The first interface of every network namespace: what comes by it was sent on this machine. */
const LOOPBACK = 1;

/** Of send(2), about the machine or the datagram and not about the target: EAGAIN, EMSGSIZE, ENOBUFS. */
const NO_FAULT_OF_TARGET: ReadonlySet<number> = new Set([11, 90, 105]);

/** Between two looks for passages that have been idle too long. */
const MIN_CHECK_MS = 20;
const MAX_CHECK_MS = 1000;

export interface RelayContext extends DatagramGateContext, SessionContext, WatchContext {
  readonly descriptors: Descriptors;
  services(): readonly Service[];
}

/** Services whose datagrams are passed on, to other servers or to their own: a session for each sender, whose first datagram passes the gate for all that follow. */
export class UdpRelay implements DatagramHandler {
  private readonly burst = new Burst();
  private readonly gate: DatagramGate;
  private readonly ports: DatagramPorts;
  private readonly states = new WeakMap<Service, RelayState>();
  /** Names of all sockets towards targets. */
  private readonly localNames = new Set<string>();
  /** Whose the datagrams of the burst under way are; null are nobody's. */
  private outgoing: (Flow | null)[] = [];

  constructor(
    private readonly context: RelayContext,
    doorkeeper: GateAsker,
  ) {
    this.gate = new DatagramGate(context, doorkeeper, this);
    this.ports = new DatagramPorts(context.services);
  }

  readable(service: Service): void {
    if (service.socket === -1) return;
    try {
      this.takeBurst(this.stateOf(service));
      service.listener.watchAgain();
    } catch (error) {
      this.context.onError(error);
      service.listener.handle('error');
    }
  }

  mayReflect(service: Service, { port, toMany, interface: by, w0, w1, w2, w3 }: DatagramView): boolean {
    if (this.stateOf(service).mayReflect(port, toMany)) return true;
    return (by === LOOPBACK && this.ports.all().has(port)) || this.localNames.has(localName({ w0, w1, w2, w3 }, port));
  }

  admitted(client: Client, burst: Burst, index: number, verdict: Admission): void {
    const stage = this.stateOf(client.service);
    const passage = this.openFlow(stage, client, burst, index, verdict);
    if (passage === null) return;
    const { buffer, length } = burst.at(index);
    passage.keepFirst(buffer.subarray(0, length));
    this.forward(stage, passage, index, length);
  }

  /** Others of the same sender may have been faster. */
  admittedLate(client: Client, datagram: KeptDatagram, verdict: Admission): void {
    const { service } = client;
    if (service.socket === -1 || !service.relaysDatagrams) return;
    const stage = this.stateOf(service);
    this.outgoing = [null];
    const { flowKey, length } = this.burst.restore(datagram);
    const known = stage.flows.find(flowKey);
    if (known === undefined) this.admitted(client, this.burst, 0, verdict);
    else this.forward(stage, known, 0, length);
    this.flush(stage);
  }

  /** The socket stays open for those who are known. */
  beforeRefusal(): void {}

  private takeBurst(stage: RelayState): void {
    const { service } = stage;
    const received = this.burst.receive(service.socket);
    this.outgoing = new Array(received).fill(null);
    for (let i = 0; i < received; i++) {
      const known = this.knownFlow(stage, i);
      const { length } = this.burst.at(i);
      if (known !== undefined) this.forward(stage, known, i, length);
      else if (service.state === 'listening') this.gate.ask(service, this.burst, i);
    }
    this.flush(stage);
  }

  private knownFlow(stage: RelayState, index: number): Flow | undefined {
    const { flows } = stage;
    const { flowKey } = this.burst.at(index);
    const known = flows.find(flowKey);
    if (known === undefined || !known.restartsWith(this.burst.at(index))) return known;
    // Others before it go by the socket that is given up, and may find that all is over.
    this.flush(stage);
    return flows.find(flowKey);
  }

  private forward({ flows }: RelayState, passage: Flow, index: number, length: number): void {
    passage.movedAt = monotonicMs();
    passage.sent++;
    passage.fromClient += length;
    if (passage.answered) flows.confirm(passage);
    const by = passage.socketFor(this.burst.at(index));
    if (by === -1) return;
    this.burst.forwardTo(index, by);
    this.outgoing[index] = passage;
  }

  /** Sends what is on its way, to the next targets where the first are not there. */
  private flush(stage: RelayState): void {
    while (this.outgoing.some((passage) => passage !== null)) {
      this.burst.forward();
      const sent = this.outgoing;
      this.outgoing = sent.map(() => null);
      for (const [index, passage] of sent.entries()) {
        if (passage === null) continue;
        const errno = this.burst.failure(index);
        this.burst.forwardTo(index, -1);
        if (errno !== 0 && !NO_FAULT_OF_TARGET.has(errno)) this.resend(stage, passage, index, errno);
      }
    }
  }

  private resend(stage: RelayState, passage: Flow, index: number, errno: number): void {
    if (passage.socket === -1 || !this.failOver(stage, passage, errno)) return;
    // Its only one is the one that it kept, and that is sent again by then.
    if (passage.hasFirst && passage.sent === 1) return;
    this.burst.forwardTo(index, passage.socket);
    this.outgoing[index] = passage;
  }

  /** null when there is no way, no room, or no descriptor. */
  private openFlow(stage: RelayState, client: Client, burst: Burst, index: number, verdict: Admission): Flow | null {
    const { service, flows, upstream } = stage;
    if (flows.full && !this.makeRoom(stage, client)) return null;
    const place = verdict.shadowed === undefined ? 'counted' : 'uncounted';
    const session = new InternalSession(this.context, service, client.peer, client.facts.source, place);
    const passage = new stage.Flow(this.context, upstream, session, burst.at(index).flowKey, burst.wordsOf(index), (one) =>
      this.returnAnswers(stage, one),
    );
    if (!passage.connect()) {
      passage.cancel();
      if (upstream.current() === null) this.resolve(upstream);
      return null;
    }
    this.localNames.add(passage.localName);
    flows.add(passage);
    session.begin(
      () => this.end(stage, passage),
      () => ({ fromClient: passage.fromClient, fromTarget: passage.fromTarget }),
    );
    service.limitSessions();
    if (this.context.descriptors.shortAt(passage.socket)) this.makeRoom(stage, client);
    this.watchIdle(stage);
    return passage.socket === -1 ? null : passage;
  }

  /** Of two that are in the way of each other the older goes. */
  private makeRoom(stage: RelayState, client: Client): boolean {
    const { oldest } = stage.flows;
    if (oldest === undefined) {
      this.gate.refuse(client, { kind: 'refuse', reason: 'service_limit', ruling: null });
      return false;
    }
    // Its datagrams may be among those that are about to be sent.
    this.flush(stage);
    this.end(stage, oldest);
    return true;
  }

  private resolve(heading: Upstream): void {
    const learnt = heading.resolve().then(() => {
      if (heading.current() === null) heading.reportNoAddress();
    });
    learnt.catch(this.context.onError);
  }

  private returnAnswers(stage: RelayState, passage: Flow): void {
    if (passage.socket === -1) return;
    if (!passage.hasAnswer()) {
      passage.watch();
      return;
    }
    const { nativeKey } = passage;
    const count = this.burst.sendBack(passage.socket, stage.service.socket, nativeKey);
    if (count < 0) {
      this.failOver(stage, passage, -count);
      return;
    }
    if (count > 0) {
      passage.movedAt = monotonicMs();
      passage.fromTarget += nativeKey[0] as number;
      passage.markAnswered();
    }
    passage.watch();
  }

  private failOver(stage: RelayState, passage: Flow, errno: number): boolean {
    this.localNames.delete(passage.localName);
    if (!passage.failOver(errno)) {
      this.end(stage, passage);
      return false;
    }
    this.localNames.add(passage.localName);
    return true;
  }

  private end({ flows }: RelayState, passage: Flow): void {
    flows.delete(passage);
    this.localNames.delete(passage.localName);
    passage.end();
  }

  private watchIdle(stage: RelayState): void {
    if (stage.isIdleWatched) return;
    stage.isIdleWatched = true;
    const soon = Math.min(MAX_CHECK_MS, Math.max(MIN_CHECK_MS, stage.idleTimeout / 4));
    setTimeout(() => {
      stage.isIdleWatched = false;
      this.endIdle(stage);
      if (stage.flows.size > 0) this.watchIdle(stage);
    }, soon).unref();
  }

  /** And those whose answers have no way back, when the service is closed. */
  private endIdle(stage: RelayState): void {
    const { service, flows, idleTimeout } = stage;
    const isClosed = service.state === 'stopped';
    const before = monotonicMs() - idleTimeout;
    for (const passage of flows.all()) if (isClosed || passage.movedAt <= before) this.end(stage, passage);
  }

  private stateOf(service: Service): RelayState {
    const stage = this.states.get(service);
    if (stage?.plan === service.plan) return stage;
    const manner = relayModeOf(this.context, service);
    if (stage !== undefined) return Object.assign(stage, manner);
    const fresh: RelayState = { service, flows: new FlowTable(), isIdleWatched: false, ...manner };
    this.states.set(service, fresh);
    return fresh;
  }
}
