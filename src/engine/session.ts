import { describeErrno } from '../errors.js';
import type { Program, SpawnStep } from '../os/binding.js';
import { duplicate } from '../os/descriptor.js';
import { close } from '../os/socket.js';
import { launch } from '../process/launch.js';
import type { Stoppable } from '../process/stop.js';
import type { ExitStatus, PeerFacts, ResourceUsage } from '../report/event.js';
import { connectionEnvironment } from './connection-environment.js';
import type { Runtime } from './runtime.js';
import type { Service } from './service.js';

/** How a socket goes to its server: a connection is its own, the socket of a `wait = yes` service is ours as well. */
export type Handing = 'give' | 'lend';

/** One admitted connection (or one burst of a `wait = yes` service) and the server that was started for it. */
export class Session implements Stoppable {
  readonly id: number;
  pid = 0;
  gone = false;
  /** Whether its server has been started, or is on its way. */
  launched = false;
  readonly startedAt: number;

  constructor(
    private readonly runtime: Runtime,
    private readonly service: Service,
    readonly peer: PeerFacts,
    readonly source: string,
    /** Called once, when the server is gone or could not be started. */
    private readonly done: (outcome: 'ended' | 'failed') => void = () => {},
  ) {
    this.id = runtime.nextSession();
    this.startedAt = runtime.now();
    service.sessions.add(this);
    runtime.sessions.add(this);
    service.tally.admit(source);
  }

  launch(program: Program, socket: number, handing: Handing): void {
    let connection = -1;
    let errors = -1;
    try {
      // Lent is a copy: the service may close its own, and another take the number, before the start has come to its turn.
      connection = handing === 'give' ? socket : duplicate(socket);
      errors = this.service.errorDescriptor(connection);
      launch(program, connection, errors, connectionEnvironment(this.peer), this.runtime.reaper, this);
      this.launched = true;
    } catch (error) {
      for (const fd of new Set([connection, errors])) if (fd !== -1) close(fd);
      this.failed('fds', Math.abs((error as NodeJS.ErrnoException).errno ?? 0));
    }
  }

  started(pid: number): void {
    this.pid = pid;
    const { id: session, peer, startedAt: at } = this;
    this.runtime.emit({ type: 'session-started', at, service: this.service.subject, session, peer, pid });
  }

  failed(step: SpawnStep, errno: number): void {
    const [code, text] = describeErrno(errno);
    const { path, directory } = this.service.plan.program;
    const subject = step === 'execve' ? ` ${path}` : step === 'chdir' ? ` ${directory}` : '';
    const problem = step === 'timeout' ? `${path} had not started after 2 s and was killed` : `${step}${subject}: ${text} (${code})`;
    this.release();
    this.runtime.emit({
      type: 'session-failed',
      at: this.runtime.now(),
      service: this.service.subject,
      session: this.id,
      peer: this.peer,
      step,
      errno,
      problem,
    });
    this.done('failed');
  }

  ended(exit: ExitStatus, usage: ResourceUsage): void {
    this.release();
    const { id: session, peer, pid, startedAt } = this;
    this.runtime.emit({
      type: 'session-ended',
      at: this.runtime.now(),
      service: this.service.subject,
      session,
      peer,
      pid,
      startedAt,
      exit,
      usage,
    });
    this.done('ended');
  }

  /** Gives its place up again before anything was started. */
  cancel(): void {
    this.release();
  }

  private release(): void {
    this.gone = true;
    this.service.sessions.delete(this);
    this.runtime.sessions.delete(this);
    this.service.tally.release(this.source);
  }
}
