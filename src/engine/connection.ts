import { type Address, formatAddress } from '../address/address.js';
import type { Facts } from '../gate/facts.js';
import { count, decide, type Verdict } from '../gate/gate.js';
import type { AcceptedRecord } from '../os/loop.js';
import { close } from '../os/socket.js';
import { launch } from '../process/launch.js';
import type { PeerFacts, RefusalReason } from '../report/event.js';
import { interfaceName } from './interface-name.js';
import type { Runtime } from './runtime.js';
import type { Service } from './service.js';
import { Session } from './session.js';

/** Connections that may wait for a name to be looked up at once; the next are refused, so that a slow DNS costs no more descriptors. */
const MOST_WAITING = 512;

const LINK_LOCAL = 0xfe800000;

/** What happens to one accepted connection: gate, then a server or the end. */
export class Connections {
  private waiting = 0;

  constructor(private readonly runtime: Runtime) {}

  /**
   * Decides about a connection that was just accepted.
   *
   * @param record Valid only during the call.
   * @returns false when the connection is refused and the caller shall close it.
   */
  accepted(service: Service, record: AcceptedRecord): boolean {
    const address = addressOf(record);
    const source = address === null ? '' : sourceText(address, record.scope);
    const peer = { address: address === null ? null : source, port: record.port };
    const facts: Facts = { address, source, now: this.runtime.now(), name: undefined };
    const verdict = decide(service.gate, facts, service.tally);
    if (verdict === 'name') return this.lookUp(service, record.fd, facts, peer);
    return this.settle(service, record.fd, facts, peer, verdict);
  }

  private settle(service: Service, fd: number, facts: Facts, peer: PeerFacts, verdict: Exclude<Verdict, 'name'>): boolean {
    count(service.gate, facts, service.tally, verdict);
    if (verdict === 'admit') {
      const session = new Session(this.runtime, service, peer, facts.source);
      launch(service.program, fd, 'give', connectionEnvironment(peer), this.runtime.reaper, session);
      return true;
    }
    refuse(this.runtime, service, peer, verdict);
    return false;
  }

  /** The rules hang on the client's name: only this connection waits for it. */
  private lookUp(service: Service, fd: number, facts: Facts, peer: PeerFacts): boolean {
    if (this.waiting >= MOST_WAITING) return this.settle(service, fd, facts, peer, 'address');
    this.waiting++;
    void this.runtime.confirmedName(facts.address as Address).then((name) => {
      this.waiting--;
      const known: Facts = { ...facts, now: this.runtime.now(), name };
      const verdict = decide(service.gate, known, service.tally);
      if (service.state === 'stopped' || verdict === 'name' || !this.settle(service, fd, known, peer, verdict)) close(fd);
    });
    return true;
  }
}

/** Tells everybody, and closes the door when it is the rate that was exceeded. */
export function refuse(runtime: Runtime, service: Service, peer: PeerFacts, reason: RefusalReason): void {
  runtime.emit({ type: 'session-refused', at: runtime.now(), service: service.subject, peer, reason });
  if (reason === 'cps') service.pause(service.plan.gate.cps?.waitSeconds ?? 0);
}

/** REMOTE_HOST as xinetd sets it, and REMOTE_PORT beside it; a peer without an address sets neither. */
export function connectionEnvironment({ address, port }: PeerFacts): string[] {
  return address === null ? [] : [`REMOTE_HOST=${address}`, `REMOTE_PORT=${port}`];
}

function addressOf({ family, w0, w1, w2, w3 }: AcceptedRecord): Address | null {
  return family === 4 || family === 6 ? { w0, w1, w2, w3 } : null;
}

/** A link-local address means nothing without its interface. */
function sourceText(address: Address, scope: number): string {
  const text = formatAddress(address);
  return scope !== 0 && (address.w0 & 0xffc00000) >>> 0 === LINK_LOCAL ? `${text}%${interfaceName(scope)}` : text;
}
