import { formatAddress, parseAddress } from '../address/address.js';

/** Questions to the DNS or another source of names. A failure rejects. */
export interface NameLookUps {
  /** The names of a numeric address; the first counts. */
  readonly reverse: (address: string) => Promise<readonly string[]>;
  /** The addresses of a name, and its canonical name, if known. */
  readonly forward: (name: string) => Promise<{ readonly addresses: readonly string[]; readonly canonical?: string | undefined }>;
}

export interface ConfirmedName {
  /** A host name, `unknown` when the address has none, `paranoid` when name and address disagree. */
  readonly name: string;
  /** The problem with the name, for the log; '' without one. */
  readonly problem: string;
}

/**
 * The name of a client's host for rules: the name of its address, if that name in turn has this address. The owner of an address can give
 * it any name; only the owner of the name can confirm it.
 *
 * A reverse look-up that fails or times out counts as `unknown`; a name without confirmation, for any reason, as `paranoid`
 * (hosts_access(5)).
 *
 * @param address Numeric; IPv4-mapped counts as IPv4.
 */
export async function confirmName(address: string, lookUps: NameLookUps): Promise<ConfirmedName> {
  const plain = plainAddress(address);
  const names = await lookUps.reverse(plain).catch(() => []);
  const name = (names[0] ?? '').replace(/\.$/, '');
  if (name === '') return { name: 'unknown', problem: '' };
  const problem = await findDisagreement(plain, name, lookUps);
  return problem === '' ? { name, problem } : { name: 'paranoid', problem };
}

async function findDisagreement(address: string, name: string, { forward }: NameLookUps): Promise<string> {
  if (/^[\d.]+$/.test(name) || parseAddress(name) !== null) return `the name of ${address} is the number ${name}`;
  const found = await forward(name).catch(() => null);
  if (found === null || found.addresses.length === 0) return `the name of ${address} is ${name}, which has no address`;
  const { canonical } = found;
  if (canonical !== undefined && canonical.toLowerCase() !== name.toLowerCase() && name.toLowerCase() !== 'localhost') {
    return `the name of ${address} is ${name}, which is an alias of ${canonical}`;
  }
  return found.addresses.some((one) => plainAddress(one) === address) ? '' : `the name of ${address} is ${name}, which has other addresses`;
}

/** Canonical text; a scope is kept, since only link-local addresses have one and it tells their links apart. */
function plainAddress(text: string): string {
  const [numeric = '', scope] = text.split('%');
  const address = parseAddress(numeric);
  if (address === null) return text;
  return scope === undefined ? formatAddress(address) : `${formatAddress(address)}%${scope}`;
}
