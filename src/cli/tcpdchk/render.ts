import type { Rule, RuleDiagnostic } from '../../access/index.js';
import { renderDiagnostic } from '../access/render-diagnostic.js';

/** One rule as tcpdchk reads it, and its diagnostics. */
export function renderRule(path: string, rule: Rule, initial: 'granted' | 'denied', found: readonly RuleDiagnostic[]): string {
  const options = (rule.options ?? [])
    .filter((step) => step.ok)
    .map(({ name, value }) => `option:   ${name}${value === '' ? '' : ` ${value}`}\n`);
  return (
    `\n>>> Rule ${path} line ${rule.line}:\n` +
    `daemons:  ${renderList(rule.daemons)}\n` +
    `clients:  ${renderList(rule.clients)}\n` +
    options.join('') +
    found.map(renderDiagnostic).join('') +
    `access:   ${accessOf(rule, initial)}\n`
  );
}

const renderList = (list: Rule['daemons'] | Rule['clients']) =>
  list.map((group) => group.map(({ text }) => text).join(' ')).join(' EXCEPT ');

function accessOf({ options }: Rule, initial: 'granted' | 'denied'): 'granted' | 'denied' | 'delegated' {
  const last = options?.at(-1);
  if (last === undefined) return initial;
  if (!last.ok) return 'denied';
  switch (last.action.kind) {
    case 'allow':
      return 'granted';
    case 'deny':
      return 'denied';
    case 'twist':
      return 'delegated';
    default:
      return initial;
  }
}
