import { quote, type Reporter } from '../diagnostic.js';
import { type Attribute, defineAttribute } from './attribute.js';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What setTimeout can wait for; 24 days are enough for anybody. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A duration in milliseconds: a number with ms, s, m, h or d; a bare 0 as well.
 *
 * @example duration('2h', report) // 7200000
 */
export function duration(word: string, report: Reporter): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/i.exec(word);
  const value =
    match === null ? (/^0+$/.test(word) ? 0 : Number.NaN) : Number(match[1]) * (MILLISECONDS[(match[2] as string).toLowerCase()] as number);
  if (Number.isNaN(value)) {
    const remedy = /^\d+$/.test(word) ? `; write ${word}s for seconds` : '; wanted a number with ms, s, m, h or d, as 500ms, 3s, 10m, 2h';
    report.error('bad-value', `${quote(word)} is not a duration${remedy}`);
    return null;
  }
  if (value > LONGEST_MS) {
    report.error('bad-value', `${quote(word)} is longer than 24 days`);
    return null;
  }
  return Math.round(value);
}

/** @example formatDuration(90_000) // '90s' */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0';
  for (const unit of ['h', 'm', 's'] as const) {
    const size = MILLISECONDS[unit] as number;
    if (milliseconds % size === 0) return `${milliseconds / size}${unit}`;
  }
  return `${milliseconds}ms`;
}

type DurationSpec = Pick<Attribute<number>, 'name' | 'where' | 'initial' | 'doc'>;

/** An attribute that is one duration. */
export function durationAttribute(kind: DurationSpec): Attribute<number> {
  return defineAttribute<number>({
    count: [1, 1],
    text: 'words',
    extension: true,
    usage: 'DURATION',
    parse: ([word = ''], report) => duration(word, report),
    format: formatDuration,
    ...kind,
  });
}
