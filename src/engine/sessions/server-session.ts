import { describeErrno } from '../../errors.js';
import type { SpawnStep } from '../../os/binding.js';
import { duplicate } from '../../os/descriptor.js';
import { close } from '../../os/socket.js';
import { describeStartFailure, launchConnection, type PreparedProgram } from '../../process/launch.js';
import type { ProcessWatcher } from '../../process/reaper.js';
import { signalChildGroup } from '../../process/signal-group.js';
import type { ExitStatus, PeerFacts, ResourceUsage } from '../../report/event.js';
import type { SpawnContext } from '../context.js';
import { connectionEnvironment } from './connection-environment.js';
import { Session, type SessionContext, type SessionOwner } from './session.js';
import type { SpawnRetries } from './spawn-retries.js';

/** How a server gets its socket: `give` a connection; `copy` the socket of a `wait = yes` service, which superd keeps. */
export type SocketTransfer = 'give' | 'copy';

/** How a server ended; `failed`: it could not be started; `starved`: the machine had nothing to start it with. */
export type ServerEnd = ExitStatus | 'failed' | 'starved';

/** EAGAIN, ENOMEM, ENFILE, EMFILE: the machine may recover from them by itself. */
const SHORTAGES: ReadonlySet<number> = new Set([11, 12, 23, 24]);

export interface ServerContext extends SessionContext, SpawnContext {
  readonly retries: SpawnRetries;
}

/** A session that a process of its own serves. */
export class ServerSession extends Session implements ProcessWatcher {
  pid = 0;
  launched = false;
  /** How often superd has tried to start the server. */
  attempts = 0;
  private token = 0;
  private program: PreparedProgram | null = null;
  private connection = -1;
  private stderr = -1;

  constructor(
    protected override readonly context: ServerContext,
    service: SessionOwner,
    peer: PeerFacts,
    source: string,
    /** Called once: when the server has ended, or could not be started. */
    private readonly onGone: (end: ServerEnd) => void = () => {},
    counting: 'counted' | 'uncounted' = 'counted',
  ) {
    super(context, service, peer, source, counting);
  }

  launch(program: PreparedProgram, socket: number, transfer: SocketTransfer): void {
    this.program = program;
    try {
      // The service may close its socket, and another socket get the number, before the spawning thread comes to this start.
      this.connection = transfer === 'give' ? socket : duplicate(socket);
      this.stderr = this.service.stderr.descriptor(this.connection);
      this.start();
    } catch (error) {
      this.closeDescriptors();
      this.failed('fds', Math.abs((error as NodeJS.ErrnoException).errno ?? 0));
    }
  }

  /** Tries to start the server again, with the same descriptors. */
  retry(): void {
    try {
      this.start();
    } catch (error) {
      this.closeDescriptors();
      this.failed('fds', Math.abs((error as NodeJS.ErrnoException).errno ?? 0));
    }
  }

  /** Ends a session that waits for another attempt to start its server; false when it does not wait. */
  cancelRetry(): boolean {
    if (!this.context.retries.remove(this)) return false;
    this.closeDescriptors();
    this.fail('clone', 0, 'ended before there was a process for it');
    return true;
  }

  get isWaitingForRetry(): boolean {
    return this.context.retries.has(this);
  }

  private start(): void {
    this.attempts++;
    launchConnection(
      this.program as PreparedProgram,
      this.connection,
      this.stderr,
      connectionEnvironment(this.peer),
      this.lingerMs,
      this.context.reaper,
      this,
    );
    this.launched = true;
  }

  /** The socket of a `wait = yes` service is no connection. */
  private get lingerMs(): number {
    const { plan } = this.service;
    return plan.activation === 'request' && !plan.wait && plan.intercepts === null ? plan.lingerAnswer : 0;
  }

  private closeDescriptors(): void {
    for (const fd of new Set([this.connection, this.stderr])) if (fd !== -1) close(fd);
    this.connection = -1;
    this.stderr = -1;
  }

  signal(signal: NodeJS.Signals): boolean {
    if (this.pid === 0) return this.cancelRetry();
    signalChildGroup(this.pid, this.token, signal);
    return true;
  }

  started(pid: number, token: number): void {
    this.pid = pid;
    this.token = token;
    this.reportStart();
  }

  failed(step: SpawnStep, errno: number): void {
    if (step === 'clone') {
      this.launched = false;
      if (this.mayRetry() && this.context.retries.add(this)) {
        this.reportWaiting(errno);
        return;
      }
      this.closeDescriptors();
    }
    const problem = describeStartFailure(step, errno, (this.program as PreparedProgram).plan);
    this.fail(step, errno, this.attempts > 1 ? `${problem}, tried ${this.attempts} times` : problem);
  }

  private fail(step: SpawnStep, errno: number, problem: string): void {
    this.release();
    this.service.failed++;
    this.context.emit({
      type: 'session-failed',
      at: this.context.now(),
      service: this.subject,
      session: this.id,
      peer: this.peer,
      step,
      errno,
      problem,
    });
    this.onGone(SHORTAGES.has(errno) ? 'starved' : 'failed');
  }

  /** No retries with the flag NORETRY, nor when the service stops. */
  private mayRetry(): boolean {
    const { plan, state } = this.service;
    return state !== 'stopped' && (plan.activation !== 'request' || plan.retries);
  }

  /** One report for all that wait: clients come by the thousand. */
  private reportWaiting(errno: number): void {
    if (this.context.retries.size > 1 || this.attempts > 1) return;
    const [code, text] = describeErrno(errno);
    const message = `${this.service.plan.id}: fork failed: ${text} (${code}); retrying every 5 seconds`;
    this.context.notice('error', message);
  }

  ended(exit: ExitStatus, usage: ResourceUsage): void {
    this.release();
    this.reportEnd(exit, usage);
    this.onGone(exit);
  }
}
