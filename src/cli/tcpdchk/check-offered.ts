import type { AccessTables, RuleDiagnostic } from '../../access/index.js';
import { findUnoffered, type Offered } from '../access/offered.js';

/** Warns of names of daemons that no service has, each once. */
export function checkOffered({ allow, deny }: AccessTables, offered: Offered): RuleDiagnostic[] {
  const found: RuleDiagnostic[] = [];
  const seen = new Set<string>();
  for (const { path, rules } of [allow, deny]) {
    for (const { line, daemons } of rules) {
      for (const { process } of daemons.flat()) {
        if (process.kind !== 'exact' || process.text === 'unknown' || seen.has(process.text)) continue;
        seen.add(process.text);
        const message = findUnoffered(process.text, offered);
        if (message !== null) found.push({ severity: 'warning', code: 'not-offered', path, line, message });
      }
    }
  }
  return found;
}
