import { IDENT_SECONDS, type Request } from '../../access/index.js';
import type { Identification } from '../../ident/identify.js';

/** The rules may ask for less patience, not for more. */
const MOST_SECONDS = 60;

/** Hosts that are asked for the log's sake alone, all together and of one address: strangers must not make superd call them without end. */
const MOST_SPARE = 128;
const MOST_SPARE_OF_ONE = 16;

/** Users of clients (RFC 1413), asked once for each connection, whoever wants to know. */
export class Users {
  private readonly known = new WeakMap<Request, Promise<Identification>>();
  private readonly spares = new Map<string, number>();
  private spareCount = 0;

  /** Never rejects. */
  of(request: Request, timeoutSeconds: number | null): Promise<Identification> {
    const known = this.known.get(request);
    if (known !== undefined) return known;
    const asking = ask(request, Math.min(timeoutSeconds ?? IDENT_SECONDS, MOST_SECONDS) * 1000);
    this.known.set(request, asking);
    return asking;
  }

  /** null when nobody has wanted to know. */
  ifAsked(request: Request): Promise<Identification> | null {
    return this.known.get(request) ?? null;
  }

  /** The same for those who can do without: null when too many are being asked. */
  spare(request: Request): Promise<Identification> | null {
    const known = this.known.get(request);
    if (known !== undefined) return known;
    const { address } = request.client;
    const ofOne = this.spares.get(address) ?? 0;
    if (this.spareCount >= MOST_SPARE || ofOne >= MOST_SPARE_OF_ONE) return null;
    this.spareCount++;
    this.spares.set(address, ofOne + 1);
    return this.of(request, null).finally(() => this.giveBack(address));
  }

  private giveBack(address: string): void {
    this.spareCount--;
    const left = (this.spares.get(address) ?? 1) - 1;
    if (left > 0) this.spares.set(address, left);
    else this.spares.delete(address);
  }
}

/** Our own end is asked of the kernel before the socket goes to a server. */
async function ask({ client, server }: Request, deadlineMs: number): Promise<Identification> {
  const [{ address, port }, end] = [server, client];
  const { identify } = await import('../../ident/identify.js');
  return identify(end, { address, port }, deadlineMs);
}
