import { endianness } from 'node:os';
import { formatAddress } from '../../address/address.js';
import { readIfPresent } from './read-if-present.js';

/** A socket that is bound to a local address. */
export interface LocalSocket {
  readonly kind: 'tcp' | 'udp' | 'unix';
  readonly v6: boolean;
  /** Or the path. */
  readonly address: string;
  readonly wildcard: boolean;
  readonly port: number;
  readonly inode: string;
}

/** States of proc(5): TCP_LISTEN, and TCP_CLOSE for an unconnected datagram socket. */
const LISTENING = { tcp: '0A', udp: '07' } as const;
/** __SO_ACCEPTCON. */
const ACCEPTING = 0x10000;

/** Every bound socket in the network namespace of a process; a kernel without a family has none of it. */
export function localSockets(process: number | 'self'): readonly LocalSocket[] {
  const at = `/proc/${process}/net`;
  const internet = (['tcp', 'udp'] as const).flatMap((kind) => [
    ...rows(`${at}/${kind}`).flatMap((row) => internetSocket(row, kind, 4)),
    ...rows(`${at}/${kind}6`).flatMap((row) => internetSocket(row, kind, 6)),
  ]);
  return [...internet, ...rows(`${at}/unix`).flatMap(unixSocket)];
}

function rows(path: string): string[][] {
  return readIfPresent(path)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
}

function internetSocket(row: readonly string[], kind: 'tcp' | 'udp', family: 4 | 6): LocalSocket[] {
  const [, local = '', , state, , , , , , inode = ''] = row;
  const [hex = '', port = ''] = local.split(':');
  if (state !== LISTENING[kind]) return [];
  const words = (hex.match(/.{8}/g) ?? []).map(networkOrder);
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = family === 4 ? [0, 0, 0xffff, ...words] : words;
  const address = formatAddress({ w0, w1, w2, w3 });
  const wildcard = words.every((word) => word === 0);
  const v6 = family === 6 && !(w0 === 0 && w1 === 0 && w2 === 0xffff);
  return [{ kind, v6, address, wildcard, port: Number.parseInt(port, 16), inode }];
}

/** The kernel prints four bytes of an address as a number in host byte order. */
function networkOrder(hex: string): number {
  const bytes = Buffer.from(hex, 'hex');
  return endianness() === 'LE' ? bytes.readUInt32LE() : bytes.readUInt32BE();
}

function unixSocket(row: readonly string[]): LocalSocket[] {
  const [, , , flags = '0', type, , inode = '', ...path] = row;
  const isBound = path.length > 0 && (type === '0002' || (Number.parseInt(flags, 16) & ACCEPTING) !== 0);
  return isBound ? [{ kind: 'unix', v6: false, address: path.join(' '), wildcard: false, port: 0, inode }] : [];
}
