import { isUtf8 } from 'node:buffer';

const printableAscii = /^[\x20-\x5b\x5d-\x7e]*$/;

/**
 * Characters that are invisible, or change how others are displayed: control and format characters (direction marks, zero widths, tags),
 * line and paragraph separators, private use, unassigned code points, lone surrogates.
 */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu;
const invisibleOrBackslash = /[\p{C}\p{Zl}\p{Zp}\\]/gu;

/**
 * Makes untrusted text safe for a log or a terminal: one line, nothing invisible, and reversible.
 *
 * A backslash becomes `\\`, an ASCII control character `\xNN`, any other invisible character `\u{NNNN}`.
 *
 * @example sanitize('a\nb\u202e') // 'a\\x0ab\\u{202e}'
 */
export function sanitize(text: string): string {
  return printableAscii.test(text) ? text : text.replace(invisibleOrBackslash, escapeCharacter);
}

/**
 * The same for bytes that should be UTF-8; an invalid byte becomes `\xNN` (80–ff).
 *
 * @example sanitizeBytes(Uint8Array.of(0x68, 0x69, 0xff, 0x0a)) // 'hi\\xff\\x0a'
 */
export function sanitizeBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return sanitize(buffer.toString('utf8'));
  let text = '';
  for (let at = 0; at < buffer.length; ) {
    const length = utf8Length(buffer[at]!);
    const sequence = buffer.subarray(at, at + length);
    const valid = length > 0 && sequence.length === length && isUtf8(sequence);
    text += valid ? sanitize(sequence.toString('utf8')) : escapeByte(buffer[at]!);
    at += valid ? length : 1;
  }
  return text;
}

/**
 * The same for one field of a log line: a space becomes `\x20`, so that the text cannot fake another field.
 *
 * @example sanitizeWord('/tmp/a b') // '/tmp/a\\x20b'
 */
export function sanitizeWord(text: string): string {
  const safe = sanitize(text);
  return safe.includes(' ') ? safe.replaceAll(' ', '\\x20') : safe;
}

/** The same for a JSON document: an invisible character becomes `\uNNNN` (RFC 8259 §7), so the document parses to the same value. */
export function sanitizeJson(json: string): string {
  return /^[\x20-\x7e]*$/.test(json) ? json : json.replace(invisible, escapeJson);
}

function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\';
  const code = character.codePointAt(0)!;
  return code < 0x80 ? escapeByte(code) : `\\u{${code.toString(16)}}`;
}

function escapeByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function escapeJson(character: string): string {
  let escaped = '';
  for (let unit = 0; unit < character.length; unit++) escaped += `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
  return escaped;
}

/** Length of the UTF-8 sequence that starts with `lead`, RFC 3629 §3; 0 for an invalid byte. */
function utf8Length(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}
