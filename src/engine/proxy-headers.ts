import { BUSY, peek, receive } from '../os/stream.js';
import { type Announced, LONGEST_HEADER, parseProxyHeader } from '../relay/parse-proxy-header.js';
import type { Runtime } from './runtime.js';

/** A proxy sends its header with the first segment. */
const DEADLINE_MS = 3000;

/** Connections that may be without their header at once. */
const MOST_WAITING = 1024;

/** What a proxy said first. */
export type Introduction =
  | { readonly kind: 'client'; readonly announced: Announced }
  /** It speaks for itself (health checks), or does not know for whom. */
  | { readonly kind: 'itself' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Hears the PROXY header of connections, and nothing of what comes behind it. */
export class ProxyHeaders {
  private waiting = 0;
  private readonly room = Buffer.allocUnsafeSlow(LONGEST_HEADER);

  constructor(private readonly runtime: () => Pick<Runtime, 'loop' | 'readers' | 'nextToken'>) {}

  /** Never rejects; the socket stays open. */
  async read(socket: number): Promise<Introduction> {
    if (this.waiting >= MOST_WAITING) return { kind: 'wrong', problem: `${MOST_WAITING} others have not sent theirs yet` };
    this.waiting++;
    const { loop, readers, nextToken } = this.runtime();
    let timer: NodeJS.Timeout | null = null;
    const token = nextToken();
    try {
      return await new Promise<Introduction>((resolve) => {
        let held: Buffer = Buffer.alloc(0);
        timer = setTimeout(() => resolve({ kind: 'wrong', problem: `none within ${DEADLINE_MS / 1000} s` }), DEADLINE_MS).unref();
        const look = () => {
          const found = this.take(socket, held);
          if (!Buffer.isBuffer(found)) resolve(found);
          else {
            held = found;
            loop.watchReadable(socket, token);
          }
        };
        readers.set(token, look);
        look();
      });
    } catch (error) {
      return { kind: 'wrong', problem: (error as Error).message };
    } finally {
      if (timer !== null) clearTimeout(timer);
      readers.delete(token);
      loop.unwatch(socket);
      this.waiting--;
    }
  }

  /** Takes no byte that is not the header's. */
  private take(socket: number, held: Buffer): Introduction | Buffer {
    const { room } = this;
    const got = peek(socket, room);
    if (got === BUSY) return held;
    if (got <= 0) return { kind: 'wrong', problem: 'it ended before' };
    const bytes = Buffer.concat([held, room.subarray(0, got)]);
    const parsed = parseProxyHeader(bytes);
    if (parsed.kind === 'wrong') return parsed;
    const length = parsed.kind === 'partial' ? bytes.length : parsed.length;
    receive(socket, room.subarray(0, length - held.length));
    if (parsed.kind === 'partial') return bytes;
    return parsed.announced === null ? { kind: 'itself' } : { kind: 'client', announced: parsed.announced };
  }
}
