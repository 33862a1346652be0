import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** The directory of a process's control group (cgroup v2); null without a cgroup2 mount that shows it. */
export function controlGroupOf(pid: number): string | null {
  const mounted = / \/ (\/\S+) [^\n]* - cgroup2 /.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];
  const path = /^0::(\/.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  return mounted === undefined || path === undefined ? null : join(mounted, path);
}

/** Whether this process may make control groups below its own, and the kernel has cgroup.kill (Linux 5.14). */
export function canMakeControlGroups(): boolean {
  const own = controlGroupOf(process.pid);
  if (own === null) return false;
  const tried = join(own, `test-${process.pid}`);
  try {
    mkdirSync(tried);
    return existsSync(join(tried, 'cgroup.kill'));
  } catch {
    return false;
  } finally {
    if (existsSync(tried)) rmdirSync(tried);
  }
}
