import { confirmName } from '../../access/index.js';
import { monotonicMs } from '../../clock.js';
import { runLater } from '../../guarded.js';
import { ExpiringCache } from './expiring-cache.js';
import { HostsFile } from './hosts-file.js';
import { NameServers } from './name-servers.js';

/** For the look-up of a name and its confirmation together. */
const DEADLINE_MS = 5000;
/** How long superd remembers a confirmed name, and that an address has none. */
const NAME_MS = 60_000;
const NO_NAME_MS = 5000;
const MAX_NAMES = 4096;

/** Confirmed host names of clients: the name of an address has to lead back to the address. superd asks /etc/hosts before the name servers. */
export class Names {
  private readonly known = new ExpiringCache<string>(MAX_NAMES);
  private readonly pending = new Map<string, Promise<string>>();
  private readonly hosts = new HostsFile();
  private readonly servers = new NameServers();

  /** @param warn Called with each name that does not lead back to its address. */
  constructor(private readonly warn: (problem: string) => void) {}

  /** undefined when superd has to look it up. */
  cached(address: string): string | undefined {
    return this.known.get(address);
  }

  /**
   * The name as the DNS has it, without a final dot; `unknown` when the address has none or no server answers, `paranoid` when the name does not
   * lead back to the address. Never rejects.
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
    timer = runLater(() => reject(new Error('no answer in time')), deadline - monotonicMs());
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
