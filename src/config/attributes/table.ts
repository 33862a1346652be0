import {
  accessTimes,
  banAfter,
  banExempt,
  denyTime,
  enforce,
  gateOrder,
  hostsAllow,
  hostsDeny,
  libwrap,
  limitExempt,
  noAccess,
  onlyFrom,
  proxyFrom,
} from './access.js';
import type { Attribute } from './attribute.js';
import { banner, bannerFail, bannerSuccess } from './banner.js';
import { controlAdmin, controlRead } from './control.js';
import { live, memoryMax, ready, readyTimeout, watchdog } from './health.js';
import { disable, disabled, enabled, flags, id, type } from './identity.js';
import { initd, initdTimeout, supervise } from './initd.js';
import {
  cps,
  cpsScope,
  instances,
  maxLoad,
  perSource,
  perSourcePrefix,
  queue,
  ratePerSource,
  sessionIdle,
  sessionLimit,
} from './limits.js';
import { logAddress, logFormat, logKeep, logOnFailure, logOnSuccess, logType } from './log.js';
import { metrics } from './metrics.js';
import { output } from './output.js';
import * as program from './program.js';
import { connectTimeout, idleTimeout, proxyProtocol, redirect } from './redirect.js';
import { activation, after, directory, needs, pidfile, replicas, wants } from './resident.js';
import { reloadExec, reloadSignal, restart, restartDelay, restartMax, stopSignal, stopTimeout } from './restart.js';
import { bind, mdns, port, protocol, rpcNumber, rpcVersion, socketType, v6only, wait } from './socket.js';

/** Every attribute there is, in the order in which they are shown. */
export const table = {
  id,
  disable,
  activation,
  type,
  flags,
  socket_type: socketType,
  protocol,
  wait,
  port,
  bind,
  v6only,
  user: program.user,
  group: program.group,
  groups: program.groups,
  server: program.server,
  server_args: program.serverArgs,
  server_args_quotes: program.serverArgsQuotes,
  env: program.env,
  passenv: program.passenv,
  directory,
  umask: program.umask,
  nice: program.nice,
  rlimit_as: program.rlimitAs,
  rlimit_cpu: program.rlimitCpu,
  rlimit_data: program.rlimitData,
  rlimit_files: program.rlimitFiles,
  rlimit_rss: program.rlimitRss,
  rlimit_stack: program.rlimitStack,
  stderr: program.stderr,
  instances,
  per_source: perSource,
  per_source_prefix: perSourcePrefix,
  rate_per_source: ratePerSource,
  limit_exempt: limitExempt,
  queue,
  session_limit: sessionLimit,
  session_idle: sessionIdle,
  cps,
  cps_scope: cpsScope,
  max_load: maxLoad,
  only_from: onlyFrom,
  no_access: noAccess,
  proxy_from: proxyFrom,
  access_times: accessTimes,
  libwrap,
  gate_order: gateOrder,
  enforce,
  deny_time: denyTime,
  ban_after: banAfter,
  log_type: logType,
  log_on_success: logOnSuccess,
  log_on_failure: logOnFailure,
  log_format: logFormat,
  log_address: logAddress,
  log_keep: logKeep,
  banner,
  banner_success: bannerSuccess,
  banner_fail: bannerFail,
  redirect,
  connect_timeout: connectTimeout,
  idle_timeout: idleTimeout,
  proxy_protocol: proxyProtocol,
  rpc_version: rpcVersion,
  rpc_number: rpcNumber,
  mdns,
  after,
  needs,
  wants,
  replicas,
  pidfile,
  ready,
  ready_timeout: readyTimeout,
  restart,
  restart_delay: restartDelay,
  restart_max: restartMax,
  stop_signal: stopSignal,
  stop_timeout: stopTimeout,
  reload_signal: reloadSignal,
  reload_exec: reloadExec,
  watchdog,
  live,
  memory_max: memoryMax,
  output,
  enabled,
  disabled,
  hosts_allow: hostsAllow,
  hosts_deny: hostsDeny,
  control_admin: controlAdmin,
  control_read: controlRead,
  metrics,
  ban_exempt: banExempt,
  initd,
  initd_timeout: initdTimeout,
  supervise,
} as const;

export type AttributeName = keyof typeof table;
export type ValueOf<A> = A extends Attribute<infer V> ? V : never;
export type Value<N extends AttributeName> = ValueOf<(typeof table)[N]>;

export const attributes = Object.entries(table) as readonly [AttributeName, Attribute<unknown>][];

const byName: ReadonlyMap<string, AttributeName> = new Map(
  attributes.flatMap(([name, attribute]) => [name, ...(attribute.aliases ?? [])].map((spelling) => [spelling, name] as const)),
);

/** Every name an attribute may be written with. */
export const spellings: readonly string[] = [...byName.keys()];

/** The attribute that is written so, in any case; undefined when there is none. */
export function findAttribute(spelling: string): AttributeName | undefined {
  return byName.get(spelling.toLowerCase());
}
