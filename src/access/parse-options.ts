import { type Bytes, foldCase } from './bytes.js';
import { type OptionAction, optionTable } from './options.js';

/** One option of a rule, ready to run; or a mistake, which refuses the client once the rule matches and the earlier options have run. */
export type OptionStep =
  | { readonly ok: true; readonly name: Bytes; readonly value: Bytes; readonly action: OptionAction }
  | { readonly ok: false; readonly name: Bytes; readonly value: Bytes; readonly problem: string };

/** C's isspace(3), which trims an option; between name and value only the four blanks of the language count. */
const TRIM = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g;
const NAME_AND_VALUE = /^([^ \t\r\n=]*)[ \t\r\n]*=?[ \t\r\n]*(.*)$/s;

export const trimSpace = (text: Bytes) => text.replace(TRIM, '');

const optionsByName = new Map(optionTable.map((spec) => [spec.name as string, spec]));

/**
 * Parses the third field of a rule: options separated by `:`, with `\:` for a colon inside one. Stops at the first mistake, because
 * nothing after it can run.
 */
export function parseOptions(field: Bytes): OptionStep[] {
  const pieces = field.split(/(?<!\\):/).map((piece) => trimSpace(piece.replaceAll('\\:', ':')));
  const steps: OptionStep[] = [];
  for (const [i, piece] of pieces.entries()) {
    const step = parseOption(piece, i === pieces.length - 1);
    steps.push(step);
    if (!step.ok) break;
  }
  return steps;
}

function parseOption(piece: Bytes, isLast: boolean): OptionStep {
  const [, name = '', value = ''] = NAME_AND_VALUE.exec(piece) ?? [];
  const wrong = (problem: string): OptionStep => ({ ok: false, name, value, problem });
  if (name === '') return wrong('missing option name');
  const spec = optionsByName.get(foldCase(name));
  if (spec === undefined) return wrong(`bad option name: "${name}"`);
  if (spec.value === 'required' && value === '') return wrong(`option "${spec.name}" requires value`);
  if (spec.value === 'none' && value !== '') return wrong(`option "${spec.name}" requires no value`);
  if (spec.last && !isLast) return wrong(`option "${spec.name}" must be at end`);
  const action = spec.read(value);
  if (typeof action === 'string') return wrong(action);
  return { ok: true, name: spec.name, value, action };
}
