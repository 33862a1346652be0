import { reportMissing, type ServiceDraft } from '../draft.js';
import type { DaemonPlan } from '../plan.js';
import { effective } from '../settings.js';
import type { ProgramFacts } from './host-facts.js';
import { resolveProgram } from './program.js';

/** Builds the plan of a resident daemon and reports all its mistakes at once. */
export function resolveDaemon(draft: ServiceDraft, host: ProgramFacts): DaemonPlan | null {
  const { block, findings, settings, id } = draft;
  const program = resolveProgram(draft, host);
  checkPidfile(draft);
  const needs = settings.needs?.value ?? [];
  const wants = (settings.wants?.value ?? []).filter((one) => !needs.includes(one));
  const after = (settings.after?.value ?? []).filter((one) => !needs.includes(one) && !wants.includes(one));
  if (findings.failed || block.broken || program === null) return null;
  const restartDelayMs = effective(settings, 'restart_delay');
  return {
    id,
    name: block.name,
    origin: block.origin,
    activation: 'boot',
    program,
    after,
    needs,
    wants,
    ready: settings.ready === undefined && settings.pidfile !== undefined ? { kind: 'pidfile' } : effective(settings, 'ready'),
    readyTimeoutMs: effective(settings, 'ready_timeout'),
    restart: effective(settings, 'restart'),
    essential: effective(settings, 'essential'),
    restartDelayMs,
    restartMax: settings.restart_max === undefined && restartDelayMs === 0 ? Number.POSITIVE_INFINITY : effective(settings, 'restart_max'),
    stopSignal: effective(settings, 'stop_signal'),
    stopTimeoutMs: effective(settings, 'stop_timeout'),
    reloadSignal: effective(settings, 'reload_signal'),
    reloadExec: effective(settings, 'reload_exec'),
    watchdogMs: effective(settings, 'watchdog'),
    live: effective(settings, 'live'),
    memoryMax: effective(settings, 'memory_max'),
    pidfile: effective(settings, 'pidfile'),
    output: effective(settings, 'output'),
    outputKeep: effective(settings, 'log_keep'),
    replicas: effective(settings, 'replicas'),
  };
}

function checkPidfile(draft: ServiceDraft): void {
  const { settings, findings } = draft;
  const { ready, pidfile, replicas } = settings;
  if (ready?.value.kind === 'pidfile' && pidfile === undefined) reportMissing(draft, 'pidfile', ', because of "ready = pidfile"');
  if (pidfile !== undefined && effective(settings, 'replicas') > 1 && !pidfile.value.includes('%i'))
    findings
      .at(pidfile.origin)
      .error('contradiction', `pidfile: ${replicas?.value} replicas would write the same file; write %i for their index`);
}
