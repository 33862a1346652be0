import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { formatAddress } from '../../address/address.js';

/** A socket that has an address for itself, as proc(5) tells. */
export interface BoundSocket {
  readonly kind: 'tcp' | 'udp' | 'unix';
  readonly v6: boolean;
  /** Or the path. */
  readonly address: string;
  readonly wildcard: boolean;
  readonly port: number;
  readonly inode: string;
}

const LISTENING = { tcp: '0A', udp: '07' } as const;
/** __SO_ACCEPTCON. */
const ACCEPTING = 0x10000;

/** Every such socket of the network that a process is in. */
export function boundSockets(process: number | 'self'): readonly BoundSocket[] {
  const at = `/proc/${process}/net`;
  const internet = (['tcp', 'udp'] as const).flatMap((kind) => [
    ...rows(`${at}/${kind}`).flatMap((row) => internetSocket(row, kind, 4)),
    ...rows(`${at}/${kind}6`).flatMap((row) => internetSocket(row, kind, 6)),
  ]);
  return [...internet, ...rows(`${at}/unix`).flatMap(unixSocket)];
}

function rows(path: string): string[][] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    // A kernel without that family.
    return [];
  }
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
}

function internetSocket(row: readonly string[], kind: 'tcp' | 'udp', family: 4 | 6): BoundSocket[] {
  const [, local = '', , state, , , , , , inode = ''] = row;
  const [hex = '', port = ''] = local.split(':');
  if (state !== LISTENING[kind]) return [];
  const words = (hex.match(/.{8}/g) ?? []).map(networkOrder);
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = family === 4 ? [0, 0, 0xffff, ...words] : words;
  const address = formatAddress({ w0, w1, w2, w3 });
  const wildcard = words.every((word) => word === 0);
  return [
    { kind, v6: family === 6 && !(w0 === 0 && w1 === 0 && w2 === 0xffff), address, wildcard, port: Number.parseInt(port, 16), inode },
  ];
}

/** The kernel prints four bytes as a number of its own order. */
function networkOrder(hex: string): number {
  const bytes = Buffer.from(hex, 'hex');
  return endianness() === 'LE' ? bytes.readUInt32LE() : bytes.readUInt32BE();
}

function unixSocket(row: readonly string[]): BoundSocket[] {
  const [, , , flags = '0', type, , inode = '', ...path] = row;
  const bound = path.length > 0 && (type === '0002' || (Number.parseInt(flags, 16) & ACCEPTING) !== 0);
  return bound ? [{ kind: 'unix', v6: false, address: path.join(' '), wildcard: false, port: 0, inode }] : [];
}
