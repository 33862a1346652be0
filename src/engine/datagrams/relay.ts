import { monotonicMs } from '../../clock.js';
import type { Admission } from '../../gate/verdict.js';
import { runLater } from '../../guarded.js';
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

/** The first interface of every network namespace: a datagram that arrives on it was sent on this machine. */
const LOOPBACK = 1;

/** Errors of send(2) that say nothing about the target: EAGAIN, EMSGSIZE, ENOBUFS. */
const NO_FAULT_OF_TARGET: ReadonlySet<number> = new Set([11, 90, 105]);

/** Between two checks for idle flows. */
const MIN_CHECK_MS = 20;
const MAX_CHECK_MS = 1000;

export interface RelayContext extends DatagramGateContext, SessionContext, WatchContext {
  readonly descriptors: Descriptors;
  services(): readonly Service[];
}

/**
 * Relays the datagrams of redirect services to their targets, and those of servers with INTERCEPT to their private sockets. Each client has a flow
 * and a session; the gate decides about its first datagram for all that follow.
 */
export class UdpRelay implements DatagramHandler {
  private readonly burst = new Burst();
  private readonly gate: DatagramGate;
  private readonly ports: DatagramPorts;
  private readonly states = new WeakMap<Service, RelayState>();
  /** The sockets that flows send from: a datagram from one of them would go round in a circle. */
  private readonly localNames = new Set<string>();
  /** The flow that each datagram of the current burst belongs to; null where superd does not send the datagram. */
  private outgoing: (Flow | null)[] = [];

