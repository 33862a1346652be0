import { basename, isAbsolute, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Decision, decideWith, describeClient, type FetchFact, RequestFacts } from '../../access/index.js';
import { dropDatagram } from '../../os/socket.js';
import { machineFact } from '../access/machine-facts.js';
import { nameOf, userOf } from '../access/network-facts.js';
import { readTables, systemTables } from '../access/table-files.js';
import { become, serverEnvironment } from './become.js';
import { applyEffects, type ProcessSettings, runAclexec, sendBanner } from './effects.js';
import { connectionOf } from './peer.js';
import { problemsUpTo } from './problems.js';
import { syslogLine } from './syslog.js';

/** The directory of a server whose name is not a path. */
const REAL_DAEMON_DIR = '/usr/sbin';
/** Without this pause, a refused client of a `wait` service would make inetd start tcpd over and over. */
const REFUSAL_MS = 5000;

const [, , argv0 = 'tcpd', ...args] = process.argv;
const path = isAbsolute(argv0) ? argv0 : join(REAL_DAEMON_DIR, argv0);
const daemon = isAbsolute(argv0) ? basename(argv0) : argv0;

main().catch((error: unknown) => {
  log('err', `error: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(0);
});

async function main(): Promise<void> {
  process.umask(0o22);
  const { request, datagram } = connectionOf(daemon, warn);
  const tables = readTables(systemTables);
  const facts = new RequestFacts(request);
  const environment = serverEnvironment(process.env);
  const lookUp: FetchFact = (need, undecided) => {
    if (need.fact === 'client-name') return nameOf(request.client, warn);
    if (need.fact === 'server-name') return nameOf(request.server, warn);
    if (need.fact === 'user') return userOf(request.client, request.server, need.timeoutSeconds);
    if (need.fact === 'command') return runAclexec(need.command, undecided, environment);
    return machineFact(need, undecided, 'leave');
  };
  const decision = (await decideWith(tables, facts, lookUp)) as Decision;
  for (const problem of problemsUpTo(decision, tables)) log('warning', `warning: ${problem}`);
  logProblem(decision);
  const settings = await applyEffects(decision.effects, environment, (banner) => sendBanner(banner, tables, facts, lookUp), warn);
  const name = describeClient(facts);
  const client = `${name} (${request.client.address || 'unknown'})`;
  if (decision.verdict === 'allow') return admit({ name, client }, decision.twist, settings);
  logRefusal(client, settings);
  // inetd would start tcpd again for a datagram that stays in the queue.
  if (datagram) dropDatagram(0);
  await exitAfterPause();
}

/** The client in lines of the log: as libwrap writes it, and as tcpd writes it, with its address. */
interface ClientWords {
  readonly name: string;
  readonly client: string;
}

async function admit({ name, client }: ClientWords, twist: string | null, settings: ProcessSettings): Promise<void> {
  const facility = settings.severity?.facility ?? 'daemon';
  try {
    if (twist === null) {
      syslogLine(daemon, { facility, level: settings.severity?.level ?? 'info' }, `connect from ${client}`);
      await become(path, [daemon, ...args], settings);
    }
    // libwrap writes this line, with only the name or the address.
    syslogLine(daemon, { facility, level: settings.severity?.level ?? 'warning' }, `twist ${name} to ${twist}`);
    await become('/bin/sh', ['sh', '-c', twist as string], settings);
  } catch (error) {
    log('err', `error: cannot execute ${twist === null ? path : '/bin/sh'}: ${(error as Error).message}`);
    await exitAfterPause();
  }
}

function logRefusal(client: string, { severity }: ProcessSettings): void {
  syslogLine(daemon, { facility: severity?.facility ?? 'daemon', level: severity?.level ?? 'warning' }, `refused connect from ${client}`);
}

async function exitAfterPause(): Promise<void> {
  await pause(REFUSAL_MS);
  process.exit(0);
}

function logProblem({ problem, rule }: Decision): void {
  if (problem !== '' && rule !== null) log('err', `error: ${rule.path}, line ${rule.line}: ${problem}`);
}

function warn(problem: string): void {
  log('warning', `warning: ${problem}`);
}

function log(level: string, text: string): void {
  syslogLine(daemon, { facility: 'daemon', level }, text);
}
