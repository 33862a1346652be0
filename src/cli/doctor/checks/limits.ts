import type { Plan } from '../../../config/plan.js';
import { placeOf } from '../../../errors.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';
import { readIfPresent } from '../read-if-present.js';

/** Descriptors that superd needs besides those of its services: standard streams, Node's, the control socket, logs. */
const OWN_FILES = 40;

const RAISE_FILES = 'raise RLIMIT_NOFILE: LimitNOFILE= of the unit, or ulimit -n';

/** Limits of the machine that are too low for the configuration. */
export function limits({ config, plan, daemon }: CheckContext): readonly Finding[] {
  if (plan === null) return [];
  const pid = daemon?.pid ?? 'self';
  const files = numberOf(/^Max open files\s+\S+\s+(\S+)/m.exec(readIfPresent(`/proc/${pid}/limits`))?.[1] ?? '');
  const processes = [
    { name: 'kernel.pid_max', max: numberIn('/proc/sys/kernel/pid_max') },
    { name: 'kernel.threads-max', max: numberIn('/proc/sys/kernel/threads-max') },
    { name: 'pids.max of its control group', max: numberIn(`/sys/fs/cgroup${groupOf(pid)}/pids.max`) },
  ].reduce((a, b) => (b.max < a.max ? b : a));
  return [...tooFewFiles(config, plan, files), ...tooFewProcesses(plan, processes), ...tooManySessions(plan, files)];
}

function tooFewFiles(config: string, { services }: Plan, files: number): Finding[] {
  const needed = services.length + OWN_FILES;
  if (needed <= files) return [];
  const problem = `${services.length} services need about ${needed} descriptors; superd may have ${files}`;
  return [{ severity: 'error', code: 'files-limit', place: config, problem, remedy: RAISE_FILES }];
}

function tooFewProcesses({ services }: Plan, { name, max }: { readonly name: string; readonly max: number }): Finding[] {
  return services
    .filter(({ activation, gate }) => activation === 'request' && Number.isFinite(gate.instances) && gate.instances >= max)
    .map(({ id, gate, origin }) => ({
      severity: 'warning',
      code: 'process-limit',
      place: placeOf(gate.origins['instances'] ?? origin),
      problem: `${id} may have ${gate.instances} instances, this machine ${max} processes (${name})`,
      remedy: `lower instances, or raise ${name}`,
    }));
}

/** superd holds one descriptor per session: of the process that it waits for, or of the connection. */
function tooManySessions({ services }: Plan, files: number): Finding[] {
  const room = files - services.length - OWN_FILES;
  if (room < 0) return [];
  return services
    .filter(({ gate }) => Number.isFinite(gate.instances) && gate.instances > room)
    .map(({ id, gate, origin }) => ({
      severity: 'warning',
      code: 'session-limit',
      place: placeOf(gate.origins['instances'] ?? origin),
      problem: `${id} may have ${gate.instances} sessions at once; ${files} descriptors are enough for about ${room}`,
      remedy: `lower instances, or ${RAISE_FILES}`,
    }));
}

const groupOf = (pid: number | 'self') => (/^0::(\/.*)$/m.exec(readIfPresent(`/proc/${pid}/cgroup`))?.[1] ?? '/').replace(/\/$/, '');
const numberIn = (path: string) => numberOf(readIfPresent(path).trim());
/** Infinity for `unlimited`, `max`, or nothing. */
const numberOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY);
