import { formatAddress, parseAddress } from './address.js';

/** What an endpoint of the plan says about its place. */
interface EndpointPlace {
  readonly family: string;
  readonly protocol: { readonly name: string };
  /** null for every address of the machine. */
  readonly address: string | null;
  /** Only what arrives at this network device. */
  readonly device?: string;
  readonly port: number;
}

/**
 * An endpoint in words, for tables and messages.
 *
 * @example describeEndpoint({ family: 'inet6', protocol: { name: 'tcp' }, address: '::1', port: 7000 }) // 'tcp [::1]:7000'
 * @example describeEndpoint({ family: 'dual', protocol: { name: 'udp' }, address: null, port: 69 }) // 'udp *:69'
 * @example describeEndpoint({ family: 'dual', protocol: { name: 'tcp' }, address: null, device: 'eth0', port: 23 }) // 'tcp *%eth0:23'
 * @example describeEndpoint({ family: 'unix', protocol: { name: 'unix' }, address: '/run/x.sock', port: 0 }) // 'unix /run/x.sock'
 */
export function describeEndpoint({ family, protocol, address, device, port }: EndpointPlace): string {
  if (family === 'unix') return `unix ${address}`;
  return `${protocol.name} ${formatHostPort(address ?? (device === undefined ? '*' : `*%${device}`), port)}`;
}

/** @example formatHostPort('2001:db8::7', 80) // '[2001:db8::7]:80' */
export function formatHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** One end of a connection. */
export interface HostPort {
  readonly address: string;
  /** 0 when none is given. */
  readonly port: number;
}

/**
 * An address with or without a port: `192.0.2.7:40000`, `[2001:db8::7]:40000`, `2001:db8::7`.
 *
 * @returns null for anything else.
 * @example parseHostPort('[2001:db8::7]:80') // { address: '2001:db8::7', port: 80 }
 */
export function parseHostPort(text: string): HostPort | null {
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [text, text];
  const address = parseAddress(match[1] ?? '');
  const port = Number(match[2] ?? 0);
  return address === null || port > 65_535 ? null : { address: formatAddress(address), port };
}
