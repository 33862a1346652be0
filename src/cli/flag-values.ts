import { type HostPort, parseHostPort } from '../address/endpoint.js';
import { parseDuration } from '../duration.js';
import { ConfigError } from '../errors.js';

// Each parser throws what it wants instead; the name of the flag and its value are put before that.

/** Seconds, rounded up; a bare number counts seconds. @example secondsOf('2m') // 120 */
export function secondsOf(text: string): number {
  const ms = millisecondsOf(text);
  if (ms === null || ms === 0) throw new ConfigError('usage', 'wanted a duration, as 60s, 10m, 2h or 1d');
  return Math.ceil(ms / 1000);
}

const millisecondsOf = (text: string): number | null => parseDuration(/^\d{1,9}$/.test(text) ? `${text}s` : text);

/**
 * A time of the past in milliseconds since the epoch: ISO 8601, or how long ago it was.
 *
 * @example since('2026-01-31T09:00Z') // 1769850000000
 */
export function since(text: string): number {
  const ago = millisecondsOf(text);
  const at = ago === null ? Date.parse(text) : Date.now() - ago;
  if (Number.isNaN(at)) throw new ConfigError('usage', 'wanted 10m (ago), or a date and time, as 2026-01-31T09:00');
  return at;
}

/** A time in milliseconds since the epoch: ISO 8601, or HH:MM of today, local time. */
export function moment(text: string): number {
  const clock = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (clock !== null && Number(clock[1]) < 24 && Number(clock[2]) < 60)
    return new Date().setHours(Number(clock[1]), Number(clock[2]), 0, 0);
  const at = clock === null ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new ConfigError('usage', 'wanted HH:MM, or a date and time, as 2026-11-22T18:30');
  return at;
}

/** @example wholeNumber('10') // 10 */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new ConfigError('usage', 'wanted a whole number');
  return Number(text);
}

/** @example clientAddress('192.0.2.7:40000') // { address: '192.0.2.7', port: 40000 } */
export function clientAddress(text: string): HostPort {
  const client = parseHostPort(text);
  if (client === null) throw new ConfigError('usage', 'wanted an address, with or without a port, as 192.0.2.7:40000');
  return client;
}
