import { Facts as Asked, type Decision, type Effect } from '../access/index.js';
import { type Address, parseAddress } from '../address/address.js';
import type { ExecutionPlan } from '../config/plan.js';
import type { Facts } from '../gate/facts.js';
import { type Admission, count, type Refusal } from '../gate/gate.js';
import type { Identification } from '../ident/identify.js';
import type { AcceptedRecord } from '../os/loop.js';
import { close } from '../os/socket.js';
import { hangUp, send } from '../os/stream.js';
import { type PreparedProgram, prepareProgram } from '../process/launch.js';
import type { PeerFacts } from '../report/event.js';
import type { Answer } from './answer.js';
import { drain } from './banner.js';
import { shellProgram } from './commands.js';
import type { Doorkeeper } from './doorkeeper.js';
import { type Client, Effects } from './effects.js';
import type { MuxedService } from './muxed.js';
import { OwnEnd } from './own-end.js';
import { OwnSession } from './own-session.js';
import { refuse, tellOfAdmission } from './refuse.js';
import type { Runtime } from './runtime.js';
import { ServerSession } from './server-session.js';
import type { Service } from './service.js';
import { SessionLimits } from './session-limits.js';
import { sourceText } from './source-text.js';
import { tellUser } from './user-id.js';
import { WaitingRoom } from './waiting-room.js';

/** Refused clients for whom something is still done, a banner above all; the next are just refused. */
const MOST_LEAVING = 512;

/** Clients that are sent something before they are decided about; the next are decided about at once. */
const MOST_ARRIVING = 512;

/** A client at its own socket. */
export type Caller = Client & {
  /** Until when it may wait, milliseconds since the epoch; set when it first does. */
  readonly deadline?: number;
  readonly socket: number;
  /** null where it came to the service's own socket. */
  readonly mux: Mux | null;
};

/** What tcpmux has to do with a connection that it has handed on. */
interface Mux {
  /** What the client is told before its server begins. */
  readonly greeting: Uint8Array;
  readonly over: () => void;
}

/** RFC 1078: + and whatever, or - and the reason. */
const GO = Buffer.from('+Go\r\n');
const REFUSED = Buffer.from('-Service refused\r\n');
const NOTHING = Buffer.from('');

/** What happens to one accepted connection: gate, then a server or the end. */
export class Connections {
  private leaving = 0;
  private arriving = 0;

  constructor(
    private readonly runtime: Runtime,
    private readonly doorkeeper: Doorkeeper,
  ) {}

  /**
   * Decides about a connection that was just accepted.
   *
   * @param record Valid only during the call.
   * @returns false when the connection is refused and the caller shall close it.
   */
  accepted(service: Service, record: AcceptedRecord): boolean {
    const { fd: socket, port } = record;
    const address = addressOf(record);
    const source = address === null ? '' : sourceText(address, record.scope);
    const peer = { address: address === null ? null : source, port };
    if (service.proxies === null || address === null || !service.proxies.has(address))
      return this.take(service, socket, address, peer, null);
    this.inBackground(this.introduced(service, socket, address, peer));
    return true;
  }

  /** The proxy says for whom it comes; it is that client who is decided about. */
  private async introduced(service: Service, socket: number, proxy: Address, peer: PeerFacts): Promise<void> {
    let taken = false;
    try {
      const found = await this.runtime.proxyHeaders.read(socket);
      if (service.state === 'stopped') return;
      if (found.kind === 'wrong') refuse(this.runtime, service, peer, { kind: 'refuse', reason: 'proxy', ruling: null });
      else if (found.kind === 'itself') taken = this.take(service, socket, proxy, peer, null);
      else {
        const { address, port } = found.announced;
        taken = this.take(service, socket, address, { address: sourceText(address, 0), port }, null);
      }
    } finally {
      if (!taken) close(socket);
    }
  }

  /**
   * Decides about a connection that tcpmux hands on, and sees to its end.
   *
   * @param over Called when it is refused, or its session has ended.
   */
  handedOn(service: MuxedService, socket: number, peer: PeerFacts, over: () => void): void {
    const address = peer.address === null ? null : parseAddress(peer.address.replace(/%.*/, ''));
    const mux = { greeting: service.isAcknowledged ? GO : NOTHING, over };
    // A socket would be closed for as long.
    const isPaused = service.state !== 'watching';
    if (isPaused) refuse(this.runtime, service, peer, { kind: 'refuse', reason: 'cps', ruling: null });
    if (isPaused || !this.take(service, socket, address, peer, mux)) dismiss(socket, mux);
  }

