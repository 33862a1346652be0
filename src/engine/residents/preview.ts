import type { DaemonPlan, ScriptPlan } from '../../config/plan.js';
import type { ServiceChange } from '../reload/preview.js';

/** The parts of a plan that a running process cannot take over: with another key superd restarts it. */
export function processKey({ program, pidfile, output, ready, watchdogMs }: DaemonPlan): string {
  return JSON.stringify([program, pidfile, output.kind === 'null', ready.kind === 'fd' ? ready.fd : ready.kind === 'notify', watchdogMs]);
}

/** What a new plan would do to each resident daemon; `move` restarts it. */
export function previewDaemons(running: readonly DaemonPlan[], next: readonly DaemonPlan[]): ServiceChange[] {
  const before = new Map(running.map((plan) => [plan.id, plan]));
  const wanted = new Set(next.map(({ id }) => id));
  return [
    ...next.map((plan) => changeOf(before.get(plan.id), plan)),
    ...running.filter(({ id }) => !wanted.has(id)).map(({ id }) => ({ id, action: 'drop' as const, plans: null, endpoint: '' })),
  ];
}

/** What a new plan would do to each init script; it restarts none. */
export function previewScripts(running: readonly ScriptPlan[], next: readonly ScriptPlan[]): ServiceChange[] {
  const before = new Map(running.map((plan) => [plan.id, plan]));
  const wanted = new Set(next.map(({ id }) => id));
  const gone = running.filter(({ id }) => !wanted.has(id));
  return [
    ...next.map(({ id }) => ({ id, action: before.has(id) ? ('keep' as const) : ('add' as const), plans: null, endpoint: '' })),
    ...gone.map(({ id }) => ({ id, action: 'drop' as const, plans: null, endpoint: '' })),
  ];
}

function changeOf(before: DaemonPlan | undefined, plan: DaemonPlan): ServiceChange {
  const { id } = plan;
  if (before === undefined) return { id, action: 'add', plans: null, endpoint: '' };
  return { id, action: processKey(before) === processKey(plan) ? 'keep' : 'move', plans: { before, after: plan }, endpoint: '' };
}
