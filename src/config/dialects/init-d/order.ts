import type { ScriptLink } from '../../plan.js';
import { type InitHeader, readInitHeader } from './header.js';

/** Who provides a facility of the system, where no script says so itself: the names that distributions have given them (insserv.conf). */
const FACILITIES: Readonly<Record<string, readonly string[]>> = {
  $local_fs: ['mountall', 'mountall-bootclean', 'umountfs', 'boot.localfs'],
  $remote_fs: ['$local_fs', 'mountnfs', 'mountnfs-bootclean', 'umountnfs', 'sendsigs', 'nfs'],
  $network: ['networking', 'network', 'network-manager', 'ifupdown', 'NetworkManager'],
  $named: ['named', 'bind9', 'dnsmasq', 'lwresd', 'unbound', '$network'],
  $portmap: ['rpcbind', 'portmap'],
  $syslog: ['rsyslog', 'syslog', 'sysklogd', 'syslog-ng', 'dsyslog', 'inetutils-syslogd'],
  $time: ['ntp', 'ntpd', 'ntpdate', 'ntpsec', 'chrony', 'chronyd', 'openntpd', 'hwclock'],
};

/** Everything else comes before. */
const ALL = '$all';

/** A resident daemon among the scripts. It provides its id and its name, and what an operator has said of it gives way to nothing. */
export interface ResidentNode {
  readonly id: string;
  readonly name: string;
  /** Ids of daemons and scripts. */
  readonly after: readonly string[];
}

export type InitProblem =
  /** Nobody provides it: whoever requires it is started all the same, as with insserv(8). */
  | { readonly kind: 'missing'; readonly script: string; readonly name: string }
  /** From the first to the last, which is the first again; the last step was left out. */
  | { readonly kind: 'cycle'; readonly path: readonly string[]; readonly required: boolean }
  /** The first keeps the name. */
  | { readonly kind: 'twice'; readonly script: string; readonly other: string; readonly name: string };

export interface InitOrder {
  /** Names of scripts and ids of daemons, the first to be started first. */
  readonly order: readonly string[];
  /** By script: those that are started before it, without what a circle made impossible. */
  readonly before: ReadonlyMap<string, readonly ScriptLink[]>;
  readonly problems: readonly InitProblem[];
}

/**
 * The order in which scripts are started: after what they require, after what they should (if it is there), before what they say, and else
 * by the priority of chkconfig and by name. Where that is impossible the weakest link of a script in the circle is left out, and told.
 *
 * @param daemons Without circles of their own.
 * @example orderInitScripts([web, network]).order // ['network', 'web']
 */
export function orderInitScripts(scripts: readonly InitHeader[], daemons: readonly ResidentNode[] = []): InitOrder {
  const problems: InitProblem[] = [];
  const own = [...scripts].sort((a, b) => priorityOf(a) - priorityOf(b) || (a.script < b.script ? -1 : 1));
  const sorted = [...daemons.map(({ id, name }) => ({ ...readInitHeader(id, ''), provides: [id, name] })), ...own];
  const providers = providersOf(sorted, problems);
  const links = linksOf(sorted, providers, problems);
  for (const { id, after } of daemons) for (const one of after) links.get(id)?.set(one, { link: said(one), strength: 'said' });
  breakCycles(sorted, links, problems);
  const before = new Map([...links].map(([script, own]) => [script, [...own.values()].map(({ link }) => link)]));
  return { order: depthFirst(sorted, before), before, problems };
}

/**
 * The scripts behind a name that they provide, or behind a facility; null when nobody is called that. A facility that nobody provides is
 * the system's own.
 */
export function scriptsNamed(scripts: readonly InitHeader[]): (name: string) => readonly string[] | null {
  const providers = providersOf(scripts, []);
  return (name) => resolve(name, providers);
}

const said = (id: string): ScriptLink => ({ id, how: 'Required-Start', name: id });

/** chkconfig's middle, for one that says nothing. */
const priorityOf = ({ priority }: InitHeader) => priority?.start ?? 50;

type Providers = ReadonlyMap<string, readonly string[]>;

function providersOf(scripts: readonly InitHeader[], problems: InitProblem[]): Providers {
  const found = new Map<string, string[]>();
  for (const { script, provides } of scripts) {
    for (const name of new Set([...provides, script])) {
      const others = found.get(name);
      if (others === undefined) found.set(name, [script]);
      else if (name.startsWith('$')) others.push(script);
      else if (!others.includes(script)) problems.push({ kind: 'twice', script, other: others[0] as string, name });
    }
  }
  return found;
}

