import { Asking, Missing } from './asking.js';
import { toBytes } from './bytes.js';
import { expand } from './expand.js';
import type { Need, RequestFacts } from './request.js';
import type { AccessTables } from './tables.js';

/**
 * The text of a banner file for one client: each line expanded (hosts_access(5)) and ended with CR LF. A last line without a
 * newline stays without.
 *
 * @returns the bytes to send; or the fact that an expansion needs, to be learned before asking again.
 */
export function renderBanner(content: string | Uint8Array, tables: AccessTables, facts: RequestFacts): Uint8Array | Need {
  const asking = new Asking(facts, tables.hasInterface, () => {});
  try {
    const lines = toBytes(content).split('\n');
    return toArray(lines.map((line) => expand(line, asking) ?? '').join('\r\n'));
  } catch (missing) {
    if (missing instanceof Missing) return missing.need;
    throw missing;
  }
}

const toArray = (bytes: string) => Uint8Array.from(bytes, (char) => char.charCodeAt(0));
