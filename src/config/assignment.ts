import { type DiagnosticCode, quote } from './diagnostic.js';
import type { Operator } from './entries.js';
import { trimBlanks } from './lex.js';

export type AttributeLine =
  | {
      readonly kind: 'assignment';
      readonly name: string;
      readonly operator: Operator;
      readonly value: string;
      readonly blankBefore: boolean;
      /** `==` was written for `=`. */
      readonly isDoubled: boolean;
    }
  | { readonly kind: 'mistake'; readonly code: DiagnosticCode; readonly message: string };

/** Whether a line, right or wrong, is meant to give an attribute a value. */
export const looksLikeAssignment = (text: string): boolean => /^[^\s={}]+\s*(?:\+=|-=|=)/.test(text);

/**
 * Parses `NAME OPERATOR VALUE...`; blanks around the operator may be missing.
 *
 * @example readAttributeLine('wait=no') // { kind: 'assignment', name: 'wait', operator: '=', value: 'no', blankBefore: false, isDoubled: false }
 */
export function readAttributeLine(text: string): AttributeLine {
  const match = /^([^\s=]+?)(\s*)(\+=|-=|=)([\s\S]*)$/.exec(text);
  if (match === null) return explain(text);
  const [, name, blank, operator, rest] = match as unknown as [string, string, string, Operator, string];
  const value = trimBlanks(rest.replace(/^=+/, ''));
  return { kind: 'assignment', name, operator, value, blankBefore: blank !== '', isDoubled: rest.startsWith('=') };
}

const mistake = (code: DiagnosticCode, message: string): AttributeLine => ({ kind: 'mistake', code, message });

function explain(text: string): AttributeLine {
  const [name = '', second = ''] = text.split(/\s+/);
  if (text.startsWith('=')) return mistake('bad-operator', 'the attribute name before = is missing');
  const apart = /^\S+\s*([+-])\s+=/.exec(text);
  if (apart !== null) return mistake('bad-operator', `"${apart[1]} =" has a blank in it; write ${apart[1]}=`);
  if (/^(?::=|:|\+|-|\*=)/.test(second) || name.endsWith(':'))
    return mistake(
      'bad-operator',
      `unknown operator ${quote(name.endsWith(':') ? ':' : second)}; wanted "${name.replace(/:$/, '')} =", += or -=`,
    );
  return mistake('missing-operator', `= is missing after ${quote(name)}; wanted "${name} = ${second === '' ? 'VALUE' : second}"`);
}
