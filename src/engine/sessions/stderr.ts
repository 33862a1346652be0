import { openSync } from 'node:fs';
import type { ServicePlan } from '../../config/plan.js';
import type { Subject } from '../../report/event.js';
import type { ReportContext, WatchContext } from '../context.js';
import { ErrorText } from './stderr-pipe.js';

/** Where the error text of a service's servers goes: to the client, into the log, or nowhere (`stderr`). */
export class ErrorOutput {
  private text: ErrorText | null = null;
  private last: ErrorText | null = null;

  constructor(
    private readonly context: ReportContext & WatchContext,
    private readonly service: { readonly plan: ServicePlan; readonly subject: Subject },
  ) {}

  /**
   * For the next server.
   *
   * @param connection What the server gets as its descriptors 0 and 1.
   * @returns A descriptor to be given away with it.
   */
  descriptor(connection: number): number {
    switch (this.service.plan.program.stderr) {
      case 'client':
        return connection;
      case 'null':
        return openSync('/dev/null', 'r+');
      case 'log':
        this.text ??= new ErrorText(this.context, (text) => this.said(text));
        return this.text.descriptor();
    }
  }

  /** For servers that come later it is another. */
  retire(): void {
    this.text?.retire();
    this.last = this.text;
    this.text = null;
  }

  /** Takes in the last words of servers that are gone. */
  drain(): void {
    this.last?.drain();
  }

  private said(text: string): void {
    this.context.emit({ type: 'server-said', at: this.context.now(), service: this.service.subject, stream: 'stderr', text });
  }
}
