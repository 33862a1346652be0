import { toBytes } from './bytes.js';
import { Evaluation, FactNeeded } from './evaluation.js';
import { expand } from './expand.js';
import type { Need, RequestFacts } from './request.js';
import type { AccessTables } from './tables.js';

/**
 * Renders a banner file for one client: expands each line (hosts_access(5)) and ends it with CR LF. A last line without a newline gets
 * none.
 *
 * @returns The bytes to send; or the fact that an expansion needs, to `learn` before the next call.
 */
export function renderBanner(content: string | Uint8Array, tables: AccessTables, facts: RequestFacts): Uint8Array | Need {
  const evaluation = new Evaluation(facts, tables.hasInterface, () => {});
  try {
    const lines = toBytes(content).split('\n');
    return toArray(lines.map((line) => expand(line, evaluation) ?? '').join('\r\n'));
  } catch (missing) {
    if (missing instanceof FactNeeded) return missing.need;
    throw missing;
  }
}

const toArray = (bytes: string) => Uint8Array.from(bytes, (char) => char.charCodeAt(0));
