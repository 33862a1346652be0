import type { Address } from '../address/address.js';
import { maskAddress } from '../address/prefix-set.js';
import type { Evaluation, FactSubject } from './evaluation.js';
import type { ClientElement, DaemonElement, IPv4Network, IPv6Network, List, StringPattern } from './pattern.js';

/** Numbers of rules, ascending. */
type Postings = number[];
/** Most keys have one number, which needs no array. */
type Filed = number | Postings;

/** A rule with more pairs of daemon and client is filed only under its clients. */
const MOST_PAIRS = 10_000;

/**
 * Finds the rules that may match a request without trying them all, in the order of the table. It may offer rules that do not match (the
 * caller tries each in full), but never omits one that does.
 *
 * A rule is filed under the words before its first EXCEPT: under each daemon name, and there under each client word by its kind. So an
 * address finds its rules with one hash look-up for each network mask in use, and a host name with one for each of its dots.
 */
export class RuleIndex {
  private readonly byDaemon = new Map<string, ClientIndex>();
  private readonly anyDaemon = new ClientIndex();
  /** Rules whose daemon word is a pattern: tried for every daemon. */
  private readonly otherDaemons = new ClientIndex();

  /** Files a rule; call it in the order of the table. */
  add(number: number, [daemons]: List<DaemonElement>, [clients]: List<ClientElement>): void {
    if (daemons === undefined || clients === undefined) return;
    for (const index of this.indexesOf(daemons, clients.length)) for (const client of clients) index.add(number, client);
  }

  /**
   * Tries candidates in ascending order until one matches.
   *
   * @param tryRule Whether the rule of that number matches in full.
   * @returns The number of the first matching rule, −1 without one.
   */
  findFirst(evaluation: Evaluation, tryRule: (number: number) => boolean): number {
    const lists: Postings[] = [];
    const named = this.byDaemon.get(evaluation.daemon.folded);
    if (named !== undefined) named.collect(evaluation, lists);
    this.anyDaemon.collect(evaluation, lists);
    this.otherDaemons.collect(evaluation, lists);
    return firstOf(lists, tryRule);
  }

  private indexesOf(daemons: readonly DaemonElement[], clients: number): Iterable<ClientIndex> {
    if (daemons.length * clients > MOST_PAIRS) return [this.otherDaemons];
    return daemons.length === 1 ? [this.indexOf(daemons[0] as DaemonElement)] : new Set(daemons.map((one) => this.indexOf(one)));
  }

  private indexOf({ process }: DaemonElement): ClientIndex {
    if (process.kind === 'all') return this.anyDaemon;
    if (process.kind !== 'exact') return this.otherDaemons;
    let index = this.byDaemon.get(process.text);
    if (index === undefined) this.byDaemon.set(process.text, (index = new ClientIndex()));
    return index;
  }
}

/** The smallest matching number of all lists; a number in several lists is tried once. */
function firstOf(lists: readonly Postings[], tryRule: (number: number) => boolean): number {
  const heads = new Array<number>(lists.length).fill(0);
  for (;;) {
    let smallest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < lists.length; i++) {
      const head = (lists[i] as Postings)[heads[i] as number];
      if (head !== undefined && head < smallest) smallest = head;
    }
    if (smallest === Number.POSITIVE_INFINITY) return -1;
    if (tryRule(smallest)) return smallest;
    for (let i = 0; i < lists.length; i++) if ((lists[i] as Postings)[heads[i] as number] === smallest) (heads[i] as number)++;
  }
}

/** An index of rules by their client words. */
class ClientIndex {
  /** ALL, wildcards, netgroups, files: they can match any client. */
  private readonly always: Postings = [];
  /** KNOWN and LOCAL. */
  private readonly aboutName: Postings = [];
  /** Rules that may match while the host name is unknown. */
  private readonly needName: Postings = [];
  private readonly exact = new Map<string, Filed>();
  private readonly suffixes = new Map<string, Filed>();
  private readonly prefixes = new Map<string, Filed>();
  private readonly ipv4 = new Map<number, Map<number, Filed>>();
  private readonly ipv6 = new Map<number, Map<string, Filed>>();

