import type { AttributeName } from '../attributes/table.js';
import { isResident, type ServiceDraft } from '../draft.js';

export const ABOUT_REQUESTS: readonly AttributeName[] = [
  ...(['type', 'socket_type', 'protocol', 'wait', 'port', 'bind', 'v6only'] as const),
  ...(['instances', 'per_source', 'per_source_prefix', 'rate_per_source', 'limit_exempt', 'queue'] as const),
  ...(['session_limit', 'session_idle', 'cps', 'cps_scope', 'max_load'] as const),
  ...(['only_from', 'no_access', 'proxy_from', 'access_times', 'libwrap', 'gate_order', 'enforce', 'deny_time', 'ban_after'] as const),
  ...(['log_type', 'log_on_success', 'log_on_failure', 'log_format', 'log_address'] as const),
  ...(['banner', 'banner_success', 'banner_fail', 'redirect', 'connect_timeout', 'idle_timeout', 'proxy_protocol'] as const),
  ...(['rpc_version', 'rpc_number', 'mdns'] as const),
];
export const ABOUT_RESIDENTS: readonly AttributeName[] = [
  ...(['after', 'needs', 'wants', 'replicas', 'pidfile', 'ready', 'ready_timeout', 'restart', 'restart_delay', 'restart_max'] as const),
  ...(['stop_signal', 'stop_timeout', 'reload_signal', 'reload_exec', 'watchdog', 'live', 'memory_max', 'output'] as const),
];

/** A block may have the attributes of both kinds of activation, so that one line changes over: what rests meanwhile is told once. */
export function noteWithoutEffect(draft: ServiceDraft): void {
  const { settings, findings, block } = draft;
  const resting = (isResident(draft) ? ABOUT_REQUESTS : ABOUT_RESIDENTS).filter((name) => settings[name]?.inherited === false);
  if (resting.length === 0) return;
  const why = isResident(draft)
    ? 'with "activation = boot" the program opens its own socket, and superd sees no clients'
    : 'for resident daemons only ("activation = boot")';
  findings.at(settings.activation?.origin ?? block.origin).note('without-effect', `without effect: ${resting.join(', ')}; ${why}`);
}
