import { readdirSync } from 'node:fs';
import { formatPrefix } from '../address/prefix-set.js';
import { asCtime, runningServers } from '../builtins/servers.js';
import type { RpcPlan, ServicePlan } from '../config/plan.js';
import { viewOf } from '../engine/services/builtin-context.js';
import type { Service } from '../engine/services/service.js';
import { ServerSession } from '../engine/sessions/server-session.js';
import { awaitFileTask, closing, openingUnlinked, writing } from '../os/open-safely.js';
import { version } from './version.js';

export interface DumpInput {
  readonly services: readonly Service[];
  /** The services behind tcpmux. */
  readonly muxed: readonly Service[];
  readonly configFile: string;
  readonly processLimit: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Appends the state in xinetd's layout, xinetd(8) «SIGUSR1». Only to a regular file: a FIFO may have no reader.
 *
 * @throws SystemError
 */
export async function dumpState(path: string, state: DumpInput): Promise<void> {
  const text = renderState(state);
  // `log_address` applies to the dump as to other files.
  const isPrivate = state.services.some(({ plan }) => plan.log.address !== undefined);
  const bytes = Buffer.from(isPrivate ? text.replace(/(remote_address = )[^,\n]*/g, '$1<hidden>') : text);
  const { fd, regular } = await awaitFileTask(openingUnlinked(path));
  try {
    if (!regular) throw new Error(`${path} is not a regular file`);
    for (let at = 0; at < bytes.length; ) at += await awaitFileTask(writing(fd, path, bytes.subarray(at)));
  } finally {
    await awaitFileTask(closing(fd));
  }
}

function renderState({ services, muxed, configFile, processLimit, now }: DumpInput): string {
  const servers = [...runningServers({ services: () => [...services, ...muxed].map(viewOf) })];
  const watched = services.filter(({ state }) => state === 'listening').map(({ socket }) => socket);
  const waiting = [...services, ...muxed].flatMap(waitingServers);
  const openDescriptors = readdirSync('/proc/self/fd').map(Number);
  return [
    `INTERNAL STATE DUMP: ${version()} (superd)`,
    `Current time: ${asCtime(now)}`,
    '',
    'Services + defaults:',
    ...[...services, ...muxed].flatMap(renderService),
    '',
    'Server table dump:',
    ...servers.map((block) => block.slice(0, -1)),
    'Retry table dump:',
    ...waiting.flatMap(({ service, attempts, peer }) => [
      `${service.plan.id} server`,
      `attempts = ${attempts}`,
      `remote_address = ${peer.address ?? '<no address>'},${peer.port}`,
      '',
    ]),
    '',
    `Socket mask: ${watched.join(' ')}`,
    `Open descriptors (not in socket mask): ${openDescriptors.filter((fd) => !watched.includes(fd)).join(' ')}`,
    '',
    `active_services = ${services.filter(({ state }) => state !== 'stopped').length}`,
    `available_services = ${services.length}`,
    `running_servers = ${servers.length}`,
    `process_limit = ${Number.isFinite(processLimit) ? processLimit : 0}`,
    `config_file = ${configFile}`,
    '',
    'END OF DUMP',
    '',
  ].join('\n');
}

const STATE = { listening: 'Active', 'handed-over': 'Suspended', paused: 'Disabled', stopped: 'Not started' } as const;

/** Sessions that wait for a retry because the machine had no process for their server. */
function waitingServers({ sessions }: Service): ServerSession[] {
  return [...sessions].filter((session) => session instanceof ServerSession).filter(({ isWaitingForRetry }) => isWaitingForRetry);
}

function renderService(service: Service): string[] {
  const { plan, state, tally, socket } = service;
  const lines = [
    `id = ${plan.id}`,
    `socket_type = ${plan.endpoint.type}`,
    `Protocol (name,number) = (${plan.endpoint.protocol.name},${plan.endpoint.protocol.number})`,
    ...(plan.rpc === null || plan.endpoint.port !== 0 ? [`port = ${plan.endpoint.port}`] : []),
    ...(Number.isFinite(plan.gate.instances) ? [`Instances = ${plan.gate.instances}`] : []),
    `wait = ${plan.wait || (plan.activation === 'request' && plan.intercepts !== null) ? 'yes' : 'no'}`,
    `user = ${plan.program.credentials.uid}`,
    `group = ${plan.program.credentials.gid}`,
    `Nice = ${plan.program.nice}`,
    ...limits(plan),
    `Bind = ${plan.endpoint.address ?? 'All addresses.'}`,
    ...(plan.activation === 'request' ? [`Server = ${plan.program.path}`, `Server argv = ${plan.program.argv.join(' ')}`] : []),
    ...(plan.rpc === null ? [] : rpcData(plan.rpc)),
    ...(plan.activation === 'internal' ? [`Internal = ${plan.builtin}`] : []),
    ...(plan.activation === 'redirect'
      ? plan.targets.map((target) => `Redirect = ${target.kind === 'path' ? target.path : `${target.host}:${target.port}`}`)
      : []),
    ...(Number.isFinite(plan.gate.maxLoad ?? Number.POSITIVE_INFINITY) ? [`Max load = ${plan.gate.maxLoad}`] : []),
    ...(plan.gate.accessTimes === null ? [] : [`Access times = ${plan.gate.accessTimes.map(hours).join(' ')}`]),
    `Only from: ${sources(plan.gate.onlyFrom, 'All sites')}`,
    `No access: ${sources(plan.gate.noAccess, 'No blocked sites')}`,
    ...logging(plan.log),
  ];
  return [
    `Service = ${plan.name}`,
    `\tState = ${STATE[state]}`,
    `\tService configuration: ${plan.name}`,
    ...lines.map((line) => `\t\t${line}`),
    `\trunning servers = ${tally.running}`,
    `\tretry servers = ${waitingServers(service).length}`,
    `\tservice fd = ${socket}`,
    '',
  ];
}

/** @example rpcData({ program: 100001, versions: { low: 2, high: 4 } }) // ['RPC data', '\tprogram number = 100001', '\trpc_version = 2-4'] */
function rpcData({ program, versions: { low, high } }: RpcPlan): string[] {
  return ['RPC data', `\tprogram number = ${program}`, `\trpc_version = ${low === high ? low : `${low}-${high}`}`];
}

function limits({ gate }: ServicePlan): string[] {
  return [
    ...(gate.cps === null ? [] : [`CPS = max conn:${gate.cps.max} wait:${gate.cps.waitSeconds}`]),
    ...(Number.isFinite(gate.perSource) ? [`PER_SOURCE = ${gate.perSource}`] : []),
  ];
}

function hours({ from, to }: { readonly from: number; readonly to: number }): string {
  const clock = (minutes: number) => [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock(from)}-${clock(to)}`;
}

function logging({ sink, onSuccess, onFailure }: ServicePlan['log']): string[] {
  if (sink === null) return ['No logging'];
  const bounds = (bytes: number) => (Number.isFinite(bytes) ? bytes : 0);
  return [
    sink.kind === 'file'
      ? `Logging to file: ${sink.path} (soft=${bounds(sink.soft)} hard=${bounds(sink.hard)})`
      : `Logging to syslog. Facility = ${sink.facility}, level = ${sink.level}`,
    `Log_on_success flags = ${[...onSuccess].join(' ')}`,
    `Log_on_failure flags = ${[...onFailure].join(' ')}`,
  ];
}

function sources(list: ServicePlan['gate']['onlyFrom'], absent: string): string {
  return list === null ? absent : [...list.prefixes.map(formatPrefix), ...list.names].join(' ');
}
