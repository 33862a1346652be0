import { ruleFields } from '../parse.js';
import { findOutsideBrackets } from '../pattern.js';
import type { Rule } from '../rule.js';
import { lintHost } from './lint-host.js';
import type { Say } from './say.js';
import { lintList, lintPlainWord } from './words.js';

export function lintClients(rule: Rule, say: Say): void {
  const { clients } = rule;
  const fields = ruleFields(rule.text);
  if (looksLikeBareIPv6(fields)) {
    const field = `${fields.clients}:${fields.options}`.split(/[ ,\t]+/).find((word) => word.includes(':')) ?? '';
    say(
      'error',
      'ipv6-without-brackets',
      `"${field}" is cut at its first ":"; write IPv6 addresses in brackets: [2001:db8::1], [2001:db8::]/32`,
    );
  }
  lintList(clients, 'client', say);
  const words = clients.flat();
  for (const { text, user, host } of words) {
    if (text.startsWith('#')) {
      say('warning', 'trailing-comment', 'a "#" behind a rule begins no comment: the words behind it are client patterns');
      return;
    }
    const at = user === null ? -1 : findOutsideBrackets(text, '@', 1);
    if (user !== null) lintPlainWord(text.slice(0, at), 'user', ['local', 'paranoid'], say);
    lintHost(host, text.slice(at + 1), say);
  }
}

/** The colons of an address have cut the rule: what stands before and behind the first of them is hexadecimal. */
function looksLikeBareIPv6({ clients, options }: ReturnType<typeof ruleFields>): boolean {
  if (options === null) return false;
  const before = /(?:^|[ ,\t@])([\da-f]{0,4})$/i.exec(clients);
  return (
    before !== null && (/^[\da-f]{0,4}:/i.test(options) || /^[\da-f]{1,4}(?=[ ,\t/]|$)/i.test(options)) && /[\da-f:]{2}/i.test(options)
  );
}
