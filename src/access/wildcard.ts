import type { Bytes } from './bytes.js';

/**
 * Prepares a pattern with `*` (any run of bytes, also none) and `?` (one byte). Two or more `*` at the end match at least one byte:
 * libwrap's matcher fails when the string has nothing left for the second.
 *
 * @example prepareWildcard('sshd**') // 'sshd?*'
 */
export function prepareWildcard(folded: Bytes): Bytes {
  return folded.replace(/\*{2,}$/, '?*').replace(/\*{2,}/g, '*');
}

/** Matches the whole text against a prepared pattern, in time at worst proportional to the product of their lengths. */
export function matchWildcard(pattern: Bytes, text: Bytes): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length) {
    const want = p < pattern.length ? pattern.charCodeAt(p) : -1;
    if (want === STAR) {
      star = p++;
      retry = t;
    } else if (want === ANY || want === text.charCodeAt(t)) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++retry;
    } else return false;
  }
  while (p < pattern.length && pattern.charCodeAt(p) === STAR) p++;
  return p === pattern.length;
}

const STAR = 0x2a;
const ANY = 0x3f;
