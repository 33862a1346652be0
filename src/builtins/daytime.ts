import { zoneName } from '../os/stream.js';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const;

/**
 * RFC 867: the local time as text, in the format of xinetd.
 *
 * @param now Milliseconds since the epoch.
 * @example daytimeOf(0).toString() // '01 JAN 1970 00:00:00 UTC\r\n'
 */
export function daytimeOf(now: number): Buffer {
  const at = new Date(now);
  const date = `${two(at.getDate())} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
  return Buffer.from(`${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${zoneName(now)}\r\n`);
}

const two = (number: number) => String(number).padStart(2, '0');
