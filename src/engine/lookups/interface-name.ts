import { readFileSync } from 'node:fs';

/**
 * The name of a network interface by its number, as if_indextoname(3), or the number where it has none. Looked up afresh each
 * time: interfaces come, go and are renamed.
 *
 * @example interfaceName(2) // 'eth0', …
 */
export function interfaceName(index: number): string {
  for (const line of linesOf('/proc/net/if_inet6')) {
    const [, number = '', , , , name = ''] = line.trim().split(/ +/);
    if (Number.parseInt(number, 16) === index) return name;
  }
  return String(index);
}

/** Whether there is a network interface of that name now. */
export function hasInterface(name: string): boolean {
  return linesOf('/proc/net/dev').some((line) => line.trimStart().startsWith(`${name}:`));
}

/** Of this process's network; /sys shows that of whoever mounted it. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n');
  } catch {
    return [];
  }
}
