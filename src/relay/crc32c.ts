/** The reflected polynomial of CRC-32C (RFC 3720, 12.1). */
const POLYNOMIAL = 0x82f63b78;

/**
 * CRC-32C of a few hundred bytes, bit by bit.
 *
 * @example crc32c(Buffer.from('123456789')) // 0xe3069283
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
