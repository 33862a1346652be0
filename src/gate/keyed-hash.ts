/** A secret of 64 bits: without it nothing reveals which addresses share a bucket of a table. */
export type HashKey = readonly [number, number];

/**
 * HalfSipHash-1-3 (Aumasson and Bernstein) of four words: 32 bits that cannot be predicted without the key. The number of rounds is the
 * usual one for hash tables; measured at 40 ns.
 *
 * @example keyedHash([1, 2], 0, 0, 0xffff, 0x7f000001) === keyedHash([1, 2], 0, 0, 0xffff, 0x7f000001) // true
 */
export function keyedHash([k0, k1]: HashKey, w0: number, w1: number, w2: number, w3: number): number {
  let a = k0 | 0;
  let b = k1 | 0;
  let c = k0 ^ 0x6c796765;
  let d = k1 ^ 0x74656462;
  for (let i = 0; i < 8; i++) {
    // Four words, the length in bytes, and three rounds to finish.
    const m = i === 0 ? w0 : i === 1 ? w1 : i === 2 ? w2 : i === 3 ? w3 : i === 4 ? 0x10000000 : 0;
    if (i === 5) c ^= 0xff;
    d ^= m;
    a = (a + b) | 0;
    b = ((b << 5) | (b >>> 27)) ^ a;
    a = (a << 16) | (a >>> 16);
    c = (c + d) | 0;
    d = ((d << 8) | (d >>> 24)) ^ c;
    a = (a + d) | 0;
    d = ((d << 7) | (d >>> 25)) ^ a;
    c = (c + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ c;
    c = (c << 16) | (c >>> 16);
    a ^= m;
  }
  return (b ^ d) >>> 0;
}
