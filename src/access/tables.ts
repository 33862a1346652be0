import type { HasInterface } from './addresses.js';
import { parseTable, type TableSource } from './parse.js';
import type { HostPattern } from './pattern.js';
import type { Rule, RuleDiagnostic, RuleTable } from './rule.js';
import { RuleIndex } from './rule-index.js';

/** A table ready to be asked. */
export interface CompiledTable extends RuleTable {
  readonly index: RuleIndex;
  /** Rules in which libwrap may look up the client's or the server's host name: it matters to `%h`, `%c`, `%H` and `%s`. */
  readonly askingClientName: readonly number[];
  readonly askingServerName: readonly number[];
}

/** hosts.allow and hosts.deny, compiled once and asked many times; nothing in them changes. */
export interface AccessTables {
  readonly allow: CompiledTable;
  readonly deny: CompiledTable;
  readonly hasInterface: HasInterface;
}

export interface TableSources {
  readonly allow: TableSource;
  readonly deny: TableSource;
  /** Which network interfaces exist, asked when a rule or a client has a scope like `%eth0`; by default only `lo`. */
  readonly hasInterface?: HasInterface | undefined;
}

/**
 * Compiles the two tables of hosts_access(5). It never fails; `allow.diagnostics` and `deny.diagnostics` say what is wrong.
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

/** Everything that should be said about both tables. */
export function tableDiagnostics({ allow, deny }: AccessTables): RuleDiagnostic[] {
  return [...allow.diagnostics, ...deny.diagnostics];
}

const onlyLoopback: HasInterface = (name) => name === 'lo';

function compileTable(table: RuleTable): CompiledTable {
  const index = new RuleIndex();
  const askingClientName: number[] = [];
  const askingServerName: number[] = [];
  const { rules } = table;
  for (let number = 0; number < rules.length; number++) {
    const rule = rules[number] as Rule;
    const clients = rule.freshClients();
    index.add(number, rule.daemons, clients);
    if (clients.some((group) => group.some(({ host }) => asksName(host)))) askingClientName.push(number);
    if (rule.daemons.some((group) => group.some(({ server }) => server !== null && asksName(server)))) askingServerName.push(number);
  }
  return { ...table, index, askingClientName, askingServerName };
}

function asksName(host: HostPattern): boolean {
  return host.kind === 'string' ? host.asksName : host.kind !== 'network';
}
