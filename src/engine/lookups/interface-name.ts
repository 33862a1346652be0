import { readFileSync } from 'node:fs';

/**
 * The name of a network interface by its number, as if_indextoname(3); the number where it has none. Not cached: interfaces come, go and are
 * renamed.
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

/** Whether a network interface has that name now. */
export function hasInterface(name: string): boolean {
  return linesOf('/proc/net/dev').some((line) => line.trimStart().startsWith(`${name}:`));
}

/** /proc/net is that of this process's network namespace; /sys is that of the process that mounted it. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n');
  } catch {
    return [];
  }
}
