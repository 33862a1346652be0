import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** The facts about the machine on which the figures depend. */
export function describeEnvironment(peers) {
  return {
    kernel: release(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
    node: process.version,
    sched_autogroup: setting('/proc/sys/kernel/sched_autogroup_enabled'),
    cpuCgroup: cpuCgroup(setting('/proc/self/cgroup')),
    loadBefore: Number(loadavg()[0].toFixed(2)),
    versions: Object.fromEntries(peers.map((peer) => [peer.name, peer.version()]).filter(([, version]) => version)),
  };
}

/** Autogroups count only for tasks in the root group: in one of its own, as under systemd, a daemon is scheduled with its children. */
function cpuCgroup(text) {
  const [, path] = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(text) ?? /^0::(.*)$/m.exec(text) ?? [null, 'unknown'];
  return path;
}

function setting(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return 'absent';
  }
}

export function environmentLine({ kernel, cpu, cores, memoryGB, node, sched_autogroup, cpuCgroup, loadBefore, versions }) {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Linux ${kernel}, ${cores} × ${cpu}, ${memoryGB} GB, Node ${node}, sched_autogroup ${sched_autogroup}, cpu cgroup ${cpuCgroup}, load before ${loadBefore}; ${programs.join('; ')}`;
}