  private take(service: Service, socket: number, address: Address | null, peer: PeerFacts, mux: Mux | null): boolean {
    const server = new OwnEnd(socket);
    const source = peer.address ?? '';
    const daemon = service.plan.gate.wrappers ?? service.plan.name;
    const asked = new Asked({ daemon, client: { address: source, port: peer.port }, server, pid: process.pid });
    const facts: Facts = { address, source, now: this.runtime.now(), asked };
    const caller = { service, facts, peer, socket, mux };
    const banner = service.plan.banners === null ? null : service.plan.banners.first;
    if (banner === null || this.arriving >= MOST_ARRIVING) return this.decide(caller);
    this.inBackground(this.decideLater(caller, banner));
    return true;
  }

  private decide(caller: Caller): boolean {
    const verdict = this.doorkeeper.ask(caller.service, caller.facts, caller.peer);
    if (!(verdict instanceof Promise)) return this.settle(caller, verdict);
    this.inBackground(this.settleLater(caller, verdict));
    return true;
  }

  /** Everybody is sent the banner, as with xinetd, whatever is decided then; others are decided about meanwhile. */
  private async decideLater(caller: Caller, banner: string): Promise<void> {
    this.arriving++;
    let taken = false;
    try {
      await this.runtime.banners.send(banner, caller.socket);
      const now = this.runtime.now();
      taken = caller.service.state !== 'stopped' && this.decide({ ...caller, facts: { ...caller.facts, now } });
    } finally {
      this.arriving--;
      if (!taken) dismiss(caller.socket, caller.mux);
    }
  }

  /** Only this connection has waited. */
  private async settleLater(caller: Caller, waiting: Promise<Admission | Refusal>): Promise<void> {
    const verdict = await waiting;
    if (verdict.kind === 'refuse' && verdict.reason === 'ident') await this.tellNobody(caller);
    const now = this.runtime.now();
    if (!this.settle({ ...caller, facts: { ...caller.facts, now } }, verdict)) dismiss(caller.socket, caller.mux);
  }

  private settle(caller: Caller, verdict: Admission | Refusal): boolean {
    const { service, facts, peer } = caller;
    if (verdict.kind === 'refuse' && service.plan.gate.queue !== null && this.wait(caller, verdict)) return true;
    count(service.gate, facts, service.tally, verdict);
    if (verdict.kind === 'refuse') return this.refuse(caller, verdict);
    const { ruling } = verdict;
    const isOwn = service.answer !== null && (ruling === null || ruling.twist === null);
    const place = verdict.shadowed === undefined ? 'counted' : 'beside';
    const session = isOwn
      ? new OwnSession(this.runtime, service, peer, facts.source, place)
      : new ServerSession(this.runtime, service, peer, facts.source, undefined, place);
    if (caller.mux !== null) session.after = caller.mux.over;
    if (service.plan.gate.session !== null) (service.sessionLimits ??= new SessionLimits(this.runtime, service)).watch();
    this.askUser(caller, session);
    if (ruling === null && (service.plan.banners === null || service.plan.banners.success === null))
      serve(caller, session, service.program);
    else this.inBackground(this.admitOrClose(caller, session, ruling));
    return true;
  }

  /** @returns Whether it waits until it can be let in. */
  private wait(caller: Caller, refusal: Refusal): boolean {
    const { service } = caller;
    // What came through tcpmux has an answer to get at once.
    if (caller.mux !== null || service.state === 'stopped') return false;
    service.room ??= new WaitingRoom(this.runtime, service, {
      ask: (one) => this.doorkeeper.ask(service, one.facts, one.peer),
      settle: (one, verdict) => {
        if (verdict instanceof Promise) this.inBackground(this.settleLater(one, verdict));
        else if (!this.settle(one, verdict)) close(one.socket);
      },
    });
    return service.room.enter(caller, refusal);
  }

  private refuse(caller: Caller, verdict: Refusal): boolean {
    const { plan } = caller.service;
    const banner = plan.banners === null ? null : plan.banners.fail;
    const effects = verdict.ruling === null ? [] : verdict.ruling.effects;
    const asks = plan.log.onFailure.has('USERID') && verdict.reason !== 'ident';
    refuse(this.runtime, caller.service, caller.peer, verdict);
    if ((effects.length === 0 && banner === null && !asks) || this.leaving >= MOST_LEAVING) return false;
    this.inBackground(this.turnAway(caller, effects, banner, asks ? this.runtime.lookUps.userOf(caller.facts.asked.request) : null));
    return true;
  }

