import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { basename } from 'node:path';
import {
  type AccessTables,
  type Decision,
  decideWith,
  type Endpoint,
  type FetchFact,
  type Request,
  RequestFacts,
} from '../../access/index.js';
import { machineFact } from '../access/machine-facts.js';
import { nameOf } from '../access/network-facts.js';
import { findUnoffered, readOffered } from '../access/offered.js';
import { renderDiagnostic } from '../access/render-diagnostic.js';
import { readTables, ruleProblems, systemTables } from '../access/table-files.js';
import { parseToolOptions } from '../access/tool-options.js';
import { renderDecision, renderRequest } from './render.js';

export interface MatchOutput {
  readonly text: string;
  readonly exitCode: 0 | 1;
}

const USAGE = `usage: tcpdmatch [-d] [-i inet_conf] [--config superd_conf] daemon[@host] [user@]host
\t-d: use allow/deny files in current directory
\t-i: location of inetd.conf file
\t--config: a superd or xinetd configuration instead
`;

/**
 * Predicts how the access rules would treat a client. Runs no command: it only shows the spawn and aclexec of a rule.
 *
 * @throws ConfigError for a command line or a configuration that cannot be used.
 */
export async function tcpdmatch(argv: readonly string[]): Promise<MatchOutput> {
  const options = parseToolOptions(argv, 'd', USAGE);
  const [server, client, ...more] = options.words;
  if (server === undefined || client === undefined || more.length > 0) return { text: USAGE, exitCode: 1 };
  const warnings: string[] = [];
  const warn = (problem: string) => warnings.push(`warning: ${problem}\n`);

  const [given, serverHost] = splitServer(server);
  const daemon = given.startsWith('/') ? basename(given) : given;
  if (daemon !== given) warn(`${given}: daemon name normalized to: ${daemon}`);
  const offered = await readOffered(options.config);
  const unoffered = offered === null ? null : findUnoffered(daemon, offered);
  if (unoffered !== null) warn(unoffered);

  const [user, clientHost] = splitClient(client);
  const servers = serverHost === null ? [{ address: '', name: '' }] : await endpointsOf(serverHost, warn);
  const clients = servers.length === 0 ? [] : await endpointsOf(clientHost, warn);
  if (servers.length > 1) warn(`${serverHost} has more than one address; please specify an address instead`);
  if (servers.length !== 1 || clients.length === 0) return { text: warnings.join(''), exitCode: 1 };

  const tables = readTables(options.tables ?? offered?.tables ?? systemTables);
  const problems = [...(offered?.findings ?? []), ...ruleProblems(tables)].map(renderDiagnostic);
  const blocks: string[] = [];
  for (const endpoint of clients) blocks.push(await decideOne({ daemon, user, client: endpoint, server: servers[0] as Endpoint }, tables));
  return { text: problems.join('') + warnings.join('') + blocks.join('\n'), exitCode: 0 };
}

async function decideOne(request: Request, tables: AccessTables): Promise<string> {
  // Commands do not run: an aclexec counts as passed.
  const lookUp: FetchFact = (need, undecided) => (need.fact === 'command' ? 0 : (machineFact(need, undecided, 'leave') ?? 'unknown'));
  const decision = (await decideWith(tables, new RequestFacts(request), lookUp)) as Decision;
  return renderRequest(request) + renderDecision(decision, tables);
}

/** `daemon@host`, cut at the first `@` that is not the first character. */
function splitServer(word: string): [daemon: string, host: string | null] {
  const at = word.indexOf('@', 1);
  return at === -1 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

function splitClient(word: string): [user: string, host: string] {
  const at = word.indexOf('@', 1);
  return at === -1 ? ['', word] : [word.slice(0, at), word.slice(at + 1)];
}

/** The endpoints that a word names. Warns of a name that does not resolve, and returns none. */
async function endpointsOf(word: string, warn: (problem: string) => void): Promise<Endpoint[]> {
  const host = word.replace(/^\[(.*)\]$/, '$1');
  if (host === '') {
    warn(`${word}: host not found`);
    return [];
  }
  if (host === 'unknown') return [{ address: '', name: '' }];
  if (host === 'paranoid') return [{ address: '', name: 'paranoid' }];
  if (isIP(host.replace(/%.*/, '')) !== 0) return [{ address: host, name: '' }];
  const found = await lookup(host, { all: true }).catch(() => []);
  if (found.length === 0) warn(`${word}: host not found`);
  const endpoints: Endpoint[] = [];
  for (const { address } of found) {
    const name = await nameOf({ address }, warn);
    if (name === 'unknown') warn(`host address ${address}->name lookup failed`);
    endpoints.push({ address, name });
  }
  return endpoints;
}
