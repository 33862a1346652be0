import { ruleFields } from '../parse.js';
import { findOutsideBrackets } from '../pattern.js';
import type { Rule } from '../rule.js';
import { lintHost } from './lint-host.js';
import type { ReportRule } from './report-rule.js';
import { lintList, lintPlainWord } from './words.js';

export function lintClients(rule: Rule, report: ReportRule): void {
  const { clients } = rule;
  const fields = ruleFields(rule.text);
  if (looksLikeBareIPv6(fields)) {
    const field = `${fields.clients}:${fields.options}`.split(/[ ,\t]+/).find((word) => word.includes(':')) ?? '';
    report(
      'error',
      'ipv6-without-brackets',
      `"${field}" is cut at its first ":"; write IPv6 addresses in brackets: [2001:db8::1], [2001:db8::]/32`,
    );
  }
  lintList(clients, 'client', report);
  const words = clients.flat();
  for (const { text, user, host } of words) {
    if (text.startsWith('#')) {
      report('warning', 'trailing-comment', 'a "#" after a rule does not begin a comment: the words after it are client patterns');
      return;
    }
    const at = user === null ? -1 : findOutsideBrackets(text, '@', 1);
    if (user !== null) lintPlainWord(text.slice(0, at), 'user', ['local', 'paranoid'], report);
    lintHost(host, text.slice(at + 1), report);
  }
}

/** Whether the colons of an address have cut the rule: the text on both sides of the first one is hexadecimal. */
function looksLikeBareIPv6({ clients, options }: ReturnType<typeof ruleFields>): boolean {
  if (options === null) return false;
  const before = /(?:^|[ ,\t@])([\da-f]{0,4})$/i.exec(clients);
  return (
    before !== null && (/^[\da-f]{0,4}:/i.test(options) || /^[\da-f]{1,4}(?=[ ,\t/]|$)/i.test(options)) && /[\da-f:]{2}/i.test(options)
  );
}
