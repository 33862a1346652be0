import { type Address, fromIPv4, parseAddress } from '../address/address.js';
import { crc32c } from './crc32c.js';

/** The client that a proxy announces. */
export interface Announced {
  readonly address: Address;
  readonly port: number;
}

/** `partial`: the start of a header; more bytes are needed. `announced` is null for LOCAL and UNKNOWN. */
export type ParsedHeader =
  | { readonly kind: 'partial' }
  | { readonly kind: 'header'; readonly length: number; readonly announced: Announced | null }
  | { readonly kind: 'wrong'; readonly problem: string };

const V1_START = Buffer.from('PROXY ');
/** With CRLF; the limit of the specification. */
const V1_LONGEST = 107;
const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_HEAD = 16;
/** The longest header body accepted; extensions behind the addresses (a name, TLS data) are skipped. */
const V2_LONGEST = 2048;
const CRC_TYPE = 0x03;

/** The longest header that is accepted. */
export const LONGEST_HEADER = V2_HEAD + V2_LONGEST;

/**
 * Reads a PROXY protocol header, version 1 or 2, from the first bytes of a connection (haproxy.org, proxy-protocol.txt).
 *
 * @example parseProxyHeader(Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.1 40112 80\r\nGET')) // { kind: 'header', length: 41, … }
 */
export function parseProxyHeader(bytes: Buffer): ParsedHeader {
  if (startsLike(bytes, V2_SIGNATURE)) return bytes.length < V2_HEAD ? { kind: 'partial' } : parseV2(bytes);
  if (startsLike(bytes, V1_START)) return parseV1(bytes);
  return wrong('not a PROXY header');
}

function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function parseV1(bytes: Buffer): ParsedHeader {
  const end = bytes.subarray(0, V1_LONGEST).indexOf('\r\n');
  if (end === -1) return bytes.length < V1_LONGEST ? { kind: 'partial' } : wrong(`a line of more than ${V1_LONGEST} bytes`);
  const line = bytes.toString('latin1', 0, end);
  const length = end + 2;
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { kind: 'header', length, announced: null };
  const [, family, from = '', to = '', port = '', ownPort = ''] = /^PROXY (TCP[46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line) ?? [];
  const address = v1Address(family, from);
  if (address === null || v1Address(family, to) === null || !isPort(port) || !isPort(ownPort)) return wrong('a malformed line');
  return { kind: 'header', length, announced: { address, port: Number(port) } };
}

function v1Address(family: string | undefined, text: string): Address | null {
  if (family === 'TCP4') return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) ? parseAddress(text) : null;
  return family === 'TCP6' && text.includes(':') && !text.includes('%') ? parseAddress(text) : null;
}

const isPort = (text: string) => Number(text) <= 65_535 && String(Number(text)) === text;

function parseV2(bytes: Buffer): ParsedHeader {
  const [version, command] = [bytes.readUInt8(12) >>> 4, bytes.readUInt8(12) & 15];
  const size = bytes.readUInt16BE(14);
  if (version !== 2 || command > 1) return wrong(`version ${version}, command ${command}`);
  if (size > V2_LONGEST) return wrong(`${size} bytes after the header`);
  const length = V2_HEAD + size;
  if (bytes.length < length) return { kind: 'partial' };
  const header = bytes.subarray(0, length);
  const family = header.readUInt8(13);
  const width = { 17: 12, 18: 12, 33: 36, 34: 36, 49: 216, 50: 216 }[family] ?? 0;
  if (width > size) return wrong('truncated addresses');
  // For an unknown family the end of the addresses, and so the start of the extensions, is unknown.
  const isKnown = family === 0 || width > 0;
  const problem = isKnown ? extensionProblem(header, V2_HEAD + width) : null;
  if (problem !== null) return wrong(problem);
  return { kind: 'header', length, announced: command === 0 ? null : v2Client(header, family) };
}

/** For stream families only. */
function v2Client(header: Buffer, family: number): Announced | null {
  if (family === 0x11) return { address: fromIPv4(header.readUInt32BE(16)), port: header.readUInt16BE(24) };
  if (family !== 0x21) return null;
  const [w0, w1, w2, w3] = [16, 20, 24, 28].map((at) => header.readUInt32BE(at)) as [number, number, number, number];
  return { address: { w0, w1, w2, w3 }, port: header.readUInt16BE(48) };
}

/** Each extension: type, two bytes of length, value. */
function extensionProblem(header: Buffer, start: number): string | null {
  for (let at = start; at < header.length; ) {
    const size = at + 3 > header.length ? Infinity : header.readUInt16BE(at + 1);
    if (at + 3 + size > header.length) return 'a truncated extension';
    if (header[at] === CRC_TYPE && !crcMatches(header, at + 3, size)) return 'a wrong checksum';
    at += 3 + size;
  }
  return null;
}

function crcMatches(header: Buffer, at: number, size: number): boolean {
  if (size !== 4) return false;
  const zeroed = Buffer.from(header);
  zeroed.writeUInt32BE(0, at);
  return crc32c(zeroed) === header.readUInt32BE(at);
}

function wrong(problem: string): ParsedHeader {
  return { kind: 'wrong', problem };
}
