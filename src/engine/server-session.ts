import { describeErrno } from '../errors.js';
import type { SpawnStep } from '../os/binding.js';
import { duplicate } from '../os/descriptor.js';
import { close } from '../os/socket.js';
import { launch, type PreparedProgram } from '../process/launch.js';
import type { ProcessWatcher } from '../process/reaper.js';
import { type StopSignal, signalGroup } from '../process/stop.js';
import type { ExitStatus, PeerFacts, ResourceUsage } from '../report/event.js';
import { connectionEnvironment } from './connection-environment.js';
import type { Runtime } from './runtime.js';
import type { Service } from './service.js';
import { Session } from './session.js';

/** How a socket goes to its server: a connection is its own, the socket of a `wait = yes` service is ours as well. */
export type Handing = 'give' | 'lend';

/** A session with a process of its own. */
export class ServerSession extends Session implements ProcessWatcher {
  pid = 0;
  launched = false;
  private program: PreparedProgram | null = null;

  constructor(
    runtime: Runtime,
    service: Service,
    peer: PeerFacts,
    source: string,
    /** Called once, when the server is gone or could not be started. */
    private readonly done: (outcome: 'ended' | 'failed') => void = () => {},
  ) {
    super(runtime, service, peer, source);
  }

  launch(program: PreparedProgram, socket: number, handing: Handing): void {
    this.program = program;
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

  tell(signal: StopSignal): boolean {
    if (this.pid === 0) return false;
    signalGroup(this.pid, signal);
    return true;
  }

  started(pid: number): void {
    this.pid = pid;
    this.tellStart();
  }

  failed(step: SpawnStep, errno: number): void {
    const [code, text] = describeErrno(errno);
    const { path, directory } = (this.program as PreparedProgram).plan;
    const subject = step === 'execve' ? ` ${path}` : step === 'chdir' ? ` ${directory}` : '';
    const problem = step === 'timeout' ? `${path} had not started after 2 s and was killed` : `${step}${subject}: ${text} (${code})`;
    this.release();
    this.service.failed++;
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
    this.tellEnd(exit, usage);
    this.done('ended');
  }
}
