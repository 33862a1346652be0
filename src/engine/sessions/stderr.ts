import { openSync } from 'node:fs';
import type { ServicePlan } from '../../config/plan.js';
import type { Subject } from '../../report/event.js';
import type { OutputContext } from '../context.js';
import { StderrPipe } from './stderr-pipe.js';

/** Where the servers of a service write their standard error (`stderr`): to the client, to the log, or nowhere. */
export class Stderr {
  private pipe: StderrPipe | null = null;
  private lastPipe: StderrPipe | null = null;

  constructor(
    private readonly context: OutputContext,
    private readonly service: { readonly plan: ServicePlan; readonly subject: Subject },
  ) {}

  /**
   * The standard error of the next server.
   *
   * @param connection What the server gets as its descriptors 0 and 1.
   * @returns A descriptor that the server owns.
   */
  descriptor(connection: number): number {
    switch (this.service.plan.program.stderr) {
      case 'client':
        return connection;
      case 'null':
        return openSync('/dev/null', 'r+');
      case 'log':
        if (this.pipe?.isUsable !== true) this.pipe = this.openPipe();
        return this.pipe.descriptor();
    }
  }

  /** Later servers get another pipe. */
  retire(): void {
    this.pipe?.retire();
    this.lastPipe = this.pipe;
    this.pipe = null;
  }

  private openPipe(): StderrPipe {
    const { id } = this.service.plan;
    const broken = ({ message }: Error) =>
      this.context.notice(
        'error',
        `${id}: a server has made the pipe of its standard error unreadable; later servers get another: ${message}`,
      );
    return new StderrPipe(this.context, (text) => this.emitLine(text), broken);
  }

  /** Reads what servers that have ended wrote last. */
  drain(): void {
    this.lastPipe?.drain();
  }

  private emitLine(text: string): void {
    this.context.emit({ type: 'server-said', at: this.context.now(), service: this.service.subject, stream: 'stderr', text });
  }
}
