/**
 * An IP address as four unsigned 32-bit words, most significant first. IPv4 has the form in which the kernel shows it to a
 * dual-stack socket (`::ffff:a.b.c.d`, RFC 4291 §2.5.5.2), so one form serves both families and comparisons need no distinction.
 */
export interface Address {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
}

const MAPPED = 0xffff;

export function isIPv4(a: Address): boolean {
  return a.w0 === 0 && a.w1 === 0 && a.w2 === MAPPED;
}

/** An IPv4 address from its 32 bits. */
export function fromIPv4(bits: number): Address {
  return { w0: 0, w1: 0, w2: MAPPED, w3: bits >>> 0 };
}

/**
 * Parses a numeric address: IPv4 as four decimal numbers, or IPv6 (RFC 4291 §2.2) without a scope.
 *
 * @returns null for any other text, such as a host name.
 * @example formatAddress(parseAddress('::ffff:192.0.2.7')!) // '192.0.2.7'
 */
export function parseAddress(text: string): Address | null {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): Address | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  let bits = 0;
  for (let i = 1; i <= 4; i++) {
    const part = match[i] as string;
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return null;
    bits = bits * 256 + Number(part);
  }
  return fromIPv4(bits);
}

function parseIPv6(text: string): Address | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const word = (i: number) => (((groups[2 * i] as number) << 16) | (groups[2 * i + 1] as number)) >>> 0;
  return { w0: word(0), w1: word(1), w2: word(2), w3: word(3) };
}

/** The 16-bit groups on one side of `::`; a dotted quad at the end of the address counts as two. */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const quad = last && i === parts.length - 1 ? parseIPv4(part) : null;
    if (quad === null) return null;
    groups.push(quad.w3 >>> 16, quad.w3 & 0xffff);
  }
  return groups;
}

/**
 * The canonical text of an address (RFC 5952); IPv4 in any form becomes a dotted quad.
 *
 * @example formatAddress({ w0: 0x20010db8, w1: 0, w2: 0, w3: 1 }) // '2001:db8::1'
 */
export function formatAddress(a: Address): string {
  if (isIPv4(a)) return `${a.w3 >>> 24}.${(a.w3 >>> 16) & 255}.${(a.w3 >>> 8) & 255}.${a.w3 & 255}`;
  const groups = [a.w0 >>> 16, a.w0 & 0xffff, a.w1 >>> 16, a.w1 & 0xffff, a.w2 >>> 16, a.w2 & 0xffff, a.w3 >>> 16, a.w3 & 0xffff];
  const [start, length] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  for (const [i, group] of groups.entries()) {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best[1]) best = [start, i + 1 - start];
  }
  return best;
}