  /** The connection stays until the client's host has told whose it is: of one that is gone it knows nothing. */
  private async turnAway(
    caller: Caller,
    effects: readonly Effect[],
    banner: string | null,
    user: Promise<Identification> | null,
  ): Promise<void> {
    const { socket, service, peer } = caller;
    this.leaving++;
    try {
      if (effects.length > 0) await new Effects(this.runtime, caller, 'to-refuse').carryOut(effects);
      if (banner !== null) await this.runtime.banners.send(banner, socket);
      if (user !== null) tellUser(this.runtime, service, peer, 'refused', await user);
      if (banner !== null || effects.some(({ kind }) => kind === 'banner')) drain(socket);
    } finally {
      this.leaving--;
      dismiss(socket, caller.mux);
    }
  }

  private async tellNobody({ service, peer, facts }: Caller): Promise<void> {
    const found = await this.runtime.lookUps.userIfAsked(facts.asked.request);
    tellUser(this.runtime, service, peer, 'refused-without', found ?? { kind: 'unidentified', reason: 'system error' });
  }

  /** For the log alone: nobody waits for it. */
  private askUser({ service, peer, facts }: Caller, session: ServerSession | OwnSession): void {
    if (!service.plan.log.onSuccess.has('USERID')) return;
    const asking = this.runtime.lookUps.userOf(facts.asked.request);
    const tell = (found: Identification) => session.afterStart(() => tellUser(this.runtime, service, peer, { session: session.id }, found));
    if (asking !== null) this.inBackground(asking.then(tell));
  }

  private async admitOrClose(caller: Caller, session: ServerSession | OwnSession, ruling: Decision | null): Promise<void> {
    try {
      await this.admit(caller, session, ruling);
    } catch (error) {
      if (!session.launched && !session.gone) {
        session.cancel();
        close(caller.socket);
      }
      throw error;
    }
  }

  /** The session has its place already while the rules' wishes are seen to. */
  private async admit(caller: Caller, session: ServerSession | OwnSession, ruling: Decision | null): Promise<void> {
    const { service, socket, peer } = caller;
    const { banners, program: planned } = service.plan;
    const twist = ruling === null ? null : ruling.twist;
    const program = ruling === null ? planned : await new Effects(this.runtime, caller, 'to-admit').carryOut(ruling.effects);
    if (program !== null && banners !== null && banners.success !== null && twist === null)
      await this.runtime.banners.send(banners.success, socket);
    if (program === null || service.state === 'stopped') {
      session.cancel();
      if (ruling !== null) refuse(this.runtime, service, peer, { kind: 'refuse', reason: 'wrappers', ruling });
      close(socket);
      return;
    }
    if (ruling !== null) tellOfAdmission(this.runtime, caller, ruling);
    try {
      serve(caller, session, this.programFor(service, program, twist));
    } catch (error) {
      session.cancel();
      close(socket);
      throw error;
    }
  }

  /** What runs as the rules want it; null where superd itself answers. */
  private programFor({ plan, program }: Service, wanted: ExecutionPlan, twist: string | null): PreparedProgram | null {
    if (twist !== null) return prepareProgram(shellProgram(wanted, twist), this.runtime.inheritance);
    if (program === null || wanted === plan.program) return program;
    return prepareProgram({ ...program.plan, ...wanted }, this.runtime.inheritance);
  }

  private inBackground(work: Promise<void>): void {
    work.catch(this.runtime.onError);
  }
}

/** The socket is the session's from now on. */
function serve({ service, socket, mux }: Caller, session: ServerSession | OwnSession, program: PreparedProgram | null): void {
  if (mux !== null && mux.greeting.length > 0) send(socket, mux.greeting);
  if (session instanceof ServerSession) session.launch(program as PreparedProgram, socket, 'give');
  else (service.answer as Answer).serve(session, socket);
}

/** Closes a connection that is refused; behind tcpmux the client is told. */
function dismiss(socket: number, mux: Mux | null): void {
  if (mux === null) {
    close(socket);
    return;
  }
  hangUp(socket, REFUSED);
  mux.over();
}

function addressOf({ family, w0, w1, w2, w3 }: AcceptedRecord): Address | null {
  return family === 4 || family === 6 ? { w0, w1, w2, w3 } : null;
}
