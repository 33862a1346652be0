/**
 * Numbers as the C library reads them (strtol(3), scanf(3)), because nothing else defines the language: leading blanks and a sign, 64
 * bits that saturate, of which the low 32 count.
 */

const SPACE = '[ \\t\\n\\v\\f\\r]*';
const LEADING = new RegExp(`^${SPACE}([+-]?)(\\d+)`);
/** The form of nearly every number. */
const PLAIN = /^\d{1,9}$/;
const WHOLE_DECIMAL = new RegExp(`^${SPACE}([+-]?)(\\d+)$`);
const WHOLE_OCTAL = new RegExp(`^${SPACE}([+-]?)([0-7]+)$`);

const LONG_MAX = 2n ** 63n - 1n;
const ULONG_MAX = 2n ** 64n - 1n;

/**
 * atoi(3): the number at the beginning of a text; 0 without one.
 *
 * @example leadingInteger('24/9') // 24
 */
export function leadingInteger(text: string): number {
  if (PLAIN.test(text)) return Number(text);
  const match = LEADING.exec(text);
  return match === null ? 0 : signed(match[1] as string, match[2] as string);
}

/** scanf(3) `%d` of the whole text; null when something is left. */
export function wholeInteger(text: string): number | null {
  const match = WHOLE_DECIMAL.exec(text);
  return match === null ? null : signed(match[1] as string, match[2] as string);
}

/** scanf(3) `%u` of the whole text: `-1` is 4294967295. */
export function wholeUnsigned(text: string): number | null {
  const match = WHOLE_DECIMAL.exec(text);
  return match === null ? null : unsigned(match[1] as string, BigInt(match[2] as string));
}

/** scanf(3) `%o` of the whole text. */
export function wholeOctal(text: string): number | null {
  const match = WHOLE_OCTAL.exec(text);
  return match === null ? null : unsigned(match[1] as string, BigInt(`0o${match[2]}`));
}

function signed(sign: string, digits: string): number {
  if (digits.length < 10) return sign === '-' ? -Number(digits) : Number(digits);
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  const saturated = value > LONG_MAX ? LONG_MAX : value < -LONG_MAX - 1n ? -LONG_MAX - 1n : value;
  return Number(BigInt.asIntN(32, saturated));
}

function unsigned(sign: string, digits: bigint): number {
  const value = digits > ULONG_MAX ? ULONG_MAX : sign === '-' ? -digits : digits;
  return Number(BigInt.asUintN(32, value));
}
