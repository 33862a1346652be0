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
import { ownName, type Passage } from './flow.js';
import { Passages } from './flow-table.js';
import { DatagramDoor, type DatagramGateContext, type DatagramHost } from './gate.js';
import { DatagramPorts } from './ports.js';
import { mannerOf, type Stage } from './relay-mode.js';

/** The first interface of every network namespace: what comes by it was sent on this machine. */
const LOOPBACK = 1;

/** Of send(2), about the machine or the datagram and not about the target: EAGAIN, EMSGSIZE, ENOBUFS. */
const NOT_THE_TARGETS: ReadonlySet<number> = new Set([11, 90, 105]);

/** Between two looks for passages that have been idle too long. */
const SOONEST_LOOK_MS = 20;
const LATEST_LOOK_MS = 1000;

export interface RelayContext extends DatagramGateContext, SessionContext, WatchContext {
  readonly descriptors: Descriptors;
  services(): readonly Service[];
}

/** Services whose datagrams are passed on, to other servers or to their own: a session for each sender, whose first datagram passes the gate for all that follow. */
export class Passing implements DatagramHost {
  private readonly burst = new Burst();
  private readonly door: DatagramDoor;
  private readonly ports: DatagramPorts;
  private readonly stages = new WeakMap<Service, Stage>();
  /** Names of all sockets towards targets. */
  private readonly ownNames = new Set<string>();
  /** Whose the datagrams of the burst under way are; null are nobody's. */
  private going: (Passage | null)[] = [];

  constructor(
    private readonly context: RelayContext,
    doorkeeper: GateAsker,
  ) {
    this.door = new DatagramDoor(context, doorkeeper, this);
    this.ports = new DatagramPorts(context.services);
  }

  readable(service: Service): void {
    if (service.socket === -1) return;
    try {
      this.takeBurst(this.stageOf(service));
      service.listener.watchAgain();
    } catch (error) {
      this.context.onError(error);
      service.listener.handle('error');
    }
  }

  mayReflect(service: Service, { port, toMany, interface: by, w0, w1, w2, w3 }: DatagramView): boolean {
    if (this.stageOf(service).mayReflect(port, toMany)) return true;
    return (by === LOOPBACK && this.ports.all().has(port)) || this.ownNames.has(ownName({ w0, w1, w2, w3 }, port));
  }

  admitted(client: Client, burst: Burst, index: number, verdict: Admission): void {
    const stage = this.stageOf(client.service);
    const passage = this.begin(stage, client, burst, index, verdict);
    if (passage === null) return;
    const { buffer, length } = burst.at(index);
    passage.keep(buffer.subarray(0, length));
    this.passOn(stage, passage, index, length);
  }

  /** Others of the same sender may have been faster. */
  admittedLate(client: Client, datagram: KeptDatagram, verdict: Admission): void {
    const { service } = client;
    if (service.socket === -1 || !service.relaysDatagrams) return;
    const stage = this.stageOf(service);
    this.going = [null];
    const { flowKey, length } = this.burst.restore(datagram);
    const known = stage.passages.find(flowKey);
    if (known === undefined) this.admitted(client, this.burst, 0, verdict);
    else this.passOn(stage, known, 0, length);
    this.flush(stage);
  }

  /** The socket stays open for those who are known. */
  beforeRefusal(): void {}

  private takeBurst(stage: Stage): void {
    const { service } = stage;
    const received = this.burst.receive(service.socket);
    this.going = new Array(received).fill(null);
    for (let i = 0; i < received; i++) {
      const known = this.knownSender(stage, i);
      const { length } = this.burst.at(i);
      if (known !== undefined) this.passOn(stage, known, i, length);
      else if (service.state === 'listening') this.door.take(service, this.burst, i);
    }
    this.flush(stage);
  }

  private knownSender(stage: Stage, index: number): Passage | undefined {
    const { passages } = stage;
    const { flowKey } = this.burst.at(index);
    const known = passages.find(flowKey);
    if (known === undefined || !known.beginsAnew(this.burst.at(index))) return known;
    // Others before it go by the socket that is given up, and may find that all is over.
    this.flush(stage);
    return passages.find(flowKey);
  }

  private passOn({ passages }: Stage, passage: Passage, index: number, length: number): void {
    passage.movedAt = monotonicMs();
    passage.sent++;
    passage.fromClient += length;
    if (passage.answered) passages.prove(passage);
    const by = passage.take(this.burst.at(index));
    if (by === -1) return;
    this.burst.forwardTo(index, by);
    this.going[index] = passage;
  }

