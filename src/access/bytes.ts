/**
 * The access language works on bytes, not characters: `?` matches one byte, only A–Z are folded, strings end after 127 bytes. Inside
 * `access/` every string is therefore a «byte string»: one char code 0–255 for each byte of the UTF-8 text.
 */
export type Bytes = string;

const ASCII = /^[\x00-\x7f]*$/;
const UPPER = /[A-Z]/;
const CHUNK = 8192;

/** The bytes of a text (as UTF-8), or of a file. */
export function toBytes(text: string | Uint8Array): Bytes {
  const decoded = typeof text === 'string' ? text : new TextDecoder().decode(text);
  if (ASCII.test(decoded) && decoded.length === text.length) return decoded;
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  let out = '';
  for (let i = 0; i < bytes.length; i += CHUNK) out += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return out;
}

/** A byte string as text for people and other programs; invalid UTF-8 becomes U+FFFD. */
export function toText(bytes: Bytes): string {
  if (ASCII.test(bytes)) return bytes;
  return new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}

/** Folds A–Z and nothing else, as strcasecmp(3) does in the C locale. */
export function foldCase(bytes: Bytes): Bytes {
  if (!UPPER.test(bytes)) return bytes;
  return ASCII.test(bytes) ? bytes.toLowerCase() : bytes.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}

/** libwrap keeps 127 bytes of each string of a request, and C strings end at a NUL. */
const REQUEST_STRING_BYTES = 127;

/** A string of a request as libwrap stores it. */
export function requestString(text: string | Uint8Array): Bytes {
  const bytes = toBytes(text);
  const end = bytes.indexOf('\0');
  return bytes.slice(0, end === -1 || end > REQUEST_STRING_BYTES ? REQUEST_STRING_BYTES : end);
}
