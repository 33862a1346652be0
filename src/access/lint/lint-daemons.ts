import { findOutsideBrackets } from '../pattern.js';
import type { Rule } from '../rule.js';
import { lintHost } from './lint-host.js';
import type { ReportRule } from './report-rule.js';
import { lintList, lintPlainWord } from './words.js';

export function lintDaemons({ daemons, text: rule }: Rule, report: ReportRule): void {
  if (rule.trimStart().startsWith('#')) {
    report('warning', 'indented-comment', 'a "#" that is not the first byte of its line does not begin a comment: this is a rule');
  }
  lintList(daemons, 'daemon', report);
  for (const { text, process, server } of daemons.flat()) {
    const at = findOutsideBrackets(text, '@', 1);
    const word = at === -1 ? text : text.slice(0, at);
    if (process.kind === 'port') report('note', 'port', `${word}: a number is the port of the server, not the name of a daemon`);
    else lintPlainWord(word, 'daemon', ['known', 'local', 'paranoid'], report);
    if (server !== null) lintHost(server, text.slice(at + 1), report);
  }
}
