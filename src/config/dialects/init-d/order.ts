import type { ScriptLink } from '../../plan.js';
import { type InitHeader, readInitHeader } from './header.js';

/** The usual providers of the system's facilities, where no script names one: the names in distributions (insserv.conf). */
const FACILITIES: Readonly<Record<string, readonly string[]>> = {
  $local_fs: ['mountall', 'mountall-bootclean', 'umountfs', 'boot.localfs'],
  $remote_fs: ['$local_fs', 'mountnfs', 'mountnfs-bootclean', 'umountnfs', 'sendsigs', 'nfs'],
  $network: ['networking', 'network', 'network-manager', 'ifupdown', 'NetworkManager'],
  $named: ['named', 'bind9', 'dnsmasq', 'lwresd', 'unbound', '$network'],
  $portmap: ['rpcbind', 'portmap'],
  $syslog: ['rsyslog', 'syslog', 'sysklogd', 'syslog-ng', 'dsyslog', 'inetutils-syslogd'],
  $time: ['ntp', 'ntpd', 'ntpdate', 'ntpsec', 'chrony', 'chronyd', 'openntpd', 'hwclock'],
};

/** A script that requires $all starts after all others. */
const ALL = '$all';

/** A resident daemon among the scripts. It provides its id and its name; its own order, written by the operator, is never broken. */
export interface ResidentNode {
  readonly id: string;
  readonly name: string;
  /** Ids of daemons and scripts. */
  readonly after: readonly string[];
}

export type InitProblem =
  /** No script provides it; superd starts the script that requires it nevertheless, as insserv(8) does. */
  | { readonly kind: 'missing'; readonly script: string; readonly name: string }
  /** A cycle, whose first element is also its last; the last step is ignored. */
  | { readonly kind: 'cycle'; readonly path: readonly string[]; readonly required: boolean }
  /** The first keeps the name. */
  | { readonly kind: 'twice'; readonly script: string; readonly other: string; readonly name: string };

export interface InitOrder {
  /** Names of scripts and ids of daemons, in the order of their start. */
  readonly order: readonly string[];
  /** By script: the services that start before it, without ignored steps of cycles. */
  readonly before: ReadonlyMap<string, readonly ScriptLink[]>;
  readonly problems: readonly InitProblem[];
}

/**
 * The order in which scripts start: after the services they require, after those in Should-Start (if they exist), before those in
 * X-Start-Before, otherwise by the priority of chkconfig and by name. In a cycle the weakest link of a script is ignored and reported.
 *
 * @param daemons Daemons without cycles among them.
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
 * The scripts that have or provide a name or a facility; null for an unknown name. The system itself provides a facility without a script.
 */
export function scriptsNamed(scripts: readonly InitHeader[]): (name: string) => readonly string[] | null {
  const providers = providersOf(scripts, []);
  return (name) => resolve(name, providers);
}

const said = (id: string): ScriptLink => ({ id, how: 'Required-Start', name: id });

/** Without a chkconfig line, the middle of its range. */
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

/** The scripts that provide a name or a facility; the system itself provides a facility without a script. */
function resolve(name: string, providers: Providers, seen: ReadonlySet<string> = new Set()): readonly string[] | null {
  const own = providers.get(name) ?? [];
  if (!name.startsWith('$')) return own.length === 0 ? null : own;
  if (seen.has(name)) return own;
  const within = new Set([...seen, name]);
  return [...own, ...(FACILITIES[name] ?? []).flatMap((one) => resolve(one, providers, within) ?? [])];
}

/** By script: the services before it, and how strong each link is. */
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
  for (let cycle = findCycle(scripts, links); cycle !== null; cycle = findCycle(scripts, links)) {
    const steps = cycle.map((script, i) => ({ script, earlier: cycle?.[(i + 1) % cycle.length] as string }));
    const last = (...of: readonly string[]) =>
      steps.findLast(({ script, earlier }) => of.includes(links.get(script)?.get(earlier)?.strength ?? ''));
    const weak = last('should');
    const left = weak ?? last('required') ?? (steps.at(-1) as (typeof steps)[number]);
    links.get(left.script)?.delete(left.earlier);
    const start = steps.indexOf(left) + 1;
    const turned = [...cycle.slice(start), ...cycle.slice(0, start)];
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
      const cycle = visit(earlier);
      if (cycle !== null) return cycle;
    }
    path.pop();
    state.set(script, 'done');
    return null;
  };
  for (const { script } of scripts) {
    const cycle = visit(script);
    if (cycle !== null) return cycle;
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
