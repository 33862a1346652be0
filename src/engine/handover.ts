import { parseAddress } from '../address/address.js';
import type { Facts } from '../gate/facts.js';
import { count, decide } from '../gate/gate.js';
import { dropConnection, dropDatagram, peekSender } from '../os/socket.js';
import { launch } from '../process/launch.js';
import type { PeerFacts } from '../report/event.js';
import { connectionEnvironment, refuse } from './connection.js';
import type { Runtime } from './runtime.js';
import type { Service } from './service.js';
import { Session } from './session.js';

/**
 * What happens when a `wait = yes` service has work: its socket goes to one server, and is looked at again when that one ends.
 * Of a datagram the sender is known (it is looked at, not taken); of a listener nobody is.
 */
export class Handover {
  constructor(private readonly runtime: Runtime) {}

  readable(service: Service): void {
    const peer = senderOf(service);
    if (peer === null) {
      service.hear();
      return;
    }
    const facts: Facts = {
      address: peer.address === null ? null : parseAddress(peer.address.replace(/%.*/, '')),
      source: peer.address ?? '',
      now: this.runtime.now(),
      name: undefined,
    };
    const verdict = decide(service.gate, facts, service.tally);
    if (verdict === 'name') {
      void this.lookUp(service, facts, peer);
      return;
    }
    this.settle(service, facts, peer, verdict);
  }

  private settle(service: Service, facts: Facts, peer: PeerFacts, verdict: Exclude<ReturnType<typeof decide>, 'name'>): void {
    count(service.gate, facts, service.tally, verdict);
    if (verdict === 'admit') this.lend(service, peer, facts.source);
    else {
      dropFirst(service);
      refuse(this.runtime, service, peer, verdict);
      if (service.state === 'watching') service.hear();
    }
  }

  private lend(service: Service, peer: PeerFacts, source: string): void {
    service.state = 'lent';
    const session = new Session(this.runtime, service, peer, source, (outcome) => {
      if (service.state !== 'lent') return;
      if (outcome === 'ended') service.hear();
      else service.rest();
    });
    launch(service.program, service.socket, 'lend', connectionEnvironment(peer), this.runtime.reaper, session);
  }

  /** The service waits as a whole: its queue has no second in line that could be served first. */
  private async lookUp(service: Service, facts: Facts, peer: PeerFacts): Promise<void> {
    const socket = service.socket;
    const name = facts.address === null ? null : await this.runtime.confirmedName(facts.address);
    if (service.socket !== socket || service.state !== 'watching') return;
    const known: Facts = { ...facts, now: this.runtime.now(), name };
    const verdict = decide(service.gate, known, service.tally);
    this.settle(service, known, peer, verdict === 'name' ? 'address' : verdict);
  }
}

/** null when what made the socket readable is gone again (a datagram with a bad checksum, another reader). */
function senderOf({ plan, socket }: Service): PeerFacts | null {
  if (plan.endpoint.type !== 'dgram') return { address: null, port: 0 };
  const sender = peekSender(socket);
  if (sender === null) return null;
  return sender.family === 'unix' ? { address: null, port: 0 } : { address: sender.address, port: sender.port };
}

/** A refused request must not stay first in the queue, or it would be asked about for ever. */
function dropFirst({ plan, socket }: Service): void {
  if (plan.endpoint.type === 'dgram') dropDatagram(socket);
  else dropConnection(socket);
}
