import { closeSync, openSync, readSync } from 'node:fs';
import type { Store } from '../../state/store.js';

/** Identifies the state directory: by it superd recognizes the daemons of a superd that was killed. */
export function stateKey(store: Store): string {
  const section = store.section('key', (value) => (typeof value === 'string' && /^[0-9a-f]{16}$/.test(value) ? value : ''));
  if (section.value === '') section.set(randomKey());
  return section.value;
}

/** Sixteen hexadecimal digits. `node:crypto`, once loaded, would stay in memory. */
function randomKey(): string {
  const bytes = Buffer.alloc(8);
  const fd = openSync('/dev/urandom', 'r');
  readSync(fd, bytes);
  closeSync(fd);
  return bytes.toString('hex');
}
