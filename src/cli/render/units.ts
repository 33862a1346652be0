/**
 * How long something is, in its two largest units.
 *
 * @param ms Milliseconds.
 * @example duration(93_784_000) // '1d 2h'
 */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  for (const [unit, length, next, below] of STEPS) {
    if (seconds < length) continue;
    const rest = Math.floor((seconds % length) / below);
    return rest === 0 ? `${Math.floor(seconds / length)}${unit}` : `${Math.floor(seconds / length)}${unit} ${rest}${next}`;
  }
  return `${seconds}s`;
}

const STEPS = [
  ['d', 86_400, 'h', 3600],
  ['h', 3600, 'm', 60],
  ['m', 60, 's', 1],
] as const;

/**
 * Bytes in the unit that leaves the fewest digits.
 *
 * @example bytes(1536) // '1.5K'
 */
export function bytes(count: number): string {
  let value = count;
  for (const unit of ['', 'K', 'M', 'G', 'T']) {
    if (value < 1024 || unit === 'T') return unit !== '' && value < 10 ? `${value.toFixed(1)}${unit}` : `${Math.round(value)}${unit}`;
    value /= 1024;
  }
  return '';
}

/** @example counted(1, 'session') // '1 session' */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
