import type { ExecutionPlan } from '../config/plan.js';

/**
 * What superd is told through its own environment, or would only confuse or betray a server. PWD and the like are the shell's
 * through which superd was started, and a server stands elsewhere.
 */
const OURS =
  /^(UV_|MALLOC_ARENA_MAX$|NODE_|NODE$|SUPERD_|LISTEN_|WATCHDOG_|NOTIFY_SOCKET$|REMOTE_HOST$|REMOTE_PORT$|LD_|PWD$|OLDPWD$|SHLVL$|_$)/;

/**
 * The environment of a service's server, before what is known only of a connection: superd's own (or the names in `passenv`,
 * which may then name anything), then `env`, xinetd.conf(5).
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
