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

/**
 * Since when: a time, or how long it is ago; milliseconds since the epoch.
 *
 * @example since('2026-01-31T09:00Z') // 1769850000000
 */
export function since(text: string): number {
  if (/^\d{1,9}[smhd]?$/.test(text)) return Date.now() - seconds(text) * 1000;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new ConfigError('usage', `${JSON.stringify(text)} is no time; wanted 10m (ago) or 2026-01-31T09:00`);
  return at;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new ConfigError('usage', `${JSON.stringify(text)} is no whole number`);
  return Number(text);
}
