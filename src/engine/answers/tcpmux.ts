import { ClientStream } from '../../builtins/client-stream.js';
import type { BuiltinContext } from '../../builtins/context.js';
import { readName, type TcpmuxRequest } from '../../builtins/tcpmux.js';
import { writePieces } from '../../builtins/write-pieces.js';
import { runLater } from '../../guarded.js';
import { hangUp } from '../../os/stream.js';
import type { ReportContext, WatchContext } from '../context.js';
import type { Answer } from '../services/answer.js';
import type { TcpmuxServices } from '../services/tcpmux-services.js';
import type { InternalSession } from '../sessions/internal-session.js';
import { readiness } from './readiness.js';

/** How long a client may take to send the name of a service. */
const DEADLINE_MS = 10_000;

/** Clients that have not sent a name yet. When one more comes, superd closes the one that has waited longest. */
const MAX_UNNAMED = 256;

const NOTHING = Buffer.from('');
const NOT_FOUND = Buffer.from('-Service name not found\r\n');
const TOO_LONG = Buffer.from('-Service name too long\r\n');

export interface TcpmuxContext extends ReportContext, WatchContext {
  readonly builtinContext: BuiltinContext;
  readonly tcpmux: TcpmuxServices;
}

/**
 * The service tcpmux, RFC 1078: reads the name of a service, and hands the connection to that service with all that follows the name.
 * The gate of that service decides as for any other connection. As in xinetd, the session of tcpmux lasts as long as that of the service.
 */
export class TcpmuxAnswer implements Answer {
  private readonly unnamed = new Set<ClientStream>();

  constructor(private readonly context: TcpmuxContext) {}

  serve(session: InternalSession, socket: number): void {
    this.converse(session, new ClientStream(socket, readiness(this.context))).catch(this.context.onError);
  }

  private async converse(session: InternalSession, stream: ClientStream): Promise<void> {
    let called: TcpmuxRequest = { kind: 'nothing' };
    try {
      session.begin(() => stream.close());
      called = await this.readName(stream);
      const service = called.kind === 'name' ? this.context.tcpmux.find(called.name) : undefined;
      if (service !== undefined && !isHelp(called)) {
        stream.close();
        session.handOver();
        this.context.tcpmux.handOn(service, stream.fd, session);
        return;
      }
      if (isHelp(called)) await writePieces(stream, this.names());
    } catch (error) {
      this.context.onError(error);
    }
    stream.close();
    hangUp(stream.fd, isHelp(called) ? NOTHING : called.kind === 'name' ? NOT_FOUND : called.kind === 'too-long' ? TOO_LONG : NOTHING);
    session.end();
  }

  private async readName(stream: ClientStream): Promise<TcpmuxRequest> {
    if (this.unnamed.size >= MAX_UNNAMED) this.closeOldest();
    this.unnamed.add(stream);
    const timer = runLater(() => stream.close(), DEADLINE_MS);
    try {
      return await readName(stream, this.context.builtinContext.buffer);
    } finally {
      clearTimeout(timer);
      this.unnamed.delete(stream);
    }
  }

  /** Takes it off the list at once: its conversation ends only in a later turn of the event loop. */
  private closeOldest(): void {
    const [oldest] = this.unnamed;
    if (oldest === undefined) return;
    this.unnamed.delete(oldest);
    oldest.close();
  }

  private *names(): Generator<string> {
    for (const { plan } of this.context.tcpmux.all) yield `${plan.name}\r\n`;
  }
}

const isHelp = (called: TcpmuxRequest) => called.kind === 'name' && called.name.toLowerCase() === 'help';
