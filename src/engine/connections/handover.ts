import { RequestFacts as Asked, type Decision } from '../../access/index.js';
import { parseAddress } from '../../address/address.js';
import type { ConnectionFacts } from '../../gate/facts.js';
import { count } from '../../gate/gate.js';
import type { Admission, Refusal } from '../../gate/verdict.js';
import { inBackground } from '../../guarded.js';
import { dropConnection, dropDatagram, peekSender } from '../../os/socket.js';
import { type PreparedProgram, prepareProgram } from '../../process/launch.js';
import type { PeerFacts } from '../../report/event.js';
import type { Service } from '../services/service.js';
import { type ServerContext, type ServerEnd, ServerSession } from '../sessions/server-session.js';
import type { Session } from '../sessions/session.js';
import type { GateAsker } from './ask-gate.js';
import type { Client } from './client.js';
import { LocalAddress } from './local-address.js';
import { reportAdmission, reportRefusal, type VerdictContext } from './report-verdict.js';
import { type EffectContext, RuleEffects } from './rule-effects.js';

export interface HandoverContext extends VerdictContext, EffectContext, ServerContext {}

/**
 * Starts the server of a `wait = yes` service when its socket is readable. The server has the socket until it ends. superd knows the sender of a waiting
 * datagram, which it peeks at; it does not know the client that waits at a listener.
 */
export class Handover {
  constructor(
    private readonly context: HandoverContext,
    private readonly asker: GateAsker,
  ) {}

  readable(service: Service): void {
    try {
      this.handleRequest(service);
    } catch (error) {
      this.recover(service, error);
    }
  }

  private handleRequest(service: Service): void {
    const peer = senderOf(service);
    if (peer === null) {
      service.listener.watchAgain();
      return;
    }
    const client = { service, facts: this.factsOf(service, peer), peer, socket: null };
    const verdict = this.asker.ask(service, client.facts, peer);
    if (verdict instanceof Promise) this.inBackground(service, this.settleLater(client, verdict));
    else this.settle(client, verdict);
  }

  private inBackground(service: Service, work: Promise<void>): void {
    work.catch((error: unknown) => this.recover(service, error));
  }

  /** The kernel reports a readable socket once: after an error superd has to watch it again. */
  private recover(service: Service, error: unknown): void {
    this.context.onError(error);
    service.listener.handle('error');
  }

  /** A datagram has no user: the ident protocol (RFC 1413) knows only connections. */
  private factsOf({ plan, socket }: Service, { address, port }: PeerFacts): ConnectionFacts {
    const daemon = plan.gate.wrappers ?? plan.name;
    const asked = new Asked({
      daemon,
      client: { address: address ?? '', port },
      server: new LocalAddress(socket),
      user: '',
      pid: process.pid,
    });
    const numeric = address === null ? null : parseAddress(address.replace(/%.*/, ''));
    return { address: numeric, source: address ?? '', now: this.context.now(), asked };
  }

  /** The whole service waits: superd cannot take a later request from the socket first. */
  private async settleLater(client: Client, waiting: Promise<Admission | Refusal>): Promise<void> {
    const { socket } = client.service;
    const verdict = await waiting;
    const now = this.context.now();
    if (isStillPending(client.service, socket)) this.settle({ ...client, facts: { ...client.facts, now } }, verdict);
  }

  private settle(client: Client, verdict: Admission | Refusal): void {
    const { service, facts } = client;
    count(service.gate, facts, service.tally, verdict);
    if (verdict.kind === 'refuse') this.refuse(client, verdict);
    else if (verdict.shadowed !== undefined) this.startServer(client, service.program as PreparedProgram, 'uncounted');
    else if (verdict.ruling === null) this.startServer(client, service.program as PreparedProgram, 'counted');
    else this.inBackground(service, this.admit(client, verdict.ruling));
  }

  private refuse(client: Client, verdict: Refusal): void {
    const { service, peer } = client;
    if (verdict.ruling !== null) inBackground(new RuleEffects(this.context, client, 'to-refuse').apply(verdict.ruling.effects));
    dropFirst(service);
    reportRefusal(this.context, service, peer, verdict);
    service.listener.watchAgain();
  }

  /** Applies the effects of the rule. A `twist` refuses: its command would have no client, and leave the request in the socket. */
  private async admit(client: Client, ruling: Decision): Promise<void> {
    const { service } = client;
    const { socket } = service;
    const problem = 'twist: the service has no connection of its own for a client (wait = yes)';
    if (ruling.twist !== null) {
      this.refuse(client, { kind: 'refuse', reason: 'wrappers', ruling: { ...ruling, problem, effects: [] } });
      return;
    }
    const program = await new RuleEffects(this.context, client, 'to-admit').apply(ruling.effects);
    if (!isStillPending(service, socket)) return;
    if (program === null) {
      this.refuse(client, { kind: 'refuse', reason: 'wrappers', ruling: { ...ruling, effects: [] } });
      return;
    }
    reportAdmission(this.context, client, ruling);
    const prepared = service.program as PreparedProgram;
    const changed = { ...prepared.plan, ...program };
    this.startServer(client, program === prepared.plan ? prepared : prepareProgram(changed, this.context.inheritance), 'counted');
  }

  private startServer({ service, peer, facts }: Client, program: PreparedProgram, counting: Session['counting']): void {
    service.listener.handle('hand-over');
    const { socket } = service;
    const onGone = (end: ServerEnd) => {
      const isOurs = service.socket === socket && service.state === 'handed-over';
      service.listener.serverGone(isOurs ? service.untaken.serverEnded(socket, end) : 0);
    };
    const session = new ServerSession(this.context, service, peer, facts.source, onGone, counting);
    session.launch(program, socket, 'copy');
  }
}

/** Whether the request still waits at this socket for a decision. */
function isStillPending(service: Service, socket: number): boolean {
  return service.socket === socket && service.state === 'listening';
}

/** The sender of the first request; null when the request is gone (a bad checksum, another reader). */
function senderOf({ plan, socket }: Service): PeerFacts | null {
  if (plan.endpoint.type !== 'dgram') return { address: null, port: 0 };
  const sender = peekSender(socket);
  if (sender === null) return null;
  return sender.family === 'unix' ? { address: null, port: 0 } : { address: sender.address, port: sender.port };
}

/** Removes a refused request from the socket: superd would decide about it again, forever. */
function dropFirst({ plan, socket }: Service): void {
  const { type } = plan.endpoint;
  if (type === 'stream' || type === 'seqpacket') dropConnection(socket);
  else dropDatagram(socket);
}
