import { expansionLetters } from '../expand.js';
import { optionTable } from '../options.js';
import { ruleFields } from '../parse.js';
import type { OptionStep } from '../parse-options.js';
import type { Rule } from '../rule.js';
import type { ReportRule } from './report-rule.js';

const expanded = new Set(optionTable.filter((spec) => spec.expands).map((spec) => spec.name as string));

export function lintOptions({ text }: Rule, steps: readonly OptionStep[], report: ReportRule): void {
  for (const step of steps) {
    if (!step.ok) {
      const colon = step.problem === 'missing option name' && ruleFields(text).options === '' ? ': the rule ends in ":"' : '';
      report('error', 'bad-option', `${step.problem}${colon}; clients that match this rule are refused`);
    } else if (expanded.has(step.name)) lintExpansion(step.value, report);
  }
}

function lintExpansion(value: string, report: ReportRule): void {
  for (const [whole, letter] of value.matchAll(/%(.)/gs)) {
    if (expansionLetters[letter as string] === undefined) report('warning', 'unknown-expansion', `unrecognized ${whole}: it vanishes`);
  }
}
