import { ConfigError } from '../errors.js';

/**
 * A time that an operator means: ISO 8601, or HH:MM of today, local time. Milliseconds since the epoch.
 *
 * @throws ConfigError `usage`.
 */
export function moment(text: string, now = Date.now()): number {
  const clock = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (clock !== null && Number(clock[1]) < 24 && Number(clock[2]) < 60)
    return new Date(now).setHours(Number(clock[1]), Number(clock[2]), 0, 0);
  const at = clock === null ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new ConfigError('usage', `--at ${text}: wanted HH:MM, or a date and time as 2026-11-22T18:30`);
  return at;
}
