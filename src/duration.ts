const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a duration as the configuration and the command line write it: a number with ms, s, m, h or d.
 *
 * @returns null for anything else, a bare number included.
 * @example parseDuration('1.5h') // 5400000
 */
export function parseDuration(text: string): number | null {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/i.exec(text) ?? [];
  return number === undefined ? null : Math.round(Number(number) * (UNIT_MS[unit.toLowerCase()] as number));
}

/**
 * The exact duration as parseDuration reads it, in the largest unit up to hours that needs no fraction.
 *
 * @example formatDuration(90_000) // '90s'
 */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0';
  const unit = ['h', 'm', 's'].find((one) => ms % (UNIT_MS[one] as number) === 0) ?? 'ms';
  return `${ms / (UNIT_MS[unit] as number)}${unit}`;
}

const STEPS = [
  ['d', 86_400, 'h', 3600],
  ['h', 3600, 'm', 60],
  ['m', 60, 's', 1],
] as const;

/**
 * A duration for a table: whole seconds in its two largest units.
 *
 * @example formatAge(93_784_000) // '1d 2h'
 */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const step = STEPS.find(([, length]) => seconds >= length);
  if (step === undefined) return `${seconds}s`;
  const [unit, length, below, part] = step;
  const rest = Math.floor((seconds % length) / part);
  return `${Math.floor(seconds / length)}${unit}${rest === 0 ? '' : ` ${rest}${below}`}`;
}

/**
 * A measured duration: as formatAge, but with tenths below a minute and milliseconds below a second.
 *
 * @example formatElapsed(6240) // '6.2 s'
 */
export function formatElapsed(ms: number): string {
  if (ms < 1000) return `${Math.round(Math.max(0, ms))} ms`;
  return ms < 60_000 ? `${(Math.floor(ms / 100) / 10).toFixed(1)} s` : formatAge(ms);
}
