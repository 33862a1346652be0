import type { Builtins, DatagramAnswer } from '../../builtins/table.js';
import type { DatagramBuiltin, InternalPlan } from '../../config/plan.js';
import { isReflector } from '../../gate/reflector.js';
import { Burst, type DatagramView, type KeptDatagram } from '../../os/burst.js';
import type { Metrics } from '../../report/metrics/metrics.js';
import type { GateAsker } from '../connections/ask-gate.js';
import type { Client } from '../connections/client.js';
import type { Service } from '../services/service.js';
import { DatagramGate, type DatagramGateContext, type DatagramHandler } from './gate.js';
import { DatagramPorts } from './ports.js';

export interface DatagramContext extends DatagramGateContext {
  readonly builtins: Builtins;
  readonly metrics: Metrics;
  readonly nextSession: () => number;
  services(): readonly Service[];
}

/** Answers the datagrams of built-in services, in bursts, each admitted by the gate. superd starts no process, and never answers a sender that would answer it. */
export class InternalDatagrams implements DatagramHandler {
  /** Created with the first datagram. */
  private burst: Burst | null = null;
  private readonly gate: DatagramGate;
  private readonly ports: DatagramPorts;

  constructor(
    private readonly context: DatagramContext,
    asker: GateAsker,
  ) {
    this.gate = new DatagramGate(context, asker, this);
    this.ports = new DatagramPorts(context.services);
  }

  readable(service: Service): void {
    try {
      this.takeBurst(service);
    } catch (error) {
      this.context.onError(error);
      service.listener.handle('error');
    }
  }

  private takeBurst(service: Service): void {
    const { socket } = service;
    const burst = (this.burst ??= new Burst());
    const received = burst.receive(socket);
    this.context.metrics.datagrams += received;
    for (let i = 0; i < received && service.state === 'listening'; i++) this.gate.ask(service, burst, i);
    if (service.state !== 'listening') return;
    burst.send(socket);
    service.listener.watchAgain();
  }

  mayReflect(service: Service, { port, toMany }: DatagramView): boolean {
    return planOf(service).builtin !== 'discard' && (toMany || isReflector(port, this.ports.all()));
  }

  admitted(client: Client, burst: Burst, index: number): void {
    const length = this.answer(client, burst.at(index));
    if (length >= 0) burst.answer(index, length);
  }

  admittedLate(client: Client, datagram: KeptDatagram): void {
    const { service } = client;
    if (service.state !== 'listening' || service.plan.activation !== 'internal') return;
    const burst = this.burst as Burst;
    const length = this.answer(client, burst.restore(datagram));
    if (length >= 0) burst.answer(0, length);
    burst.send(service.socket);
  }

  beforeRefusal({ socket }: Service, burst: Burst): void {
    burst.send(socket);
  }

  /** @returns The length of the answer, which is then in the buffer of the datagram; −1 for no answer. */
  private answer({ service, peer }: Client, { buffer, length }: DatagramView): number {
    const now = this.context.now();
    service.started++;
    this.context.emit({ type: 'session-answered', at: now, service: service.subject, session: this.context.nextSession(), peer });
    const answer: DatagramAnswer = this.context.builtins.datagrams[planOf(service).builtin];
    return answer(buffer, length, now);
  }
}

function planOf({ plan }: Service): InternalPlan & { readonly builtin: DatagramBuiltin } {
  return plan as InternalPlan & { readonly builtin: DatagramBuiltin };
}
