import { Facts as Asked, type Decision } from '../access/index.js';
import { type Address, formatAddress } from '../address/address.js';
import type { DatagramAnswer } from '../builtins/table.js';
import type { DatagramBuiltin, InternalPlan } from '../config/plan.js';
import type { Facts } from '../gate/facts.js';
import { type Admission, count, type Refusal } from '../gate/gate.js';
import { isReflector } from '../gate/reflector.js';
import { Burst, type DatagramView, type KeptDatagram } from '../os/burst.js';
import type { PeerFacts } from '../report/event.js';
import type { Doorkeeper } from './doorkeeper.js';
import { type Client, Effects } from './effects.js';
import { OwnEnd } from './own-end.js';
import { refuse, tellOfAdmission } from './refuse.js';
import type { Runtime } from './runtime.js';
import type { Service } from './service.js';
import { sourceText } from './source-text.js';

/** Datagrams kept while something about their senders is looked up, or done: 64 KiB each at most. The next are refused. */
const MOST_KEPT = 64;

/** A sender that is refused again and again for one reason is told of once in so long, as xinetd does. */
const REPEAT_MS = 60_000;

const REFLECTION: Refusal = { kind: 'refuse', reason: 'reflector', ruling: null };

/** What came last and was refused. */
interface LastRefusal {
  readonly peer: PeerFacts;
  readonly reason: string;
  readonly at: number;
}

/**
 * The datagrams of services that superd answers itself: all that wait, in bursts, each through the gate. Nothing is started, and nobody
 * is answered who would answer in turn.
 */
export class Datagrams {
  /** Made when the first datagram comes. */
  private burst: Burst | null = null;
  private kept = 0;
  private readonly lastRefusals = new WeakMap<Service, LastRefusal>();
  private ownPorts: { readonly of: Iterable<Service>; readonly ports: ReadonlySet<number> } = { of: [], ports: new Set() };

  constructor(
    private readonly runtime: Runtime,
    private readonly doorkeeper: Doorkeeper,
  ) {}

  readable(service: Service): void {
    try {
      this.takeBurst(service);
    } catch (error) {
      this.runtime.onError(error);
      if (service.state === 'watching') service.rest();
    }
  }

  private takeBurst(service: Service): void {
    const { socket } = service;
    const burst = (this.burst ??= new Burst());
    const received = burst.receive(socket);
    this.runtime.metrics.datagrams += received;
    for (let i = 0; i < received && service.state === 'watching'; i++) this.take(service, burst, i);
    if (service.state !== 'watching') return;
    burst.send(socket);
    service.hear();
  }

  private take(service: Service, burst: Burst, index: number): void {
    const datagram = burst.at(index);
    const client = this.clientOf(service, datagram);
    const verdict = this.mayReflect(service, datagram) ? REFLECTION : this.doorkeeper.ask(service, client.facts, client.peer);
    if (verdict instanceof Promise) {
      this.keep(client, burst, index, (datagram) => this.settle(client, datagram, verdict));
      return;
    }
    this.count(client, verdict);
    if (verdict.kind === 'refuse') {
      // The door may be closed for it (cps): whoever came before has his answer.
      burst.send(service.socket);
      this.refuse(client, verdict);
    } else if (verdict.ruling !== null) {
      const { ruling } = verdict;
      this.keep(client, burst, index, (datagram) => this.admit(client, datagram, ruling));
    } else {
      const length = this.answer(client, datagram);
      if (length >= 0) burst.answer(index, length);
    }
  }

  private mayReflect(service: Service, { port, toMany }: DatagramView): boolean {
    return planOf(service).builtin !== 'discard' && (toMany || isReflector(port, this.portsOfOurs()));
  }

  /** The ports on which superd answers datagrams; looked up again when there are other services. */
  private portsOfOurs(): ReadonlySet<number> {
    const services = this.runtime.services();
    if (this.ownPorts.of !== services) {
      const ports = [...services].filter(({ plan }) => plan.activation === 'internal' && plan.wait).map(({ plan }) => plan.endpoint.port);
      this.ownPorts = { of: services, ports: new Set(ports) };
    }
    return this.ownPorts.ports;
  }

