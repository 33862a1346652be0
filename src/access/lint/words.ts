import { type Bytes, foldCase } from '../bytes.js';
import type { List } from '../pattern.js';
import type { Say } from './say.js';

/** Words that mean something in another place than this. */
export function lintPlainWord(word: Bytes, what: 'daemon' | 'user', reserved: readonly string[], say: Say): void {
  const folded = foldCase(word);
  if (word.startsWith('@')) say('warning', `${what}-begins-with-at`, `${word}: ${what} name begins with "@"`);
  else if (word.startsWith('/')) say('warning', `${what}-begins-with-slash`, `${word}: ${what} name begins with "/"`);
  else if (word.startsWith('.')) say('warning', `${what}-begins-with-dot`, `${word}: ${what} name begins with dot`);
  else if (word.endsWith('.')) say('warning', `${what}-ends-in-dot`, `${word}: ${what} name ends in dot`);
  else if (folded === 'fail') say('warning', 'fail-is-gone', FAIL_IS_GONE);
  else if (reserved.includes(folded)) say('warning', 'reserved-word', `${word}: ${what} name may be reserved word`);
}

export const FAIL_IS_GONE = 'FAIL is no longer recognized (use EXCEPT or DENY instead)';

/** Lists that cannot mean what was meant. */
export function lintList(list: List<unknown>, what: 'daemon' | 'client', say: Say): void {
  const [first = []] = list;
  if ((list.at(-1) as readonly unknown[]).length === 0) say('warning', `empty-${what}-list`, `${what} list is empty or ends in EXCEPT`);
  else if (first.length === 0)
    say('warning', 'never-matches', `${what} list begins with EXCEPT and never matches; write ALL in front of it`);
}
