import { IDENT_SECONDS, type Request } from '../../access/index.js';
import type { Identification } from '../../ident/identify.js';

/** A rule may set a shorter timeout, not a longer one. */
const MOST_SECONDS = 60;

/** Ident queries for the log alone at once: in all, and to one address. Strangers must not make superd open connections without end. */
const MAX_FOR_LOG = 128;
const MAX_FOR_LOG_PER_ADDRESS = 16;

/** Users of clients (RFC 1413), asked once for each connection. */
export class Users {
  private readonly known = new WeakMap<Request, Promise<Identification>>();
  private readonly forLogByAddress = new Map<string, number>();
  private forLogCount = 0;

  /** Never rejects. */
  of(request: Request, timeoutSeconds: number | null): Promise<Identification> {
    const known = this.known.get(request);
    if (known !== undefined) return known;
    const asking = ask(request, Math.min(timeoutSeconds ?? IDENT_SECONDS, MOST_SECONDS) * 1000);
    this.known.set(request, asking);
    return asking;
  }

  /** null when no rule has asked. */
  pending(request: Request): Promise<Identification> | null {
    return this.known.get(request) ?? null;
  }

  /** The same for the log, which can do without: null when too many hosts are being asked. */
  forLog(request: Request): Promise<Identification> | null {
    const known = this.known.get(request);
    if (known !== undefined) return known;
    const { address } = request.client;
    const ofOne = this.forLogByAddress.get(address) ?? 0;
    if (this.forLogCount >= MAX_FOR_LOG || ofOne >= MAX_FOR_LOG_PER_ADDRESS) return null;
    this.forLogCount++;
    this.forLogByAddress.set(address, ofOne + 1);
    return this.of(request, null).finally(() => this.release(address));
  }

  private release(address: string): void {
    this.forLogCount--;
    const left = (this.forLogByAddress.get(address) ?? 1) - 1;
    if (left > 0) this.forLogByAddress.set(address, left);
    else this.forLogByAddress.delete(address);
  }
}

/** Reads the local address at once: later the socket belongs to a server. */
async function ask({ client, server }: Request, deadlineMs: number): Promise<Identification> {
  const [{ address, port }, end] = [server, client];
  const { identify } = await import('../../ident/identify.js');
  return identify(end, { address, port }, deadlineMs);
}
