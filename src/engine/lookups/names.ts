import { confirmName } from '../../access/index.js';
import { monotonicMs } from '../../clock.js';
import { ExpiringCache } from './expiring-cache.js';
import { HostsFile } from './hosts-file.js';
import { NameServers } from './name-servers.js';

/** A look-up, there and back, has this long; what is not answered by then has no answer. */
const DEADLINE_MS = 5000;
/** How long a confirmed name is believed, and how long it is believed that there is none. */
const NAME_MS = 60_000;
const NO_NAME_MS = 5000;
const MOST_NAMES = 4096;

/**
 * Host names of clients, confirmed: the name that an address leads to must lead back to the address. /etc/hosts is asked before
 * the name servers.
 */
export class Names {
  private readonly known = new ExpiringCache<string>(MOST_NAMES);
  private readonly pending = new Map<string, Promise<string>>();
  private readonly hosts = new HostsFile();
  private readonly servers = new NameServers();

  /** @param warn Hears which name does not belong to which address. */
  constructor(private readonly warn: (problem: string) => void) {}

  /** undefined when it would have to be looked up. */
  cached(address: string): string | undefined {
    return this.known.get(address);
  }

  /**
   * A name as it stands in the DNS, without a final dot; `unknown` when the address has none or nobody answers, `paranoid` when it
   * cannot be confirmed. Never rejects.
   */
  of(address: string): Promise<string> {
    const known = this.known.get(address);
    if (known !== undefined) return Promise.resolve(known);
    const asking = this.pending.get(address) ?? this.ask(address).finally(() => this.pending.delete(address));
    this.pending.set(address, asking);
    return asking;
  }

  private async ask(address: string): Promise<string> {
    const deadline = monotonicMs() + DEADLINE_MS;
    const { hosts, servers } = this;
    const { name, problem } = await confirmName(address, {
      reverse: async (number) => {
        const names = hosts.namesOf(number);
        return names.length > 0 ? names : before(deadline, servers.reverse(number));
      },
      forward: async (host) => {
        const addresses = hosts.addressesOf(host);
        return { addresses: addresses.length > 0 ? addresses : await before(deadline, servers.forward(host, address)) };
      },
    });
    if (problem !== '') this.warn(problem);
    this.known.set(address, name, name === 'unknown' || name === 'paranoid' ? NO_NAME_MS : NAME_MS);
    return name;
  }
}

async function before<T>(deadline: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), deadline - monotonicMs());
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
