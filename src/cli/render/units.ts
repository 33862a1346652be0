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

/** @example counted(2, 'process') // '2 processes' */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : what.endsWith('s') ? 'es' : 's'}`;
}
