/**
 * Remembers what was rendered for a second until another second is asked for: a flood of lines costs one rendering.
 *
 * @param render Gets the date in local time; its milliseconds mean nothing.
 * @example const stamp = perSecond((date) => date.toISOString()); stamp(Date.now())
 */
export function perSecond<T>(render: (date: Date) => T): (at: number) => T {
  let second = Number.NaN;
  let rendered: T;
  return (at) => {
    const asked = Math.floor(at / 1000);
    if (asked !== second) {
      rendered = render(new Date(asked * 1000));
      second = asked;
    }
    return rendered;
  };
}

/** `7` → `07`. */
export function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** `HH:MM:SS`, local time. */
export function clockTime(date: Date): string {
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`;
}
