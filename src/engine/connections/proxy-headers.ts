import { FairQueue } from '../../gate/fair-queue.js';
import { BUSY, peek, receive } from '../../os/stream.js';
import { type Announced, LONGEST_HEADER, parseProxyHeader } from '../../relay/parse-proxy-header.js';
import type { WatchContext } from '../context.js';

/** A proxy sends its header with the first segment. */
const DEADLINE_MS = 3000;

/** Connections of all services that may be without their header at once. When there are as many, the service that has most of them gives way to others. */
const MAX_WAITING = 1024;

const CROWDED = `${MAX_WAITING} others have not sent theirs yet`;

/** What a proxy said first. */
export type ProxyIntroduction =
  | { readonly kind: 'client'; readonly announced: Announced }
  /** It speaks for itself (health checks), or does not know for whom. */
  | { readonly kind: 'itself' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** Hears the PROXY header of connections, and nothing of what comes behind it. */
export class ProxyHeaders {
  private readonly waiting = new FairQueue<(problem: string) => void>(MAX_WAITING);
  private readonly room = Buffer.allocUnsafeSlow(LONGEST_HEADER);

  constructor(private readonly context: WatchContext) {}

  /**
   * Never rejects; the socket stays open.
   *
   * @param service Whose client it is: each has its share of the places.
   */
  async read(socket: number, service: string): Promise<ProxyIntroduction> {
    let giveUp: (problem: string) => void = () => {};
    const place = (problem: string) => giveUp(problem);
    const given = this.waiting.add(service, place);
    if (given === place) return { kind: 'wrong', problem: CROWDED };
    given?.(CROWDED);
    const { loop, readers, nextToken } = this.context;
    let timer: NodeJS.Timeout | null = null;
    const token = nextToken();
    try {
      return await new Promise<ProxyIntroduction>((resolve) => {
        giveUp = (problem) => resolve({ kind: 'wrong', problem });
        let held: Buffer = Buffer.alloc(0);
        timer = setTimeout(() => giveUp(`none within ${DEADLINE_MS / 1000} s`), DEADLINE_MS).unref();
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
      this.waiting.take(service, place, 'left');
    }
  }

  /** Takes no byte that is not the header's. */
  private take(socket: number, held: Buffer): ProxyIntroduction | Buffer {
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
