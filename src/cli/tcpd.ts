import { basename, isAbsolute, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Decision, decideWith, describeClient, type FetchFact, RequestFacts } from '../access/index.js';
import { dropDatagram } from '../os/socket.js';
import { machineFact } from './access/machine-facts.js';
import { nameOf, userOf } from './access/network-facts.js';
import { readTables, systemTables } from './access/table-files.js';
import { become, serverEnvironment } from './tcpd/become.js';
import { carryOut, type EffectContext, runAclexec, sendBanner } from './tcpd/effects.js';
import { connectionOf } from './tcpd/peer.js';
import { syslogLine } from './tcpd/syslog.js';

/** Where a server stands whose name is no path. */
const REAL_DAEMON_DIR = '/usr/sbin';
/** A refused client of a `wait` service would otherwise have inetd start this program over and over. */
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
  const { request, datagram } = connectionOf(daemon);
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
  explain(decision);
  const surroundings = await carryOut(decision.effects, environment, (banner) => sendBanner(banner, tables, facts, lookUp), warn);
  const client = `${describeClient(facts)} (${request.client.address || 'unknown'})`;
  if (decision.verdict === 'allow') return admit(client, decision.twist, surroundings);
  tellRefused(client, surroundings);
  // One that is not taken from the queue would start this program again at once.
  if (datagram) dropDatagram(0);
  await end();
}

async function admit(client: string, twist: string | null, surroundings: EffectContext): Promise<void> {
  const severity = { facility: surroundings.severity?.facility ?? 'daemon', level: surroundings.severity?.level ?? 'info' };
  try {
    if (twist === null) {
      syslogLine(daemon, severity, `connect from ${client}`);
      await become(path, [argv0, ...args], surroundings);
    }
    syslogLine(daemon, { ...severity, level: surroundings.severity?.level ?? 'warning' }, `twist ${client} to ${twist}`);
    await become('/bin/sh', ['sh', '-c', twist as string], surroundings);
  } catch (error) {
    log('err', `error: cannot execute ${twist === null ? path : '/bin/sh'}: ${(error as Error).message}`);
    await end();
  }
}

function tellRefused(client: string, { severity }: EffectContext): void {
  syslogLine(daemon, { facility: severity?.facility ?? 'daemon', level: severity?.level ?? 'warning' }, `refused connect from ${client}`);
}

async function end(): Promise<void> {
  await pause(REFUSAL_MS);
  process.exit(0);
}

function explain({ problem, rule }: Decision): void {
  if (problem !== '' && rule !== null) log('err', `error: ${rule.path}, line ${rule.line}: ${problem}`);
}

function warn(problem: string): void {
  log('warning', `warning: ${problem}`);
}

function log(level: string, text: string): void {
  syslogLine(daemon, { facility: 'daemon', level }, text);
}
