import type { DaemonPlan, ScriptPlan } from '../../config/plan.js';
import type { ServiceChange } from '../reload/preview.js';

/** What cannot be changed on a process that runs: with the same key it runs on. */
export function processKey({ program, pidfile, output, ready, watchdogMs }: DaemonPlan): string {
  return JSON.stringify([program, pidfile, output.kind === 'null', ready.kind === 'fd' ? ready.fd : ready.kind === 'notify', watchdogMs]);
}

/** What a new configuration would do to each resident daemon. `move`: it is started anew. */
export function previewDaemons(running: readonly DaemonPlan[], next: readonly DaemonPlan[]): ServiceChange[] {
  const before = new Map(running.map((plan) => [plan.id, plan]));
  const wanted = new Set(next.map(({ id }) => id));
  return [
    ...next.map((plan) => stepTo(before.get(plan.id), plan)),
    ...running.filter(({ id }) => !wanted.has(id)).map(({ id }) => ({ id, action: 'drop' as const, plans: null, endpoint: '' })),
  ];
}

/** The same of init scripts, which are never started anew for it. */
export function previewScripts(running: readonly ScriptPlan[], next: readonly ScriptPlan[]): ServiceChange[] {
  const before = new Map(running.map((plan) => [plan.id, plan]));
  const wanted = new Set(next.map(({ id }) => id));
  const gone = running.filter(({ id }) => !wanted.has(id));
  return [
    ...next.map(({ id }) => ({ id, action: before.has(id) ? ('keep' as const) : ('add' as const), plans: null, endpoint: '' })),
    ...gone.map(({ id }) => ({ id, action: 'drop' as const, plans: null, endpoint: '' })),
  ];
}

function stepTo(before: DaemonPlan | undefined, plan: DaemonPlan): ServiceChange {
  const { id } = plan;
  if (before === undefined) return { id, action: 'add', plans: null, endpoint: '' };
  return { id, action: processKey(before) === processKey(plan) ? 'keep' : 'move', plans: { before, after: plan }, endpoint: '' };
}
