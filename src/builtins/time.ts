/** Seconds from 1900-01-01 to 1970-01-01, RFC 868. */
const SECONDS_TO_1970 = 2_208_988_800;

/**
 * RFC 868: the seconds since 1900 as 32 bits, most significant byte first; they wrap in 2036.
 *
 * @param now Milliseconds since the epoch.
 * @example timeOf(0) // Buffer of 83 aa 7e 80
 */
export function timeOf(now: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE((Math.floor(now / 1000) + SECONDS_TO_1970) % 2 ** 32);
  return bytes;
}
