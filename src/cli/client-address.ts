import { formatAddress, parseAddress } from '../address/address.js';
import { ConfigError } from '../errors.js';

/** Who is asked about. */
export interface ClientAddress {
  readonly address: string;
  /** 0 when it is not said. */
  readonly port: number;
}

/**
 * An address with or without a port: `192.0.2.7:40000`, `[2001:db8::7]:40000`, `2001:db8::7`.
 *
 * @throws ConfigError `usage`.
 */
export function clientAddress(text: string): ClientAddress {
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? /^(.*)$/.exec(text);
  const address = parseAddress(match?.[1] ?? '');
  const port = Number(match?.[2] ?? 0);
  if (address === null || port > 65_535)
    throw new ConfigError('usage', `--from ${text}: wanted an address, with a port if need be, as 192.0.2.7:40000`);
  return { address: formatAddress(address), port };
}
