/**
 * Caches the rendering of a second until the next one, so that a flood of lines costs one rendering a second.
 *
 * @param render Gets the date in local time, with 0 milliseconds.
 * @example const stamp = perSecond((date) => date.toISOString()); stamp(Date.now())
 */
export function perSecond<T>(render: (date: Date) => T): (at: number) => T {
  let second = Number.NaN;
  let rendered: T;
  return (at) => {
    const wanted = Math.floor(at / 1000);
    if (wanted !== second) {
      rendered = render(new Date(wanted * 1000));
      second = wanted;
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
