import type { DaemonPlan } from '../config/plan.js';

/** The plan of one replica: %i is its index; %% is a percent sign. */
export function withIndex(plan: DaemonPlan, index: number): DaemonPlan {
  const put = (text: string) =>
    text.includes('%') ? text.replace(/%([i%])/g, (_, letter) => (letter === 'i' ? String(index) : '%')) : text;
  const { program, pidfile } = plan;
  const texts = [...program.argv, ...program.environment.map(([, value]) => value), pidfile ?? ''];
  if (!texts.some((text) => text.includes('%'))) return plan;
  const environment = program.environment.map(([name, value]) => [name, put(value)] as const);
  return { ...plan, pidfile: pidfile === null ? null : put(pidfile), program: { ...program, argv: program.argv.map(put), environment } };
}

/**
 * The directory name of a replica, injective for all ids.
 *
 * @example directoryOf('web/0') // 'web:0'
 */
export function directoryOf(key: string): string {
  const at = key.lastIndexOf('/');
  const id = key.slice(0, at).replace(/[%:/]|^\./g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `${id}:${key.slice(at + 1)}`;
}
