import type { Address } from '../address/address.js';
import { maskAddress } from '../address/prefix-set.js';
import { type HasInterface, parseScopedIPv6 } from './addresses.js';
import { toText } from './bytes.js';
import { type Evaluation, type FactSubject, type Host, UNKNOWN } from './evaluation.js';
import { type ClientElement, type DaemonElement, type HostPattern, type List, parseHostPattern, type StringPattern } from './pattern.js';
import { patternWords } from './pattern-file.js';
import { matchWildcard } from './wildcard.js';

/** Whether one element of a list matches the request. */
type Matcher<Element> = (element: Element, evaluation: Evaluation) => boolean;

/**
 * Whether a list matches: the first matching element decides, unless the list after the next EXCEPT matches too, by these same rules.
 * `a EXCEPT b EXCEPT c` is a, and not (b and not c).
 */
function matchList<Element>(list: List<Element>, evaluation: Evaluation, matches: Matcher<Element>, from: number): boolean {
  for (const element of list[from] as readonly Element[]) {
    if (matches(element, evaluation)) return from + 1 === list.length || !matchList(list, evaluation, matches, from + 1);
  }
  return false;
}

export function matchDaemons(list: List<DaemonElement>, evaluation: Evaluation): boolean {
  return matchList(list, evaluation, matchDaemon, 0);
}

export function matchClients(list: List<ClientElement>, evaluation: Evaluation): boolean {
  return matchList(list, evaluation, matchClient, 0);
}

function matchDaemon({ process, server }: DaemonElement, evaluation: Evaluation): boolean {
  const named =
    process.kind === 'port' ? evaluation.server.port === process.port : matchString(process, evaluation.daemon, evaluation.hasInterface);
  return named && (server === null || matchHost(server, evaluation.server, evaluation));
}

/** Tests the host first, so that only a rule that needs it looks up the user. */
function matchClient({ host, user }: ClientElement, evaluation: Evaluation): boolean {
  return matchHost(host, evaluation.client, evaluation) && (user === null || matchString(user, evaluation.user, evaluation.hasInterface));
}

/** Whether one host pattern matches one end of the connection. */
function matchHost(pattern: HostPattern, host: Host, evaluation: Evaluation, nesting = 0): boolean {
  switch (pattern.kind) {
    case 'netgroup':
      return evaluation.fact({ fact: 'netgroup', group: toText(pattern.name), host: toText(host.name.text) }) === true;
    case 'file':
      return matchFile(pattern.path, host, evaluation, nesting);
    case 'known':
      return host.address.folded !== UNKNOWN && host.hasUsableName;
    case 'local':
      return !host.name.folded.includes('.') && host.hasUsableName;
    case 'network':
      return matchNetwork(pattern, host.address, evaluation.hasInterface);
    case 'string':
      return matchHostString(pattern.pattern, pattern.asksName, host, evaluation.hasInterface);
  }
}

/** Files may name files; libwrap follows a file that names itself until its stack ends. */
const DEEPEST_FILE = 16;

function matchFile(path: string, host: Host, evaluation: Evaluation, nesting: number): boolean {
  if (nesting === DEEPEST_FILE) return false;
  const content = evaluation.fact({ fact: 'file', path: toText(path) });
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) return false;
  for (const { word } of patternWords(content)) if (matchHost(parseHostPattern(word), host, evaluation, nesting + 1)) return true;
  return false;
}

function matchNetwork({ ipv4, ipv6 }: HostPattern & { kind: 'network' }, address: FactSubject, hasInterface: HasInterface): boolean {
  if (ipv4 !== null) {
    const bits = address.ipv4;
    if (bits !== null && (bits & ipv4.mask) >>> 0 === ipv4.net) return true;
  }
  if (ipv6 === null || address.ipv6 === null) return false;
  return equalAddress(maskAddress(address.ipv6, ipv6.length), ipv6.base) && holdsScope(ipv6.literal, hasInterface);
}

function matchHostString(pattern: StringPattern, asksName: boolean, host: Host, hasInterface: HasInterface): boolean {
  if (matchString(pattern, host.address, hasInterface)) return true;
  if (!asksName) return false;
  // A confirmed name is never a numeric address, so `[…]` need not wait for a look-up.
  if (pattern.kind === 'ipv6' && host.knownName === null) {
    host.noteNameAsked();
    return false;
  }
  return matchString(pattern, host.name, hasInterface);
}

/** Whether one word matches one string; an IPv4-mapped address counts as IPv4. */
function matchString(pattern: StringPattern, subject: FactSubject, hasInterface: HasInterface): boolean {
  const { folded } = subject;
  switch (pattern.kind) {
    case 'wildcard':
      return matchWildcard(pattern.glob, folded);
    case 'suffix':
      return folded.length > pattern.text.length && folded.endsWith(pattern.text);
    case 'all':
      return true;
    case 'known':
      return folded !== UNKNOWN;
    case 'prefix':
      return folded.startsWith(pattern.text);
    case 'ipv6':
      return (
        pattern.address !== null &&
        subject.ipv6 !== null &&
        equalAddress(subject.ipv6, pattern.address) &&
        holdsScope(pattern.literal, hasInterface)
      );
    case 'exact':
      return folded === pattern.text;
  }
}

const equalAddress = (a: Address, b: Address) => a.w3 === b.w3 && a.w2 === b.w2 && a.w1 === b.w1 && a.w0 === b.w0;

const holdsScope = (literal: string, hasInterface: HasInterface) =>
  !literal.includes('%') || parseScopedIPv6(literal, hasInterface) !== null;
