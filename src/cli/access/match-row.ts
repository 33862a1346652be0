import { type AccessTables, type AccessVerdict, compileTables, decide, RequestFacts } from '../../access/index.js';
import { type CommandPolicy, hasInterface, machineFact } from './machine-facts.js';

/** One line of `superctl access match --batch`. */
interface Row {
  readonly allow: string | null;
  readonly deny: string | null;
  readonly request: Readonly<Record<string, string | number>>;
}

export interface RowAnswer {
  readonly verdict: 'allow' | 'deny' | 'depends';
  /** `hosts.allow:3`; null when no rule matched. */
  readonly rule: string | null;
}

export interface RowProblem {
  readonly error: string;
}

const STRING_FIELDS = ['daemon', 'address', 'hostname', 'user', 'server_address', 'server_hostname'];
const PORT_FIELDS = ['client_port', 'server_port'];

/**
 * Answers one line of the batch.
 *
 * @example matchRow('{"allow":"","deny":"ALL: ALL\\n","request":{"daemon":"sshd","address":"192.0.2.7"}}', 'leave')
 * // { verdict: 'deny', rule: 'hosts.deny:1' }
 */
export function matchRow(line: string, policy: CommandPolicy): RowAnswer | RowProblem {
  const row = parseRow(line);
  return typeof row === 'string' ? { error: row } : answerRow(row, policy);
}

function answerRow(row: Row, policy: CommandPolicy): RowAnswer {
  const tables = compileTables({
    allow: { path: 'hosts.allow', content: row.allow },
    deny: { path: 'hosts.deny', content: row.deny },
    hasInterface,
  });
  const answer = decideLocally(tables, factsOf(row.request), policy);
  const rule = answer.rule === null ? null : `${answer.rule.path}:${answer.rule.line}`;
  const depends = answer.kind === 'needs' || answer.twist !== null;
  return { verdict: depends ? 'depends' : answer.verdict, rule };
}

function decideLocally(tables: AccessTables, facts: RequestFacts, policy: CommandPolicy): AccessVerdict {
  for (;;) {
    const answer = decide(tables, facts);
    if (answer.kind === 'decided') return answer;
    const fact = machineFact(answer.need, answer, policy);
    if (fact === undefined) return answer;
    facts.learn(answer.need, fact);
  }
}

function factsOf(request: Row['request']): RequestFacts {
  const text = (key: string) => String(request[key] ?? '');
  const port = (key: string) => (request[key] === undefined ? undefined : Number(request[key]));
  return new RequestFacts({
    daemon: text('daemon'),
    user: text('user'),
    client: { address: text('address'), name: text('hostname'), port: port('client_port') },
    server: { address: text('server_address'), name: text('server_hostname'), port: port('server_port') },
  });
}

/** @returns the mistake when the line is not a row. */
function parseRow(line: string): Row | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  if (!isObject(value)) return 'wanted an object with "allow", "deny" and "request"';
  for (const table of ['allow', 'deny']) {
    if (typeof value[table] !== 'string' && value[table] !== null)
      return `"${table}" must be the text of a table, or null for a file that is missing`;
  }
  if (!isObject(value['request'])) return '"request" must be an object';
  return findBadField(value['request']) ?? (value as unknown as Row);
}

function findBadField(request: Record<string, unknown>): string | null {
  if (request['daemon'] === undefined) return '"request" has no "daemon"';
  for (const [key, value] of Object.entries(request)) {
    if (STRING_FIELDS.includes(key) && typeof value !== 'string') return `"${key}" must be a string, empty when it is not available`;
    if (PORT_FIELDS.includes(key) && !(Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65535))
      return `"${key}" must be a port number`;
  }
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
