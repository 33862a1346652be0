import { type Address, parseAddress } from '../address/address.js';

/** Whether a network interface of that name exists; the scope of a link-local address may name one. */
export type HasInterface = (name: string) => boolean;

const NO_ADDRESS = 0xffffffff;
const DECIMAL_QUAD =
  /^([1-9]?\d|1\d\d|2[0-4]\d|25[0-5])\.([1-9]?\d|1\d\d|2[0-4]\d|25[0-5])\.([1-9]?\d|1\d\d|2[0-4]\d|25[0-5])\.([1-9]?\d|1\d\d|2[0-4]\d|25[0-5])$/;

/**
 * Parses an IPv4 address as the access language does: four runs of anything but dots, each read by inet_addr(3) up to the first white
 * space, so that `010` is 8 and `0x0a` is 10. inet_addr(3) returns 255.255.255.255 for an error too, so that address is an error.
 *
 * @returns The 32 bits, or null.
 * @example parseQuad('010.0.0.1') // 0x08000001
 */
export function parseQuad(text: string): number | null {
  const plain = DECIMAL_QUAD.exec(text);
  const bits =
    plain === null
      ? parseOddQuad(text)
      : Number(plain[1]) * 0x1000000 + Number(plain[2]) * 0x10000 + Number(plain[3]) * 0x100 + Number(plain[4]);
  return bits === NO_ADDRESS ? null : bits;
}

function parseOddQuad(text: string): number | null {
  if (!/^\d[^.]*\.+[^.]+\.+[^.]+\.+[^.]+\.*$/.test(text)) return null;
  const parts = text
    .replace(/[ \t\n\v\f\r].*$/s, '')
    .split('.')
    .map(parseQuadPart);
  if (parts.length > 4) return null;
  let bits = 0;
  for (const [i, part] of parts.entries()) {
    const largest = i === parts.length - 1 ? 256 ** (5 - parts.length) - 1 : 255;
    if (part === null || part > largest) return null;
    bits += i === parts.length - 1 ? part : part * 256 ** (3 - i);
  }
  return bits;
}

/** strtoul(3) with base 0. */
function parseQuadPart(text: string): number | null {
  if (/^0[xX][\da-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number.parseInt(text, 10) : null;
}

/**
 * Parses a numeric IPv6 address, with or without a valid scope (a number, or for link-local addresses an existing interface). The scope
 * only decides whether the text is an address; it is not part of the result.
 */
export function parseScopedIPv6(text: string, hasInterface: HasInterface): Address | null {
  const percent = text.indexOf('%');
  const address = text.includes(':') ? parseAddress(percent === -1 ? text : text.slice(0, percent)) : null;
  if (address === null || percent === -1) return address;
  return isScope(text.slice(percent + 1), address, hasInterface) ? address : null;
}

function isScope(scope: string, address: Address, hasInterface: HasInterface): boolean {
  const linkLocal = (address.w0 & 0xffc00000) >>> 0 === 0xfe800000 || (address.w0 & 0xff0f0000) >>> 0 === 0xff020000;
  if (linkLocal && hasInterface(scope)) return true;
  return /^\d+$/.test(scope) && BigInt(scope) <= 0xffffffffn;
}

const MAPPED = '::ffff:';

/** `::ffff:192.0.2.7` without its first part; any other text unchanged. Expects folded case. */
export function withoutMapping(folded: string): string {
  return folded.startsWith(MAPPED) && parseQuad(folded.slice(MAPPED.length)) !== null ? folded.slice(MAPPED.length) : folded;
}