/** Scripts behind a name or a facility; a facility that nobody provides is the system's own, and there. */
function resolve(name: string, providers: Providers, seen: ReadonlySet<string> = new Set()): readonly string[] | null {
  const own = providers.get(name) ?? [];
  if (!name.startsWith('$')) return own.length === 0 ? null : own;
  if (seen.has(name)) return own;
  const within = new Set([...seen, name]);
  return [...own, ...(FACILITIES[name] ?? []).flatMap((one) => resolve(one, providers, within) ?? [])];
}

/** By script what comes before it, and how much that matters. */
type Links = Map<string, Map<string, { readonly link: ScriptLink; readonly strength: 'said' | 'required' | 'should' }>>;

function linksOf(scripts: readonly InitHeader[], providers: Providers, problems: InitProblem[]): Links {
  const links: Links = new Map(scripts.map(({ script }) => [script, new Map()]));
  const add = (script: string, link: ScriptLink, strength: 'required' | 'should') => {
    const own = links.get(script);
    if (script !== link.id && (strength === 'required' || own?.has(link.id) === false)) own?.set(link.id, { link, strength });
  };
  const last = scripts
    .filter(({ requiredStart, shouldStart }) => [...requiredStart, ...shouldStart].includes(ALL))
    .map(({ script }) => script);
  for (const header of scripts) {
    const { script } = header;
    for (const name of header.requiredStart.filter((one) => one !== ALL)) {
      const found = resolve(name, providers);
      if (found === null) problems.push({ kind: 'missing', script, name });
      for (const id of found ?? []) add(script, { id, how: 'Required-Start', name }, 'required');
    }
    for (const name of header.shouldStart.filter((one) => one !== ALL))
      for (const id of resolve(name, providers) ?? []) add(script, { id, how: 'Should-Start', name }, 'should');
    for (const name of header.startBefore)
      for (const one of resolve(name, providers) ?? []) add(one, { id: script, how: 'X-Start-Before', name }, 'should');
    if (!last.includes(script)) continue;
    for (const { script: id } of scripts) if (!last.includes(id)) add(script, { id, how: 'Required-Start', name: ALL }, 'should');
  }
  return links;
}

function breakCycles(scripts: readonly InitHeader[], links: Links, problems: InitProblem[]): void {
  for (let circle = findCycle(scripts, links); circle !== null; circle = findCycle(scripts, links)) {
    const steps = circle.map((script, i) => ({ script, earlier: circle?.[(i + 1) % circle.length] as string }));
    const last = (...of: readonly string[]) =>
      steps.findLast(({ script, earlier }) => of.includes(links.get(script)?.get(earlier)?.strength ?? ''));
    const weak = last('should');
    const left = weak ?? last('required') ?? (steps.at(-1) as (typeof steps)[number]);
    links.get(left.script)?.delete(left.earlier);
    const start = steps.indexOf(left) + 1;
    const turned = [...circle.slice(start), ...circle.slice(0, start)];
    problems.push({ kind: 'cycle', path: [...turned, turned[0] as string], required: weak === undefined });
  }
}

function findCycle(scripts: readonly InitHeader[], links: Links): string[] | null {
  const state = new Map<string, 'open' | 'done'>();
  const path: string[] = [];
  const visit = (script: string): string[] | null => {
    if (state.get(script) === 'done') return null;
    if (state.get(script) === 'open') return path.slice(path.indexOf(script));
    state.set(script, 'open');
    path.push(script);
    for (const earlier of links.get(script)?.keys() ?? []) {
      const circle = visit(earlier);
      if (circle !== null) return circle;
    }
    path.pop();
    state.set(script, 'done');
    return null;
  };
  for (const { script } of scripts) {
    const circle = visit(script);
    if (circle !== null) return circle;
  }
  return null;
}

function depthFirst(scripts: readonly InitHeader[], before: InitOrder['before']): string[] {
  const order = new Set<string>();
  const visit = (script: string) => {
    if (order.has(script)) return;
    for (const { id } of before.get(script) ?? []) visit(id);
    order.add(script);
  };
  for (const { script } of scripts) visit(script);
  return [...order];
}