  constructor(
    private readonly context: RelayContext,
    asker: GateAsker,
  ) {
    this.gate = new DatagramGate(context, asker, this);
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

  mayReflect(service: Service, { port, toMany, interface: arrivedOn, w0, w1, w2, w3 }: DatagramView): boolean {
    if (this.stateOf(service).mayReflect(port, toMany)) return true;
    return (arrivedOn === LOOPBACK && this.ports.all().has(port)) || this.localNames.has(localName({ w0, w1, w2, w3 }, port));
  }

  admitted(client: Client, burst: Burst, index: number, verdict: Admission): void {
    const state = this.stateOf(client.service);
    const flow = this.openFlow(state, client, burst, index, verdict);
    if (flow === null) return;
    const { buffer, length } = burst.at(index);
    flow.keepFirst(buffer.subarray(0, length));
    this.forward(state, flow, index, length);
  }

  /** Another datagram of the same client may have opened the flow meanwhile. */
  admittedLate(client: Client, datagram: KeptDatagram, verdict: Admission): void {
    const { service } = client;
    if (service.socket === -1 || !service.relaysDatagrams) return;
    const state = this.stateOf(service);
    this.outgoing = [null];
    const { flowKey, length } = this.burst.restore(datagram);
    const known = state.flows.find(flowKey);
    if (known === undefined) this.admitted(client, this.burst, 0, verdict);
    else this.forward(state, known, 0, length);
    this.flush(state);
  }

  /** A refusal closes no socket here: known clients go on. */
  beforeRefusal(): void {}

  private takeBurst(state: RelayState): void {
    const { service } = state;
    const received = this.burst.receive(service.socket);
    this.outgoing = new Array(received).fill(null);
    for (let i = 0; i < received; i++) {
      const known = this.knownFlow(state, i);
      const { length } = this.burst.at(i);
      if (known !== undefined) this.forward(state, known, i, length);
      else if (service.state === 'listening') this.gate.ask(service, this.burst, i);
    }
    this.flush(state);
  }

  private knownFlow(state: RelayState, index: number): Flow | undefined {
    const { flows } = state;
    const { flowKey } = this.burst.at(index);
    const known = flows.find(flowKey);
    if (known === undefined || !known.restartsWith(this.burst.at(index))) return known;
    // Datagrams before it belong to the old transfer, and sending them may end the flow.
    this.flush(state);
    return flows.find(flowKey);
  }

  private forward({ flows }: RelayState, flow: Flow, index: number, length: number): void {
    flow.activeAt = monotonicMs();
    flow.sent++;
    flow.fromClient += length;
    if (flow.answered) flows.confirm(flow);
    const socket = flow.socketFor(this.burst.at(index));
    if (socket === -1) return;
    this.burst.forwardTo(index, socket);
    this.outgoing[index] = flow;
  }

  /** Sends the outgoing datagrams; where a target is unreachable, to the next one. */
  private flush(state: RelayState): void {
    while (this.outgoing.some((flow) => flow !== null)) {
      this.burst.forward();
      const sent = this.outgoing;
      this.outgoing = sent.map(() => null);
      for (const [index, flow] of sent.entries()) {
        if (flow === null) continue;
        const errno = this.burst.failure(index);
        this.burst.forwardTo(index, -1);
        if (errno !== 0 && !NO_FAULT_OF_TARGET.has(errno)) this.resend(state, flow, index, errno);
      }
    }
  }

  private resend(state: RelayState, flow: Flow, index: number, errno: number): void {
    if (flow.socket === -1 || !this.failOver(state, flow, errno)) return;
    // Its only datagram is the first, and failing over has sent that again.
    if (flow.hasFirst && flow.sent === 1) return;
    this.burst.forwardTo(index, flow.socket);
    this.outgoing[index] = flow;
  }

  /** null when no target is reachable, all flows are confirmed, or no descriptor is free. */
  private openFlow(state: RelayState, client: Client, burst: Burst, index: number, verdict: Admission): Flow | null {
    const { service, flows, upstream } = state;
    if (flows.full && !this.makeRoom(state, client)) return null;
    const counting = verdict.shadowed === undefined ? 'counted' : 'uncounted';
    const session = new InternalSession(this.context, service, client.peer, client.facts.source, counting);
    const flow = new state.Flow(this.context, upstream, session, burst.at(index).flowKey, burst.wordsOf(index), (flow) =>
      this.returnAnswers(state, flow),
    );
    if (!flow.connect()) {
      flow.cancel();
      if (upstream.current() === null) this.resolve(upstream);
      return null;
    }
    this.localNames.add(flow.localName);
    flows.add(flow);
    session.begin(
      () => this.end(state, flow),
      () => ({ fromClient: flow.fromClient, fromTarget: flow.fromTarget }),
    );
    service.limitSessions();
    if (this.context.descriptors.shortAt(flow.socket)) this.makeRoom(state, client);
    this.watchIdle(state);
    return flow.socket === -1 ? null : flow;
  }

  /** Ends the oldest unconfirmed flow; false when there is none. */
  private makeRoom(state: RelayState, client: Client): boolean {
    const { oldest } = state.flows;
    if (oldest === undefined) {
      this.gate.refuse(client, { kind: 'refuse', reason: 'service_limit', ruling: null });
      return false;
    }
    // The outgoing datagrams may be of that flow.
    this.flush(state);
    this.end(state, oldest);
    return true;
  }

  private resolve(upstream: Upstream): void {
    upstream
      .resolve()
      .then(() => {
        if (upstream.current() === null) upstream.reportNoAddress();
      })
      .catch(this.context.onError);
  }

  private returnAnswers(state: RelayState, flow: Flow): void {
    if (flow.socket === -1) return;
    if (!flow.hasAnswer()) {
      flow.watch();
      return;
    }
    const { nativeKey } = flow;
    const count = this.burst.sendBack(flow.socket, state.service.socket, nativeKey);
    if (count < 0) {
      this.failOver(state, flow, -count);
      return;
    }
    if (count > 0) {
      flow.activeAt = monotonicMs();
      flow.fromTarget += nativeKey[0] as number;
      flow.markAnswered();
    }
    flow.watch();
  }

  private failOver(state: RelayState, flow: Flow, errno: number): boolean {
    this.localNames.delete(flow.localName);
    if (!flow.failOver(errno)) {
      this.end(state, flow);
      return false;
    }
    this.localNames.add(flow.localName);
    return true;
  }

  private end({ flows }: RelayState, flow: Flow): void {
    flows.delete(flow);
    this.localNames.delete(flow.localName);
    flow.end();
  }

  private watchIdle(state: RelayState): void {
    if (state.isIdleWatched) return;
    state.isIdleWatched = true;
    const delay = Math.min(MAX_CHECK_MS, Math.max(MIN_CHECK_MS, state.idleTimeout / 4));
    runLater(() => {
      state.isIdleWatched = false;
      try {
        this.endIdle(state);
      } finally {
        if (state.flows.size > 0) this.watchIdle(state);
      }
    }, delay).unref();
  }

  /** Ends idle flows, and all flows of a stopped service: it has no socket to return answers from. */
  private endIdle(state: RelayState): void {
    const { service, flows, idleTimeout } = state;
    const isClosed = service.state === 'stopped';
    const idleSince = monotonicMs() - idleTimeout;
    for (const flow of flows.all()) if (isClosed || flow.activeAt <= idleSince) this.end(state, flow);
  }

  private stateOf(service: Service): RelayState {
    const state = this.states.get(service);
    if (state?.plan === service.plan) return state;
    const mode = relayModeOf(this.context, service);
    if (state !== undefined) return Object.assign(state, mode);
    const fresh: RelayState = { service, flows: new FlowTable(), isIdleWatched: false, ...mode };
    this.states.set(service, fresh);
    return fresh;
  }
}
