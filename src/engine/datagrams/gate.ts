import { RequestFacts as Asked, type Decision } from '../../access/index.js';
import { type Address, formatAddress } from '../../address/address.js';
import type { ConnectionFacts } from '../../gate/facts.js';
import { count } from '../../gate/gate.js';
import type { Admission, Refusal } from '../../gate/verdict.js';
import { inBackground } from '../../guarded.js';
import type { Burst, DatagramView, KeptDatagram } from '../../os/burst.js';
import type { PeerFacts } from '../../report/event.js';
import type { GateAsker } from '../connections/ask-gate.js';
import type { Client } from '../connections/client.js';
import { LocalAddress } from '../connections/local-address.js';
import { reportAdmission, reportRefusal, type VerdictContext } from '../connections/report-verdict.js';
import { type EffectContext, RuleEffects } from '../connections/rule-effects.js';
import { sourceText } from '../connections/source-text.js';
import type { Service } from '../services/service.js';

/** Datagrams kept during look-ups and commands of rules, up to 64 KiB each. superd refuses the next. */
const MAX_KEPT = 64;

/** As xinetd, superd reports a sender that it refuses repeatedly for the same reason once in this time. */
const REPEAT_MS = 60_000;

const REFLECTION: Refusal = { kind: 'refuse', reason: 'reflector', ruling: null };

/** The last datagram that a service refused. */
interface LastRefusal {
  readonly peer: PeerFacts;
  readonly reason: string;
  readonly at: number;
}

/** What a kind of datagram service does on each verdict. */
export interface DatagramHandler {
  /** Whether the sender would answer the answer: superd could be made to talk to it, or to itself, endlessly. */
  mayReflect(service: Service, datagram: DatagramView): boolean;
  /** The gate admits a datagram of the current burst. */
  admitted(client: Client, burst: Burst, index: number, verdict: Admission): void;
  /** The gate admits a datagram that had to wait; no burst is in use. */
  admittedLate(client: Client, datagram: KeptDatagram, verdict: Admission): void;
  /** The refusal may pause the listener (`cps`): answers to earlier datagrams have to be sent first. */
  beforeRefusal(service: Service, burst: Burst): void;
}

export interface DatagramGateContext extends VerdictContext, EffectContext {}

/** Asks the gate about single datagrams. */
export class DatagramGate {
  private kept = 0;
  private readonly lastRefusals = new WeakMap<Service, LastRefusal>();

  constructor(
    private readonly context: DatagramGateContext,
    private readonly asker: GateAsker,
    private readonly handler: DatagramHandler,
  ) {}

  ask(service: Service, burst: Burst, index: number): void {
    const datagram = burst.at(index);
    const client = this.clientOf(service, datagram);
    const verdict = this.handler.mayReflect(service, datagram) ? REFLECTION : this.asker.ask(service, client.facts, client.peer);
    if (verdict instanceof Promise) {
      this.keep(client, burst, index, (datagram) => this.settle(client, datagram, verdict));
      return;
    }
    this.count(client, verdict);
    if (verdict.kind === 'refuse') {
      this.handler.beforeRefusal(service, burst);
      this.refuse(client, verdict);
    } else if (verdict.ruling !== null) {
      const { ruling } = verdict;
      this.keep(client, burst, index, (datagram) => this.admit(client, datagram, verdict, ruling));
    } else this.handler.admitted(client, burst, index, verdict);
  }

  /** Reports a refused datagram, and applies the effects of the rule that refused it. */
  refuse(client: Client, verdict: Refusal): void {
    const { service, peer } = client;
    if (verdict.ruling !== null) inBackground(new RuleEffects(this.context, client, 'to-refuse').apply(verdict.ruling.effects));
    if (verdict.reason === 'cps' || !this.isRepeated(service, peer, verdict.reason)) reportRefusal(this.context, service, peer, verdict);
  }

  /** A datagram has no user: the ident protocol (RFC 1413) knows only connections. */
  private clientOf(service: Service, datagram: DatagramView): Client {
    const { plan, socket } = service;
    const { w0, w1, w2, w3, port } = datagram;
    const address: Address = { w0, w1, w2, w3 };
    const source = sourceText(address, datagram.scope);
    const daemon = plan.gate.wrappers ?? plan.name;
    const asked = new Asked({
      daemon,
      client: { address: formatAddress(address), port },
      server: new LocalAddress(socket),
      user: '',
      pid: process.pid,
    });
    const facts: ConnectionFacts = { address, source, now: this.context.now(), asked };
    return { service, facts, peer: { address: source, port }, socket: null };
  }

  private count({ service, facts }: Client, verdict: Admission | Refusal): void {
    if (verdict !== REFLECTION) count(service.gate, facts, service.tally, verdict);
  }

  private isRepeated(service: Service, peer: PeerFacts, reason: string): boolean {
    const at = this.context.now();
    const last = this.lastRefusals.get(service);
    const isSame = last !== undefined && last.peer.address === peer.address && last.peer.port === peer.port && last.reason === reason;
    if (isSame && at >= last.at && at - last.at < REPEAT_MS) return true;
    this.lastRefusals.set(service, { peer, reason, at });
    return false;
  }

  /** Lets only this datagram wait for a look-up or a command. */
  private keep(client: Client, burst: Burst, index: number, work: (datagram: KeptDatagram) => Promise<void>): void {
    if (this.kept >= MAX_KEPT) {
      const reason = client.service.plan.gate.wrappers === null ? 'address' : 'wrappers';
      this.refuse(client, { kind: 'refuse', reason, ruling: null });
      return;
    }
    this.kept++;
    work(burst.keep(index))
      .finally(() => this.kept--)
      .catch(this.context.onError);
  }

  private async settle(client: Client, datagram: KeptDatagram, waiting: Promise<Admission | Refusal>): Promise<void> {
    const verdict = await waiting;
    const later = { ...client, facts: { ...client.facts, now: this.context.now() } };
    this.count(later, verdict);
    if (verdict.kind === 'refuse') this.refuse(later, verdict);
    else if (verdict.ruling !== null) await this.admit(later, datagram, verdict, verdict.ruling);
    else this.handler.admittedLate(later, datagram, verdict);
  }

  /** Applies the effects of the rule. A `twist` refuses: its command would have no connection to answer on. */
  private async admit(client: Client, datagram: KeptDatagram, verdict: Admission, ruling: Decision): Promise<void> {
    const problem = 'twist: a datagram has no connection for a command to answer on';
    if (ruling.twist !== null) {
      this.refuse(client, { kind: 'refuse', reason: 'wrappers', ruling: { ...ruling, problem, effects: [] } });
      return;
    }
    const program = await new RuleEffects(this.context, client, 'to-admit').apply(ruling.effects);
    if (program === null) {
      this.refuse(client, { kind: 'refuse', reason: 'wrappers', ruling: { ...ruling, effects: [] } });
      return;
    }
    reportAdmission(this.context, client, ruling);
    this.handler.admittedLate(client, datagram, verdict);
  }
}
