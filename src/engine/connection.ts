import { Facts as Asked, type Decision } from '../access/index.js';
import type { Address } from '../address/address.js';
import type { ExecutionPlan } from '../config/plan.js';
import type { Facts } from '../gate/facts.js';
import { type Admission, count, type Refusal } from '../gate/gate.js';
import type { AcceptedRecord } from '../os/loop.js';
import { close } from '../os/socket.js';
import { type PreparedProgram, prepareProgram } from '../process/launch.js';
import type { Answer } from './answer.js';
import { drain } from './banner.js';
import { shellProgram } from './commands.js';
import type { Doorkeeper } from './doorkeeper.js';
import { type Client, Effects } from './effects.js';
import { OwnEnd } from './own-end.js';
import { OwnSession } from './own-session.js';
import { refuse, tellOfAdmission } from './refuse.js';
import type { Runtime } from './runtime.js';
import { ServerSession } from './server-session.js';
import type { Service } from './service.js';
import { sourceText } from './source-text.js';

/** Refused clients for whom something is still done, a banner above all; the next are just refused. */
const MOST_LEAVING = 512;

/** A client at its own socket. */
type Caller = Client & { readonly socket: number };

/** What happens to one accepted connection: gate, then a server or the end. */
export class Connections {
  private leaving = 0;

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
    const server = new OwnEnd(socket);
    const daemon = service.plan.gate.wrappers ?? service.plan.name;
    const asked = new Asked({ daemon, client: { address: source, port }, server, pid: process.pid });
    const facts: Facts = { address, source, now: this.runtime.now(), asked };
    const caller = { service, facts, peer, socket };
    const verdict = this.doorkeeper.ask(service, facts, peer);
    if (!(verdict instanceof Promise)) return this.settle(caller, verdict);
    this.inBackground(this.settleLater(caller, verdict));
    return true;
  }

  /** Only this connection has waited. */
  private async settleLater(caller: Caller, waiting: Promise<Admission | Refusal>): Promise<void> {
    const verdict = await waiting;
    const now = this.runtime.now();
    if (!this.settle({ ...caller, facts: { ...caller.facts, now } }, verdict)) close(caller.socket);
  }

  private settle(caller: Caller, verdict: Admission | Refusal): boolean {
    const { service, facts, peer } = caller;
    count(service.gate, facts, service.tally, verdict);
    if (verdict.kind === 'refuse') return this.refuse(caller, verdict);
    const { ruling } = verdict;
    const isOwn = service.answer !== null && (ruling === null || ruling.twist === null);
    const session = new (isOwn ? OwnSession : ServerSession)(this.runtime, service, peer, facts.source);
    if (ruling === null) serve(caller, session, service.program);
    else this.inBackground(this.admitOrClose(caller, session, ruling));
    return true;
  }

  private refuse(caller: Caller, verdict: Refusal): boolean {
    refuse(this.runtime, caller.service, caller.peer, verdict);
    if (verdict.ruling === null || verdict.ruling.effects.length === 0 || this.leaving >= MOST_LEAVING) return false;
    this.inBackground(this.turnAway(caller, verdict.ruling));
    return true;
  }

  private async turnAway(caller: Caller, { effects }: Decision): Promise<void> {
    this.leaving++;
    try {
      await new Effects(this.runtime, caller, 'to-refuse').carryOut(effects);
      if (effects.some(({ kind }) => kind === 'banner')) drain(caller.socket);
    } finally {
      this.leaving--;
      close(caller.socket);
    }
  }

  private async admitOrClose(caller: Caller, session: ServerSession | OwnSession, ruling: Decision): Promise<void> {
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
  private async admit(caller: Caller, session: ServerSession | OwnSession, ruling: Decision): Promise<void> {
    const { service, socket, peer } = caller;
    const program = await new Effects(this.runtime, caller, 'to-admit').carryOut(ruling.effects);
    if (program === null || service.state === 'stopped') {
      session.cancel();
      refuse(this.runtime, service, peer, { kind: 'refuse', reason: 'wrappers', ruling });
      close(socket);
      return;
    }
    tellOfAdmission(this.runtime, caller, ruling);
    try {
      serve(caller, session, this.programFor(service, program, ruling.twist));
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
function serve({ service, socket }: Caller, session: ServerSession | OwnSession, program: PreparedProgram | null): void {
  if (session instanceof ServerSession) session.launch(program as PreparedProgram, socket, 'give');
  else (service.answer as Answer).serve(session, socket);
}

function addressOf({ family, w0, w1, w2, w3 }: AcceptedRecord): Address | null {
  return family === 4 || family === 6 ? { w0, w1, w2, w3 } : null;
}
