import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/**
 * The name of a network interface by its number, as if_indextoname(3), or the number where it has none. Looked up afresh each
 * time: interfaces come, go and are renamed.
 *
 * @example interfaceName(2) // 'eth0'
 */
export function interfaceName(index: number): string {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some((one) => one.family === 'IPv6' && one.scopeid === index)) return name;
  }
  return String(index);
}

/** Whether there is a network interface of that name (IFNAMSIZ: 15 bytes) now. */
export const hasInterface = (name: string) => /^[^/]{1,15}$/.test(name) && !name.startsWith('.') && existsSync(`/sys/class/net/${name}`);
