import type { HasInterface } from './addresses.js';
import { parseTable, type TableSource } from './parse.js';
import type { HostPattern } from './pattern.js';
import type { Rule, RuleDiagnostic, RuleTable } from './rule.js';
import { RuleIndex } from './rule-index.js';

/** A table ready for decisions. */
export interface CompiledTable extends RuleTable {
  readonly index: RuleIndex;
  /** Rules for which libwrap may look up the client's or the server's host name, which `%h`, `%c`, `%H` and `%s` depend on. */
  readonly rulesAskingClientName: readonly number[];
  readonly rulesAskingServerName: readonly number[];
}

/** hosts.allow and hosts.deny, compiled once for many decisions; immutable. */
export interface AccessTables {
  readonly allow: CompiledTable;
  readonly deny: CompiledTable;
  readonly hasInterface: HasInterface;
}

export interface TableSources {
  readonly allow: TableSource;
  readonly deny: TableSource;
  /** Which network interfaces exist, for rules and clients with a scope like `%eth0`; by default only `lo`. */
  readonly hasInterface?: HasInterface | undefined;
}

/**
 * Compiles the two tables of hosts_access(5). Never fails; `allow.diagnostics` and `deny.diagnostics` have the problems.
 *
 * @example
 * const tables = compileTables({
 *   allow: { path: '/etc/hosts.allow', content: 'sshd: 192.0.2.\n' },
 *   deny: { path: '/etc/hosts.deny', content: 'ALL: ALL\n' },
 * });
 */
export function compileTables({ allow, deny, hasInterface }: TableSources): AccessTables {
  return { allow: compileTable(parseTable(allow)), deny: compileTable(parseTable(deny)), hasInterface: hasInterface ?? onlyLoopback };
}

/** The diagnostics of both tables. */
export function tableDiagnostics({ allow, deny }: AccessTables): RuleDiagnostic[] {
  return [...allow.diagnostics, ...deny.diagnostics];
}

const onlyLoopback: HasInterface = (name) => name === 'lo';

function compileTable(table: RuleTable): CompiledTable {
  const index = new RuleIndex();
  const rulesAskingClientName: number[] = [];
  const rulesAskingServerName: number[] = [];
  const { rules } = table;
  for (let number = 0; number < rules.length; number++) {
    const rule = rules[number] as Rule;
    const clients = rule.parseClients();
    index.add(number, rule.daemons, clients);
    if (clients.some((group) => group.some(({ host }) => asksName(host)))) rulesAskingClientName.push(number);
    if (rule.daemons.some((group) => group.some(({ server }) => server !== null && asksName(server)))) rulesAskingServerName.push(number);
  }
  return { ...table, index, rulesAskingClientName, rulesAskingServerName };
}

function asksName(host: HostPattern): boolean {
  return host.kind === 'string' ? host.asksName : host.kind !== 'network';
}
