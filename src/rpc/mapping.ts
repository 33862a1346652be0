/** The transports that rpcbind registers, as netconfig(5) names them. */
export type NetId = 'tcp' | 'udp' | 'tcp6' | 'udp6';

/** A registration: where clients reach one version of a program over one transport. */
export interface Mapping {
  readonly program: number;
  readonly version: number;
  readonly netId: NetId;
  readonly host: string;
  readonly port: number;
}

/** A registration superd wants, with its service for messages. */
export interface WantedMapping extends Mapping {
  readonly service: string;
  /** Possible only where rpcbind supports IPv6; no failure if not. */
  readonly optional: boolean;
}

/** rpcbind has at most one registration for each key. */
export const mappingKey = ({ program, version, netId }: Pick<Mapping, 'program' | 'version' | 'netId'>) => `${program} ${version} ${netId}`;

const NET_IDS: readonly string[] = ['tcp', 'udp', 'tcp6', 'udp6'] satisfies NetId[];

export const isNetId = (text: string): text is NetId => NET_IDS.includes(text);

/**
 * A universal address, RFC 5665 §5.2.3: the host, and the two bytes of the port in decimal.
 *
 * @example universalAddress({ host: '127.0.0.1', port: 32771 }) // '127.0.0.1.128.3'
 */
export function universalAddress({ host, port }: Pick<Mapping, 'host' | 'port'>): string {
  return `${host}.${port >>> 8}.${port & 0xff}`;
}

/**
 * The host and the port of a universal address; null when the text is not one.
 *
 * @example parseUniversalAddress('::1.0.111') // { host: '::1', port: 111 }
 */
export function parseUniversalAddress(text: string): { readonly host: string; readonly port: number } | null {
  const match = /^([0-9a-f.:]{2,45}(?:%[0-9a-z._-]{1,15})?)\.(\d{1,3})\.(\d{1,3})$/i.exec(text);
  const [high, low] = [Number(match?.[2]), Number(match?.[3])];
  return match === null || high > 0xff || low > 0xff ? null : { host: match[1] as string, port: high * 0x100 + low };
}
