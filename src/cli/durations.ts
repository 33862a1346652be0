import { ConfigError } from '../errors.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Seconds of a duration as people write it.
 *
 * @example seconds('90s') // 90
 */
export function seconds(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text);
  if (match === null) throw new ConfigError('usage', `${JSON.stringify(text)} is no duration; wanted 60s, 10m, 2h or 1d`);
  return Number(match[1]) * (UNITS[match[2] as string] as number);
}
