import { type Address, isIPv4 } from '../../address/address.js';
import { maskAddress } from '../../address/prefix-set.js';
import { parseQuad } from '../addresses.js';
import type { ClientElement, DaemonElement, HostPattern, List, StringPattern } from '../pattern.js';
import type { Rule } from '../rule.js';

export interface Shadowed {
  readonly rule: Rule;
  readonly message: string;
}

/**
 * Finds rules that can never decide: one earlier rule, in the same table or (for hosts.deny) in hosts.allow, matches every request that
 * they match. Reports only certain cases: a rule with EXCEPT covers no other here.
 */
export function* findShadowed(rules: readonly Rule[], allow: readonly Rule[]): Generator<Shadowed> {
  const inAllow = new Covers(allow.filter((rule) => !hasAclexec(rule)));
  const here = new Covers(rules);
  for (const rule of rules) {
    const byAllow = inAllow.find(rule, Number.POSITIVE_INFINITY);
    const by = byAllow ?? here.find(rule, rule.line);
    if (by === null) continue;
    const place = byAllow === null ? `line ${by.line}` : `hosts.allow line ${by.line}`;
    yield { rule, message: `never reached: ${place} matches everything that this rule does` };
  }
}

/**
 * An index of the rules that may cover others, to avoid comparing each pair: long tables are lists of addresses and names. A rule is filed
 * under a key for each of its client words.
 */
class Covers {
  private readonly filed = new Map<string, Rule[]>();
  /** The network masks and prefix lengths in use. */
  private readonly masks = new Set<number>();
  private readonly lengths = new Set<number>();

  constructor(rules: readonly Rule[]) {
    for (const rule of rules) if (mayCover(rule)) this.add(rule);
  }

  /** The first rule before that line that covers this one, or null. */
  find(rule: Rule, before: number): Rule | null {
    const [client] = rule.clients[0] as readonly ClientElement[];
    if (client === undefined) return null;
    let earliest = null as Rule | null;
    for (const key of this.keysAbove(client.host)) {
      for (const one of this.filed.get(key) ?? []) {
        if (one.line >= (earliest?.line ?? before)) break;
        if (!coversRule(one, rule)) continue;
        earliest = one;
        break;
      }
    }
    return earliest;
  }

  private add(rule: Rule): void {
    const keys = (rule.clients[0] as readonly ClientElement[]).map(({ host }) => this.keyOf(host));
    for (const key of new Set(keys)) this.filed.get(key)?.push(rule) ?? this.filed.set(key, [rule]);
  }

  private keyOf(host: HostPattern): string {
    if (host.kind === 'network' && host.ipv4 !== null && host.ipv6 === null) {
      this.masks.add(host.ipv4.mask);
      return `4 ${host.ipv4.mask} ${host.ipv4.net}`;
    }
    if (host.kind === 'network' && host.ipv6 !== null && host.ipv4 === null) {
      this.lengths.add(host.ipv6.length);
      return ipv6Key(host.ipv6.base, host.ipv6.length);
    }
    if (host.kind !== 'string') return ANY;
    const { pattern } = host;
    return pattern.kind === 'exact' || pattern.kind === 'suffix' || pattern.kind === 'prefix' ? `${pattern.kind} ${pattern.text}` : ANY;
  }

  /** The keys of words that can cover this one. */
  private *keysAbove(host: HostPattern): Generator<string> {
    yield ANY;
    if (host.kind === 'network') {
      if (host.ipv4 !== null) yield* this.ipv4Keys(host.ipv4.net);
      if (host.ipv6 !== null) yield* this.ipv6Keys(host.ipv6.base);
    }
    if (host.kind !== 'string') return;
    const { pattern } = host;
    if (pattern.kind === 'ipv6' && pattern.address !== null) yield* this.ipv6Keys(pattern.address);
    if (pattern.kind !== 'exact' && pattern.kind !== 'suffix' && pattern.kind !== 'prefix') return;
    const { text } = pattern;
    yield `exact ${text}`;
    for (let dot = text.indexOf('.'); dot !== -1; dot = text.indexOf('.', dot + 1)) {
      yield `suffix ${text.slice(dot)}`;
      yield `prefix ${text.slice(0, dot + 1)}`;
    }
    const bits = parseQuad(text);
    if (bits !== null) yield* this.ipv4Keys(bits);
  }

  private *ipv4Keys(bits: number): Generator<string> {
    for (const mask of this.masks) yield `4 ${mask} ${(bits & mask) >>> 0}`;
  }

  private *ipv6Keys(address: Address): Generator<string> {
    for (const length of this.lengths) yield ipv6Key(maskAddress(address, length), length);
  }
}

/** The key of words that are compared with every other: there are few. */
const ANY = '';

const ipv6Key = ({ w0, w1, w2, w3 }: Address, length: number) => `6 ${length} ${w0} ${w1} ${w2} ${w3}`;

