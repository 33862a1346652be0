import { type Address, parseAddress } from '../address/address.js';

/** Tells whether a network interface of that name exists; the scope of a link-local address may name one. */
export type HasInterface = (name: string) => boolean;

const NO_ADDRESS = 0xffffffff;
const NOT_A_PART = 256;

/**
 * Reads an IPv4 address as the access language does: four parts, each as inet_addr(3) takes it, so that `010` is 8 and `0x0a`
 * is 10. White space ends the number. 255.255.255.255 is indistinguishable from an error there, and therefore is one.
 *
 * @returns the 32 bits, or null.
 * @example parseQuad('010.0.0.1') // 0x08000001
 */
export function parseQuad(text: string): number | null {
  const parts = /^([\da-fA-FxX]+)\.([\da-fA-FxX]+)\.([\da-fA-FxX]+)\.([\da-fA-FxX]+)(?:[ \t\n\v\f\r](.*))?$/s.exec(text);
  if (parts === null) return null;
  if (parts[5] !== undefined && parts[5] !== '' && startsAnotherRun(parts[5])) return null;
  let bits = 0;
  for (let i = 1; i <= 4; i++) {
    const part = parseQuadPart(parts[i] as string);
    if (part > 255) return null;
    bits = bits * 256 + part;
  }
  return bits === NO_ADDRESS ? null : bits;
}

/** Four runs of non-dots are wanted in the whole text, also behind the blank that ends the number. */
const startsAnotherRun = (rest: string) => /\.[^.]/.test(rest);

function parseQuadPart(text: string): number {
  if (/^0[xX][\da-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number.parseInt(text, 10) : NOT_A_PART;
}

/**
 * Reads a numeric IPv6 address, with a scope if it has a valid one (a number, or for link-local addresses an interface that
 * exists). The scope decides only whether the text is an address; it is not part of the result.
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

/** `::ffff:192.0.2.7` without its first part; any other text as it is. Expects folded case. */
export function withoutMapping(folded: string): string {
  return folded.startsWith(MAPPED) && parseQuad(folded.slice(MAPPED.length)) !== null ? folded.slice(MAPPED.length) : folded;
}
