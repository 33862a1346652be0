import { monotonicMs } from '../clock.js';
import type { RedirectPlan } from '../config/plan.js';
import { describeErrno } from '../errors.js';
import type { Relayed } from '../os/loop.js';
import { lookUp } from '../os/names.js';
import { close, socketName } from '../os/socket.js';
import { makeProxyHeader } from '../relay/make-proxy-header.js';
import type { Relay } from '../relay/relays.js';
import { type Place, Targets, type Way } from '../relay/targets.js';
import type { Notice } from '../report/event.js';
import type { Answer } from './answer.js';
import { drain } from './banner.js';
import type { OwnSession } from './own-session.js';
import type { Runtime } from './runtime.js';

const LOOK_UP_DEADLINE_MS = 5000;

/** Passes admitted connections on. */
export class Redirect implements Answer {
  private readonly targets: Targets;

  constructor(
    private readonly runtime: Runtime,
    private readonly plan: RedirectPlan,
  ) {
    const { targets, connectTimeout, idleTimeout, endpoint, program } = plan;
    const manner = {
      connectTimeout,
      idleTimeout: idleTimeout === Infinity ? 0 : idleTimeout,
      keepalive: endpoint.keepalive,
      mark: 0,
      credentials: isOurselves(program.credentials) ? null : program.credentials,
    };
    const unusable = (place: Place, errno: number) => this.failed(place, errno);
    this.targets = new Targets({ targets, manner, lookUp: addressesOf, unusable, clock: () => monotonicMs() });
  }

  serve(session: OwnSession, socket: number): void {
    const way = this.targets.current();
    if (way === null) {
      this.serveLater(session, socket).catch(this.runtime.onError);
      return;
    }
    const relay = this.relay(session, socket, way);
    if (relay === null) return;
    session.begin(
      () => relay.end(),
      () => relay.traffic,
    );
  }

  /** None of the names had an address: this client waits for another look-up. */
  private async serveLater(session: OwnSession, socket: number): Promise<void> {
    let relay: Relay | null = null;
    const leave = () => {
      if (session.gone) return;
      drain(socket);
      close(socket);
      session.end();
    };
    session.begin(
      () => (relay === null ? leave() : relay.end()),
      () => relay?.traffic ?? null,
    );
    await this.targets.learn();
    if (session.gone) return;
    const way = this.targets.current();
    if (way !== null) relay = this.relay(session, socket, way);
    else {
      this.tell('error', 'no target has an address');
      leave();
    }
  }

  /** null when the machine could not: the session is over then. */
  private relay(session: OwnSession, socket: number, { route, places }: Way): Relay | null {
    try {
      return this.runtime.relays.start(route, socket, this.introduction(session, socket), {
        failed: (target, errno) => this.failed(places[target] as Place, errno),
        ended: (relayed) => {
          this.ended(places, relayed);
          session.end({ fromClient: relayed.fromClient, fromTarget: relayed.fromTarget });
        },
      });
    } catch (error) {
      close(socket);
      if (session.launched) session.end();
      else session.cancel();
      this.runtime.onError(error);
      return null;
    }
  }

  /** What the target is told first. */
  private introduction({ peer: client }: OwnSession, socket: number): Uint8Array | null {
    const version = this.plan.proxyProtocol;
    if (version === null) return null;
    const { family, address, port } = socketName(socket);
    return makeProxyHeader(version, { client, server: { address: family === 'unix' ? null : address, port } });
  }

  private failed(place: Place, errno: number): void {
    if (!this.targets.failed(place)) return;
    const [code, text] = describeErrno(errno);
    this.tell('error', `cannot connect to ${place.description}: ${text} (${code})`);
  }

  private ended(places: readonly Place[], { end, target }: Relayed): void {
    if (end === 'unreachable') return;
    const place = places[target] as Place;
    if (this.targets.worked(place)) this.tell('notice', `${place.description} takes connections again`);
  }

  private tell(level: Notice['level'], message: string): void {
    this.runtime.emit({ type: 'notice', at: this.runtime.now(), level, message: `${this.plan.id}: ${message}` });
  }
}

function isOurselves({ uid, gid }: RedirectPlan['program']['credentials']): boolean {
  return uid === process.geteuid?.() && gid === process.getegid?.() && process.geteuid() !== 0;
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const [answer] = await lookUp([['addresses', host]], LOOK_UP_DEADLINE_MS);
  const found = answer?.kind === 'addresses' ? answer.addresses : [];
  return [...found.filter((one) => !one.includes(':')), ...found.filter((one) => one.includes(':'))];
}