const mayCover = ({ daemons, clients }: Rule) => daemons.length === 1 && clients.length === 1;

/** A failed aclexec leaves the decision to the next table. */
const hasAclexec = ({ options }: Rule) => options?.some((step) => step.ok && step.action.kind === 'aclexec') ?? false;

function coversRule(wide: Rule, narrow: Rule): boolean {
  const daemons = narrow.daemons[0] as readonly DaemonElement[];
  const clients = narrow.clients[0] as readonly ClientElement[];
  return (
    daemons.length > 0 &&
    clients.length > 0 &&
    coversAll(wide.daemons, daemons, coversDaemon) &&
    coversAll(wide.clients, clients, coversClient)
  );
}

function coversAll<Element>(wide: List<Element>, narrow: readonly Element[], covers: (wide: Element, narrow: Element) => boolean): boolean {
  return narrow.every((one) => (wide[0] as readonly Element[]).some((other) => covers(other, one)));
}

function coversDaemon(wide: DaemonElement, narrow: DaemonElement): boolean {
  if (wide.server !== null && (narrow.server === null || !coversHost(wide.server, narrow.server))) return false;
  if (wide.process.kind === 'port' || narrow.process.kind === 'port') {
    return (
      wide.process.kind === 'all' ||
      (wide.process.kind === 'port' && narrow.process.kind === 'port' && wide.process.port === narrow.process.port)
    );
  }
  return coversString(wide.process, narrow.process);
}

function coversClient(wide: ClientElement, narrow: ClientElement): boolean {
  if (wide.user !== null && (narrow.user === null || !coversString(wide.user, narrow.user))) return false;
  return coversHost(wide.host, narrow.host);
}

function coversHost(wide: HostPattern, narrow: HostPattern): boolean {
  if (wide.kind === 'string' && wide.pattern.kind === 'all') return true;
  if (wide.kind === 'network') return coversByNetwork(wide, narrow);
  if (wide.kind === 'string') return narrow.kind === 'string' && coversString(wide.pattern, narrow.pattern);
  if (wide.kind === 'netgroup') return narrow.kind === 'netgroup' && narrow.name === wide.name;
  if (wide.kind === 'file') return narrow.kind === 'file' && narrow.path === wide.path;
  return wide.kind === narrow.kind;
}

function coversByNetwork({ ipv4, ipv6 }: HostPattern & { kind: 'network' }, narrow: HostPattern): boolean {
  if (narrow.kind === 'network') {
    if (narrow.ipv4 !== null) {
      return ipv4 !== null && (narrow.ipv4.mask & ipv4.mask) >>> 0 === ipv4.mask && (narrow.ipv4.net & ipv4.mask) >>> 0 === ipv4.net;
    }
    return (
      ipv6 !== null &&
      narrow.ipv6 !== null &&
      narrow.ipv6.length >= ipv6.length &&
      sameAddress(maskAddress(narrow.ipv6.base, ipv6.length), ipv6.base)
    );
  }
  if (narrow.kind !== 'string') return false;
  const { pattern } = narrow;
  // A numeric word never matches the host name.
  if (pattern.kind === 'exact' && !narrow.asksName && ipv4 !== null) {
    const bits = parseQuad(pattern.text);
    return bits !== null && (bits & ipv4.mask) >>> 0 === ipv4.net;
  }
  return (
    pattern.kind === 'ipv6' &&
    pattern.address !== null &&
    ipv6 !== null &&
    !isIPv4(pattern.address) &&
    sameAddress(maskAddress(pattern.address, ipv6.length), ipv6.base)
  );
}

function coversString(wide: StringPattern, narrow: StringPattern): boolean {
  switch (wide.kind) {
    case 'all':
      return true;
    case 'suffix':
      return (
        (narrow.kind === 'exact' && narrow.text.length > wide.text.length && narrow.text.endsWith(wide.text)) ||
        (narrow.kind === 'suffix' && narrow.text.endsWith(wide.text))
      );
    case 'prefix':
      return (narrow.kind === 'exact' || narrow.kind === 'prefix') && narrow.text.startsWith(wide.text);
    case 'exact':
      return narrow.kind === 'exact' && narrow.text === wide.text;
    case 'wildcard':
      return narrow.kind === 'wildcard' && narrow.glob === wide.glob;
    case 'known':
      return narrow.kind === 'known' || (narrow.kind === 'exact' && narrow.text !== 'unknown');
    case 'ipv6':
      return narrow.kind === 'ipv6' && wide.address !== null && narrow.address !== null && sameAddress(wide.address, narrow.address);
  }
}

const sameAddress = (a: { w0: number; w1: number; w2: number; w3: number }, b: typeof a) =>
  a.w0 === b.w0 && a.w1 === b.w1 && a.w2 === b.w2 && a.w3 === b.w3;