  /** Sends what is on its way, to the next targets where the first are not there. */
  private flush(stage: Stage): void {
    while (this.going.some((passage) => passage !== null)) {
      this.burst.forward();
      const sent = this.going;
      this.going = sent.map(() => null);
      for (const [index, passage] of sent.entries()) {
        if (passage === null) continue;
        const errno = this.burst.failure(index);
        this.burst.forwardTo(index, -1);
        if (errno !== 0 && !NOT_THE_TARGETS.has(errno)) this.again(stage, passage, index, errno);
      }
    }
  }

  private again(stage: Stage, passage: Passage, index: number, errno: number): void {
    if (passage.socket === -1 || !this.moveOn(stage, passage, errno)) return;
    // Its only one is the one that it kept, and that is sent again by then.
    if (passage.isKept && passage.sent === 1) return;
    this.burst.forwardTo(index, passage.socket);
    this.going[index] = passage;
  }

  /** null when there is no way, no room, or no descriptor. */
  private begin(stage: Stage, client: Client, burst: Burst, index: number, verdict: Admission): Passage | null {
    const { service, passages, heading } = stage;
    if (passages.full && !this.makeRoom(stage, client)) return null;
    const place = verdict.shadowed === undefined ? 'counted' : 'uncounted';
    const session = new InternalSession(this.context, service, client.peer, client.facts.source, place);
    const passage = new stage.Passage(this.context, heading, session, burst.at(index).flowKey, burst.wordsOf(index), (one) =>
      this.answers(stage, one),
    );
    if (!passage.connect()) {
      passage.cancel();
      if (heading.current() === null) this.learn(heading);
      return null;
    }
    this.ownNames.add(passage.ownName);
    passages.add(passage);
    session.begin(
      () => this.end(stage, passage),
      () => ({ fromClient: passage.fromClient, fromTarget: passage.fromTarget }),
    );
    service.limitSessions();
    if (this.context.descriptors.shortAt(passage.socket)) this.makeRoom(stage, client);
    this.watchTime(stage);
    return passage.socket === -1 ? null : passage;
  }

  /** Of two that are in the way of each other the older goes. */
  private makeRoom(stage: Stage, client: Client): boolean {
    const { oldest } = stage.passages;
    if (oldest === undefined) {
      this.door.refuse(client, { kind: 'refuse', reason: 'service_limit', ruling: null });
      return false;
    }
    // Its datagrams may be among those that are about to be sent.
    this.flush(stage);
    this.end(stage, oldest);
    return true;
  }

  private learn(heading: Upstream): void {
    const learnt = heading.resolve().then(() => {
      if (heading.current() === null) heading.reportNoAddress();
    });
    learnt.catch(this.context.onError);
  }

  private answers(stage: Stage, passage: Passage): void {
    if (passage.socket === -1) return;
    if (!passage.hasHeard()) {
      passage.hear();
      return;
    }
    const { words } = passage;
    const count = this.burst.sendBack(passage.socket, stage.service.socket, words);
    if (count < 0) {
      this.moveOn(stage, passage, -count);
      return;
    }
    if (count > 0) {
      passage.movedAt = monotonicMs();
      passage.fromTarget += words[0] as number;
      passage.hasAnswer();
    }
    passage.hear();
  }

  private moveOn(stage: Stage, passage: Passage, errno: number): boolean {
    this.ownNames.delete(passage.ownName);
    if (!passage.moveOn(errno)) {
      this.end(stage, passage);
      return false;
    }
    this.ownNames.add(passage.ownName);
    return true;
  }

  private end({ passages }: Stage, passage: Passage): void {
    passages.delete(passage);
    this.ownNames.delete(passage.ownName);
    passage.end();
  }

  private watchTime(stage: Stage): void {
    if (stage.isTimed) return;
    stage.isTimed = true;
    const soon = Math.min(LATEST_LOOK_MS, Math.max(SOONEST_LOOK_MS, stage.idleTimeout / 4));
    setTimeout(() => {
      stage.isTimed = false;
      this.endIdle(stage);
      if (stage.passages.size > 0) this.watchTime(stage);
    }, soon).unref();
  }

  /** And those whose answers have no way back, when the service is closed. */
  private endIdle(stage: Stage): void {
    const { service, passages, idleTimeout } = stage;
    const isClosed = service.state === 'stopped';
    const before = monotonicMs() - idleTimeout;
    for (const passage of passages.all()) if (isClosed || passage.movedAt <= before) this.end(stage, passage);
  }

  private stageOf(service: Service): Stage {
    const stage = this.stages.get(service);
    if (stage?.plan === service.plan) return stage;
    const manner = mannerOf(this.context, service);
    if (stage !== undefined) return Object.assign(stage, manner);
    const fresh: Stage = { service, passages: new Passages(), isTimed: false, ...manner };
    this.stages.set(service, fresh);
    return fresh;
  }
}
