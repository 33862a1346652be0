import { FairQueue } from '../../gate/fair-queue.js';
import { runLater } from '../../guarded.js';
import { BUSY, peek, receive } from '../../os/stream.js';
import { type Announced, LONGEST_HEADER, parseProxyHeader } from '../../relay/parse-proxy-header.js';
import type { WatchContext } from '../context.js';

/** A proxy sends its header with the first segment. */
const DEADLINE_MS = 3000;

/** Connections of all services that superd waits for at once. When there are more, it closes one of the service that has most of them. */
const MAX_WAITING = 1024;

const CROWDED = `${MAX_WAITING} others have not sent theirs yet`;

/** What the header of a proxy says. */
export type ProxyIntroduction =
  | { readonly kind: 'client'; readonly announced: Announced }
  /** The proxy speaks for itself (health checks), or does not know its client. */
  | { readonly kind: 'itself' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads the PROXY header of connections, and not one byte more. */
export class ProxyHeaders {
  private readonly waiting = new FairQueue<(problem: string) => void>(MAX_WAITING);
  private readonly buffer = Buffer.allocUnsafeSlow(LONGEST_HEADER);

  constructor(private readonly context: WatchContext) {}

  /**
   * Never rejects; the socket stays open.
   *
   * @param service The service of the connection: each has a share of the places.
   */
  async read(socket: number, service: string): Promise<ProxyIntroduction> {
    let giveUp: (problem: string) => void = () => {};
    const place = (problem: string) => giveUp(problem);
    const evicted = this.waiting.add(service, place);
    if (evicted === place) return { kind: 'wrong', problem: CROWDED };
    evicted?.(CROWDED);
    const { loop, readers, nextToken } = this.context;
    let timer: NodeJS.Timeout | null = null;
    const token = nextToken();
    try {
      return await new Promise<ProxyIntroduction>((resolve) => {
        giveUp = (problem) => resolve({ kind: 'wrong', problem });
        let received: Buffer = Buffer.alloc(0);
        timer = runLater(() => giveUp(`none within ${DEADLINE_MS / 1000} s`), DEADLINE_MS).unref();
        const readMore = () => {
          const result = this.take(socket, received);
          if (!Buffer.isBuffer(result)) resolve(result);
          else {
            received = result;
            loop.watchReadable(socket, token);
          }
        };
        readers.set(token, readMore);
        readMore();
      });
    } catch (error) {
      return { kind: 'wrong', problem: (error as Error).message };
    } finally {
      if (timer !== null) clearTimeout(timer);
      readers.delete(token);
      loop.unwatch(socket);
      this.waiting.take(service, place, 'left');
    }
  }

  /** The header; or what of it has come so far. */
  private take(socket: number, received: Buffer): ProxyIntroduction | Buffer {
    const { buffer } = this;
    const got = peek(socket, buffer);
    if (got === BUSY) return received;
    if (got <= 0) return { kind: 'wrong', problem: 'the connection ended before it' };
    const bytes = Buffer.concat([received, buffer.subarray(0, got)]);
    const parsed = parseProxyHeader(bytes);
    if (parsed.kind === 'wrong') return parsed;
    const length = parsed.kind === 'partial' ? bytes.length : parsed.length;
    receive(socket, buffer.subarray(0, length - received.length));
    if (parsed.kind === 'partial') return bytes;
    return parsed.announced === null ? { kind: 'itself' } : { kind: 'client', announced: parsed.announced };
  }
}