  /** Nobody can be asked for the user of a datagram. */
  private clientOf(service: Service, datagram: DatagramView): Client {
    const { plan, socket } = service;
    const { w0, w1, w2, w3, port } = datagram;
    const address: Address = { w0, w1, w2, w3 };
    const source = sourceText(address, datagram.scope);
    const daemon = plan.gate.wrappers ?? plan.name;
    const asked = new Asked({
      daemon,
      client: { address: formatAddress(address), port },
      server: new OwnEnd(socket),
      user: '',
      pid: process.pid,
    });
    const facts: Facts = { address, source, now: this.runtime.now(), asked };
    return { service, facts, peer: { address: source, port }, socket: null };
  }

  private count({ service, facts }: Client, verdict: Admission | Refusal): void {
    if (verdict !== REFLECTION) count(service.gate, facts, service.tally, verdict);
  }

  /** @returns The length of the answer, which stands in the datagram's room then; −1 for none. */
  private answer({ service, peer }: Client, { room, length }: DatagramView): number {
    const now = this.runtime.now();
    service.started++;
    this.runtime.emit({ type: 'session-answered', at: now, service: service.subject, session: this.runtime.nextSession(), peer });
    const answer: DatagramAnswer = this.runtime.builtins.datagrams[planOf(service).builtin];
    return answer(room, length, now);
  }

  private refuse(client: Client, verdict: Refusal): void {
    const { service, peer } = client;
    if (verdict.ruling !== null) void new Effects(this.runtime, client, 'to-refuse').carryOut(verdict.ruling.effects);
    if (verdict.reason === 'cps' || !this.isRepeated(service, peer, verdict.reason)) refuse(this.runtime, service, peer, verdict);
  }

  private isRepeated(service: Service, peer: PeerFacts, reason: string): boolean {
    const at = this.runtime.now();
    const last = this.lastRefusals.get(service);
    const isSame = last !== undefined && last.peer.address === peer.address && last.peer.port === peer.port && last.reason === reason;
    if (isSame && at >= last.at && at - last.at < REPEAT_MS) return true;
    this.lastRefusals.set(service, { peer, reason, at });
    return false;
  }

  /** Only this datagram waits for what is to be looked up or done. */
  private keep(client: Client, burst: Burst, index: number, work: (datagram: KeptDatagram) => Promise<void>): void {
    if (this.kept >= MOST_KEPT) {
      const reason = client.service.plan.gate.wrappers === null ? 'address' : 'wrappers';
      this.refuse(client, { kind: 'refuse', reason, ruling: null });
      return;
    }
    this.kept++;
    work(burst.keep(index))
      .finally(() => this.kept--)
      .catch(this.runtime.onError);
  }

  private async settle(client: Client, datagram: KeptDatagram, waiting: Promise<Admission | Refusal>): Promise<void> {
    const verdict = await waiting;
    const later = { ...client, facts: { ...client.facts, now: this.runtime.now() } };
    this.count(later, verdict);
    if (verdict.kind === 'refuse') this.refuse(later, verdict);
    else if (verdict.ruling !== null) await this.admit(later, datagram, verdict.ruling);
    else this.answerLater(later, datagram);
  }

  /** As the rules want it; a command in superd's place would have nobody to talk to. */
  private async admit(client: Client, datagram: KeptDatagram, ruling: Decision): Promise<void> {
    const problem = 'twist: a datagram has no connection for a command to answer on';
    if (ruling.twist !== null) {
      this.refuse(client, { kind: 'refuse', reason: 'wrappers', ruling: { ...ruling, problem, effects: [] } });
      return;
    }
    const program = await new Effects(this.runtime, client, 'to-admit').carryOut(ruling.effects);
    if (program === null) {
      this.refuse(client, { kind: 'refuse', reason: 'wrappers', ruling: { ...ruling, effects: [] } });
      return;
    }
    tellOfAdmission(this.runtime, client, ruling);
    this.answerLater(client, datagram);
  }

  private answerLater(client: Client, datagram: KeptDatagram): void {
    const { service } = client;
    if (service.state !== 'watching' || service.plan.activation !== 'internal') return;
    const burst = this.burst as Burst;
    const length = this.answer(client, burst.restore(datagram));
    if (length >= 0) burst.answer(0, length);
    burst.send(service.socket);
  }
}

function planOf({ plan }: Service): InternalPlan & { readonly builtin: DatagramBuiltin } {
  return plan as InternalPlan & { readonly builtin: DatagramBuiltin };
}
