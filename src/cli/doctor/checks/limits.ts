import { readFileSync } from 'node:fs';
import type { Plan } from '../../../config/plan.js';
import { placeOf } from '../../../errors.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

/** What superd itself has open beside its services: its standard descriptors, Node's, the control socket, logs. */
const OWN_FILES = 40;

/** Promises of the configuration that the machine cannot keep. */
export function limits({ config, plan, daemon }: Patient): readonly Finding[] {
  if (plan === null) return [];
  const own = readIfThere(`/proc/${daemon?.pid ?? 'self'}/limits`);
  const files = hardLimit(own, 'Max open files');
  const processes = [
    { what: 'kernel.pid_max', most: numberIn('/proc/sys/kernel/pid_max') },
    { what: 'kernel.threads-max', most: numberIn('/proc/sys/kernel/threads-max') },
    { what: 'pids.max of its control group', most: numberIn(`/sys/fs/cgroup${groupOf(daemon?.pid ?? 'self')}/pids.max`) },
  ].reduce((a, b) => (b.most < a.most ? b : a));
  return [...tooFewFiles(config, plan, files), ...tooFewProcesses(plan, processes), ...tooManySessions(plan, files)];
}

function tooFewFiles(config: string, { services }: Plan, files: number): Finding[] {
  const needed = services.length + OWN_FILES;
  if (needed <= files) return [];
  const problem = `${services.length} services need about ${needed} descriptors; superd may have ${files}`;
  return [
    {
      severity: 'error',
      code: 'files-limit',
      place: config,
      problem,
      remedy: 'raise RLIMIT_NOFILE: LimitNOFILE= of the unit, or ulimit -n',
    },
  ];
}

function tooFewProcesses({ services }: Plan, { what, most }: { readonly what: string; readonly most: number }): Finding[] {
  return services.flatMap(({ id, activation, gate, origin }) =>
    activation !== 'request' || gate.instances === Number.POSITIVE_INFINITY || gate.instances < most
      ? []
      : [
          {
            severity: 'warning' as const,
            code: 'process-limit',
            place: placeOf(gate.origins['instances'] ?? origin),
            problem: `${id} may have ${gate.instances} instances, this machine ${most} processes (${what})`,
            remedy: `lower instances, or raise ${what}`,
          },
        ],
  );
}

/** Each session has a descriptor of superd's: the process it waits for, or the connection. */
function tooManySessions({ services }: Plan, files: number): Finding[] {
  const room = files - services.length - OWN_FILES;
  return services.flatMap(({ id, gate, origin }) =>
    gate.instances === Number.POSITIVE_INFINITY || gate.instances <= room || room < 0
      ? []
      : [
          {
            severity: 'warning' as const,
            code: 'session-limit',
            place: placeOf(gate.origins['instances'] ?? origin),
            problem: `${id} may have ${gate.instances} sessions at once; ${files} descriptors are enough for about ${room}`,
            remedy: 'lower instances, or raise RLIMIT_NOFILE: LimitNOFILE= of the unit, or ulimit -n',
          },
        ],
  );
}

const hardLimit = (text: string, name: string) => numberOf(new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, 'm').exec(text)?.[1] ?? '');
const groupOf = (pid: number | 'self') => (/^0::(\/.*)$/m.exec(readIfThere(`/proc/${pid}/cgroup`))?.[1] ?? '/').replace(/\/$/, '');
const numberIn = (path: string) => numberOf(readIfThere(path).trim());
const numberOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY);

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
