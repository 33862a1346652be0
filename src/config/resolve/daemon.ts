import { reportMissing, type ServiceDraft } from '../draft.js';
import type { DaemonPlan } from '../plan.js';
import type { ProgramSurroundings } from './host-facts.js';
import { resolveProgram } from './program.js';

/** A crash loop is left alone after so many failures. */
const RESTART_MAX = 10;

/** Makes the plan of a resident daemon, telling all that is wrong or missing at once. */
export function resolveDaemon(draft: ServiceDraft, surroundings: ProgramSurroundings): DaemonPlan | null {
  const { block, findings, settings, id } = draft;
  const program = resolveProgram(draft, surroundings);
  checkPidfile(draft);
  const needs = settings.needs?.value ?? [];
  const wants = (settings.wants?.value ?? []).filter((one) => !needs.includes(one));
  const after = (settings.after?.value ?? []).filter((one) => !needs.includes(one) && !wants.includes(one));
  if (findings.failed || block.broken || program === null) return null;
  const restartDelayMs = settings.restart_delay?.value ?? 100;
  return {
    id,
    name: block.name,
    origin: block.origin,
    activation: 'boot',
    program,
    after,
    needs,
    wants,
    ready: settings.ready?.value ?? (settings.pidfile === undefined ? { kind: 'none' } : { kind: 'pidfile' }),
    readyTimeoutMs: settings.ready_timeout?.value ?? 30_000,
    restart: settings.restart?.value ?? { when: 'always', statuses: [] },
    restartDelayMs,
    restartMax: settings.restart_max?.value ?? (restartDelayMs === 0 ? Number.POSITIVE_INFINITY : RESTART_MAX),
    stopSignal: settings.stop_signal?.value ?? 'SIGTERM',
    stopTimeoutMs: settings.stop_timeout?.value ?? 10_000,
    reloadSignal: settings.reload_signal?.value ?? null,
    reloadExec: settings.reload_exec?.value ?? null,
    watchdogMs: settings.watchdog?.value ?? 0,
    live: settings.live?.value ?? null,
    memoryMax: settings.memory_max?.value ?? null,
    pidfile: settings.pidfile?.value ?? null,
    output: settings.output?.value ?? { kind: 'file', path: null, size: 10 * 1024 ** 2 },
    outputKeep: settings.log_keep?.value ?? 1,
    replicas: settings.replicas?.value ?? 1,
  };
}

function checkPidfile(draft: ServiceDraft): void {
  const { settings, findings } = draft;
  const { ready, pidfile, replicas } = settings;
  if (ready?.value.kind === 'pidfile' && pidfile === undefined) reportMissing(draft, 'pidfile', ', since "ready = pidfile" looks there');
  if (pidfile !== undefined && (replicas?.value ?? 1) > 1 && !pidfile.value.includes('%i'))
    findings
      .at(pidfile.origin)
      .error('contradiction', `pidfile: ${replicas?.value} replicas would write one file; write %i where their index belongs`);
}
