import { readFileSync, statSync } from 'node:fs';
import { placeOf } from '../../../errors.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';
import { readIfPresent } from '../read-if-present.js';

/** Pidfiles that name a process that is gone, or a wrong one. */
export function pidfiles({ pidfile, daemon, plan }: CheckContext): readonly Finding[] {
  const own = pidfile === null ? [] : daemon === null ? leftOver(pidfile) : overwritten(pidfile, daemon.pid);
  const daemons = (plan?.daemons ?? []).flatMap(({ id, pidfile: path, origin }) => {
    const pid = path === null ? null : pidIn(path);
    if (path === null || pid === null || isAlive(pid)) return [];
    return [stale(placeOf(origin), `the pidfile ${path} of ${id} names process ${pid}, which is gone`, `rm ${path}`)];
  });
  return [...own, ...daemons];
}

function overwritten(path: string, running: number): Finding[] {
  const pid = pidIn(path);
  if (pid === running) return [];
  const found = pid === null ? 'names no process' : `names process ${pid}`;
  return [stale(path, `${found}; superd is process ${running}`, `restart superd, or echo ${running} > ${path}`)];
}

function leftOver(path: string): Finding[] {
  const pid = pidIn(path);
  if (pid === null) return statSync(path, { throwIfNoEntry: false }) === undefined ? [] : [stale(path, 'names no process', `rm ${path}`)];
  if (!isAlive(pid)) return [stale(path, `names process ${pid}, which is gone`, `rm ${path}`)];
  const command = readIfPresent(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  if (/superd|xinetd/.test(command)) return [];
  return [stale(path, `names process ${pid}, which is another program: ${command}`, `rm ${path}`)];
}

const stale = (place: string, problem: string, remedy: string): Finding => ({
  severity: 'warning',
  code: 'pidfile-stale',
  place,
  problem,
  remedy,
});

/** null when the file is missing or does not hold a number. */
function pidIn(path: string): number | null {
  try {
    if (!statSync(path).isFile()) return null;
    const pid = Number(/^\s*(\d{1,9})\s*$/.exec(readFileSync(path, 'latin1'))?.[1] ?? 0);
    return pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

const isAlive = (pid: number) => statSync(`/proc/${pid}`, { throwIfNoEntry: false }) !== undefined;
