import { type Address, fromIPv4 } from '../../address/address.js';
import { IPV4_BITS, type Prefix } from '../../address/prefix-set.js';
import { drop, take } from '../leniency.js';
import { inetAton, network, type OnUnreadable, prefix, type SourceEntry } from './source-entry.js';

/*
 * Words in lists of clients that are no address. xinetd drops each with a message, so that a word in `only_from` admits no client, and
 * one in `no_access` refuses none. superd admits no more than that, and refuses where the meaning is plain.
 */

/** For `only_from`: the word admits no client. */
export const admitsNoClient: OnUnreadable = (mistake, _word, report) =>
  drop(report, 'bad-value', mistake, 'superd ignores the word, which ADMITS NO CLIENT');

/** For `no_access`: the word refuses the clients that it plainly means. */
export const refusesWhatIsPlain: OnUnreadable = (mistake, word, report) => {
  const meant = plainMeaning(word);
  if (meant === null) return drop(report, 'bad-value', mistake, 'superd ignores the word, which REFUSES NO CLIENT');
  return take(meant, report, 'bad-value', mistake, `superd refuses ${meant.text}, while xinetd ignores the word`);
};

const EVERY_IPV6: Address = { w0: 0, w1: 0, w2: 0, w3: 0 };

/**
 * The clients that a word means which is no entry: `ALL`, wildcards and ranges. null for any other word.
 *
 * @example plainMeaning('10.0.0.*').text // '10.0.0.0/24'
 */
export function plainMeaning(word: string): SourceEntry | null {
  if (/^(?:\*|all|any|everyone|everybody)$/i.test(word)) return prefix(network(fromIPv4(0), IPV4_BITS), network(EVERY_IPV6, 0));
  const [, octets] = /^(\d{1,3}(?:\.\d{1,3}){0,2})(?:\.\*)+$/.exec(word) ?? [];
  const bits = octets === undefined ? null : inetAton([...octets.split('.'), '0', '0', '0'].slice(0, 4).map(Number).join('.'));
  if (octets !== undefined && bits !== null) return prefix(network(fromIPv4(bits), IPV4_BITS + 8 * octets.split('.').length));
  const [, domain] = /^\*(\.[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)$/i.exec(word) ?? [];
  if (domain !== undefined) return { kind: 'domain', text: domain.toLowerCase() };
  const [first, last] = rangeEnds(word);
  return first === null || last === null || first > last ? null : prefix(...rangePrefixes(first, last));
}

/** `10.0.0.1-10.0.0.9` or `10.0.0.1-9`. */
function rangeEnds(word: string): [first: number | null, last: number | null] {
  const [, head = '', from = '', to = ''] = /^((?:\d{1,3}\.){3})(\d{1,3})-((?:\d{1,3}\.){3}\d{1,3}|\d{1,3})$/.exec(word) ?? [];
  if (head === '') return [null, null];
  return [inetAton(`${head}${from}`), inetAton(to.includes('.') ? to : `${head}${to}`)];
}

/** The fewest IPv4 networks that hold exactly the addresses from the first to the last. */
function rangePrefixes(first: number, last: number): Prefix[] {
  const found: Prefix[] = [];
  for (let at = first; at <= last; ) {
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 - 1 <= last) size *= 2;
    found.push(network(fromIPv4(at), IPV4_BITS + 32 - Math.log2(size)));
    at += size;
  }
  return found;
}
