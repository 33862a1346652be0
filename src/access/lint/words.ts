import { type Bytes, foldCase } from '../bytes.js';
import type { List } from '../pattern.js';
import type { ReportRule } from './report-rule.js';

/** Reports words with a meaning in another place. */
export function lintPlainWord(word: Bytes, what: 'daemon' | 'user', reserved: readonly string[], report: ReportRule): void {
  const folded = foldCase(word);
  if (word.startsWith('@')) report('warning', `${what}-begins-with-at`, `${word}: ${what} name begins with "@"`);
  else if (word.startsWith('/')) report('warning', `${what}-begins-with-slash`, `${word}: ${what} name begins with "/"`);
  else if (word.startsWith('.')) report('warning', `${what}-begins-with-dot`, `${word}: ${what} name begins with dot`);
  else if (word.endsWith('.')) report('warning', `${what}-ends-in-dot`, `${word}: ${what} name ends in dot`);
  else if (folded === 'fail') report('warning', 'fail-is-gone', FAIL_IS_GONE);
  else if (reserved.includes(folded)) report('warning', 'reserved-word', `${word}: ${what} name may be reserved word`);
}

export const FAIL_IS_GONE = 'FAIL is no longer recognized (use EXCEPT or DENY instead)';

/** Reports lists that cannot mean what their author intended. */
export function lintList(list: List<unknown>, what: 'daemon' | 'client', report: ReportRule): void {
  const [first = []] = list;
  if ((list.at(-1) as readonly unknown[]).length === 0) report('warning', `empty-${what}-list`, `${what} list is empty or ends in EXCEPT`);
  else if (first.length === 0)
    report('warning', 'never-matches', `${what} list begins with EXCEPT and never matches; write ALL in front of it`);
}