  add(number: number, { host }: ClientElement): void {
    switch (host.kind) {
      case 'netgroup':
      case 'file':
        post(this.always, number);
        return;
      case 'known':
      case 'local':
        post(this.aboutName, number);
        post(this.needName, number);
        return;
      case 'network':
        if (host.ipv4 !== null) this.addIPv4(number, host.ipv4);
        if (host.ipv6 !== null) this.addIPv6(number, host.ipv6);
        return;
      case 'string':
        this.addString(number, host.pattern);
        if (host.asksName && host.pattern.kind !== 'ipv6') post(this.needName, number);
    }
  }

  collect(evaluation: Evaluation, lists: Postings[]): void {
    const { address } = evaluation.client;
    const name = evaluation.client.knownName;
    offer(lists, this.always);
    if (this.ipv4.size > 0) this.collectIPv4(address.ipv4, lists);
    if (this.ipv6.size > 0) this.collectIPv6(address.ipv6, lists);
    this.collectText(address, lists);
    if (name === null) {
      offer(lists, this.needName);
      return;
    }
    offer(lists, this.aboutName);
    this.collectText(name, lists);
    if (this.ipv6.size > 0) this.collectIPv6(name.ipv6, lists);
  }

  private addString(number: number, pattern: StringPattern): void {
    switch (pattern.kind) {
      case 'exact':
        postUnder(this.exact, pattern.text, number);
        return;
      case 'suffix':
        postUnder(this.suffixes, pattern.text, number);
        return;
      case 'prefix':
        postUnder(this.prefixes, pattern.text, number);
        return;
      case 'ipv6':
        if (pattern.address !== null) this.addIPv6(number, { literal: '', base: pattern.address, length: 128 });
        return;
      default:
        post(this.always, number);
    }
  }

  private addIPv4(number: number, { net, mask }: IPv4Network): void {
    let networks = this.ipv4.get(mask);
    if (networks === undefined) this.ipv4.set(mask, (networks = new Map()));
    postUnder(networks, net, number);
  }

  private addIPv6(number: number, { base, length }: IPv6Network): void {
    let networks = this.ipv6.get(length);
    if (networks === undefined) this.ipv6.set(length, (networks = new Map()));
    postUnder(networks, wordsKey(base), number);
  }

  private collectIPv4(bits: number | null, lists: Postings[]): void {
    if (bits === null) return;
    for (const [mask, networks] of this.ipv4) offer(lists, networks.get((bits & mask) >>> 0));
  }

  private collectIPv6(words: Address | null, lists: Postings[]): void {
    if (words === null) return;
    for (const [length, networks] of this.ipv6) offer(lists, networks.get(wordsKey(maskAddress(words, length))));
  }

  /** Every suffix begins and every prefix ends with a dot, so only the dots of a text matter. */
  private collectText({ folded }: FactSubject, lists: Postings[]): void {
    offer(lists, this.exact.get(folded));
    if (this.prefixes.size === 0 && this.suffixes.size === 0) return;
    for (let dot = folded.indexOf('.'); dot !== -1; dot = folded.indexOf('.', dot + 1)) {
      if (this.prefixes.size > 0) offer(lists, this.prefixes.get(folded.slice(0, dot + 1)));
      if (this.suffixes.size > 0 && dot > 0) offer(lists, this.suffixes.get(folded.slice(dot)));
    }
  }
}

const wordsKey = ({ w0, w1, w2, w3 }: Address) => `${w0},${w1},${w2},${w3}`;

function offer(lists: Postings[], filed: Filed | undefined): void {
  if (filed === undefined) return;
  if (typeof filed === 'number') lists.push([filed]);
  else if (filed.length > 0) lists.push(filed);
}

/** Rules come in order, so a number that is already present is the last. */
function post(postings: Postings, number: number): void {
  if (postings.at(-1) !== number) postings.push(number);
}

function postUnder<Key>(map: Map<Key, Filed>, key: Key, number: number): void {
  const filed = map.get(key);
  if (filed === undefined) map.set(key, number);
  else if (typeof filed !== 'number') post(filed, number);
  else if (filed !== number) map.set(key, [filed, number]);
}
