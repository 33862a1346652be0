import type { ExecutionPlan } from '../config/plan.js';

/**
 * Variables that control superd itself, or that would mislead a server or betray something to it. PWD and its like belong to the shell
 * that started superd; a server has another working directory.
 */
const OURS =
  /^(UV_|MALLOC_ARENA_MAX$|NODE_|NODE$|SUPERD_|LISTEN_|WATCHDOG_|NOTIFY_SOCKET$|REMOTE_HOST$|REMOTE_PORT$|LD_|PWD$|OLDPWD$|SHLVL$|_$)/;

/**
 * The environment of a server without the variables of its connection: superd's own without OURS, or exactly the names in `passenv`, and
 * then `env`, xinetd.conf(5).
 *
 * @param own superd's own environment.
 * @returns `NAME=value` strings, each name once.
 * @example childEnvironment({ ...program, passEnvironment: ['TZ'], environment: [['A', '1']] }, { TZ: 'UTC', HOME: '/' }) // ['TZ=UTC', 'A=1']
 */
export function childEnvironment(program: ExecutionPlan, own: Readonly<Record<string, string | undefined>>): string[] {
  const result = new Map<string, string>();
  const inherited = program.passEnvironment ?? Object.keys(own).filter((name) => !OURS.test(name));
  for (const name of inherited) {
    const value = own[name];
    if (value !== undefined) result.set(name, value);
  }
  for (const [name, value] of program.environment) result.set(name, value);
  result.delete('REMOTE_HOST');
  result.delete('REMOTE_PORT');
  return [...result].map(([name, value]) => `${name}=${value}`);
}
