import { readFileSync, statSync } from 'node:fs';
import { placeOf } from '../../../errors.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

/** Pidfiles of processes that are gone. */
export function pidfiles({ pidfile, daemon, plan }: Patient): readonly Finding[] {
  const own = pidfile === null ? [] : staleOwn(pidfile, daemon?.pid ?? null);
  const daemons = (plan?.daemons ?? []).flatMap(({ id, pidfile: path, origin }) => {
    const pid = path === null ? null : pidIn(path);
    if (path === null || pid === null || isAlive(pid)) return [];
    return [stale(placeOf(origin), `the pidfile ${path} of ${id} names process ${pid}, which is gone`, `rm ${path}`)];
  });
  return [...own, ...daemons];
}

function staleOwn(path: string, running: number | null): Finding[] {
  const pid = pidIn(path);
  if (running !== null) {
    if (pid === running) return [];
    const found = pid === null ? 'names no process' : `names process ${pid}`;
    return [stale(path, `${found}; superd is process ${running}`, `restart superd, or echo ${running} > ${path}`)];
  }
  if (pid === null) return statSync(path, { throwIfNoEntry: false }) === undefined ? [] : [stale(path, 'names no process', `rm ${path}`)];
  if (!isAlive(pid)) return [stale(path, `names process ${pid}, which is gone`, `rm ${path}`)];
  const name = commandOf(pid);
  if (/superd|xinetd/.test(name)) return [];
  return [stale(path, `names process ${pid}, which is something else: ${name}`, `rm ${path}`)];
}

const stale = (place: string, problem: string, remedy: string): Finding => ({
  severity: 'warning',
  code: 'pidfile-stale',
  place,
  problem,
  remedy,
});

/** null for what is no pidfile. */
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

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
