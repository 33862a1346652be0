import { findOutsideBrackets } from '../pattern.js';
import type { Rule } from '../rule.js';
import { lintHost } from './lint-host.js';
import type { Say } from './say.js';
import { lintList, lintPlainWord } from './words.js';

export function lintDaemons({ daemons, text: rule }: Rule, say: Say): void {
  if (rule.trimStart().startsWith('#')) {
    say('warning', 'indented-comment', 'a "#" that is not the first byte of its line begins no comment: this is a rule');
  }
  lintList(daemons, 'daemon', say);
  for (const { text, process, server } of daemons.flat()) {
    const at = findOutsideBrackets(text, '@', 1);
    const word = at === -1 ? text : text.slice(0, at);
    if (process.kind === 'port') say('note', 'port', `${word}: a number is the port of the server, not the name of a daemon`);
    else lintPlainWord(word, 'daemon', ['known', 'local', 'paranoid'], say);
    if (server !== null) lintHost(server, text.slice(at + 1), say);
  }
}
