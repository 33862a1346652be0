import { type Address, isIPv4, parseAddress } from '../address/address.js';

const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_HEAD = 16;

/** Both ends of a relayed connection, as numeric text; null for a unix socket. */
export interface ConnectionEnds {
  readonly client: { readonly address: string | null; readonly port: number };
  readonly server: { readonly address: string | null; readonly port: number };
}

/**
 * Makes the PROXY header that announces the client to a target.
 *
 * @example makeProxyHeader('v1', ends).toString() // 'PROXY TCP4 192.0.2.7 192.0.2.1 40112 80\r\n'
 */
export function makeProxyHeader(version: 'v1' | 'v2', { client, server }: ConnectionEnds): Buffer {
  const from = wordsOf(client.address);
  const to = wordsOf(server.address);
  if (from === null || to === null) return version === 'v1' ? Buffer.from('PROXY UNKNOWN\r\n') : v2Header(0x00, []);
  const isV4 = isIPv4(from) && isIPv4(to);
  if (version === 'v1') {
    const text = (words: Address) => (isV4 ? dotted(words) : colons(words));
    return Buffer.from(`PROXY ${isV4 ? 'TCP4' : 'TCP6'} ${text(from)} ${text(to)} ${client.port} ${server.port}\r\n`);
  }
  const words = isV4 ? [from.w3, to.w3] : [from.w0, from.w1, from.w2, from.w3, to.w0, to.w1, to.w2, to.w3];
  return v2Header(isV4 ? 0x11 : 0x21, words, client.port, server.port);
}

function v2Header(family: number, words: readonly number[], ...ports: number[]): Buffer {
  const size = words.length * 4 + ports.length * 2;
  const header = Buffer.alloc(V2_HEAD + size);
  V2_SIGNATURE.copy(header);
  header.writeUInt8(0x21, 12);
  header.writeUInt8(family, 13);
  header.writeUInt16BE(size, 14);
  for (const [i, word] of words.entries()) header.writeUInt32BE(word >>> 0, V2_HEAD + i * 4);
  for (const [i, port] of ports.entries()) header.writeUInt16BE(port, V2_HEAD + words.length * 4 + i * 2);
  return header;
}

const wordsOf = (text: string | null) => (text === null ? null : parseAddress(text.replace(/%.*/, '')));
const dotted = ({ w3 }: Address) => [24, 16, 8, 0].map((shift) => (w3 >>> shift) & 255).join('.');
/** Also for an IPv4-mapped address when the other end is IPv6. */
const colons = ({ w0, w1, w2, w3 }: Address) =>
  [w0, w1, w2, w3].flatMap((word) => [(word >>> 16).toString(16), (word & 0xffff).toString(16)]).join(':');
