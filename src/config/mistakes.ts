import type { Diagnostic } from './diagnostic.js';

/**
 * The mistakes that an earlier reading of the configuration did not have. A mistake stays the same when its line moves, and each occurrence counts.
 *
 * @example newMistakes([{ severity: 'error', code: 'bad-value', path: 'f', line: 9, message: 'm' }], []).length // 1
 */
export function newMistakes(now: readonly Diagnostic[], before: readonly Diagnostic[]): Diagnostic[] {
  const known = new Map<string, number>();
  for (const one of before) known.set(keyOf(one), (known.get(keyOf(one)) ?? 0) + 1);
  return now.filter((one) => {
    const left = known.get(keyOf(one)) ?? 0;
    known.set(keyOf(one), left - 1);
    return left <= 0;
  });
}

/** Messages name other places as `path:line`, and their lines move too. */
function keyOf({ path, code, message }: Diagnostic): string {
  return `${path}\0${code}\0${message.replace(/:\d+/g, '')}`;
}
