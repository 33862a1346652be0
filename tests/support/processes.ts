import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';

/** A process at one moment. Pid and start time together identify it, also after the pid is used again. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** One letter of proc(5): R, S, D, Z… */
  readonly state: string;
  /** Clock ticks since boot. */
  readonly startTime: number;
}

/** Reads /proc for a process; null when it is gone. */
export function processFacts(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may contain anything, so fields count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, state: fields[0]!, parent: Number(fields[1]), startTime: Number(fields[19]) };
  } catch {
    return null;
  }
}

/** The children of a process, zombies included. */
export function childrenOf(pid: number): ProcessFacts[] {
  return everyProcess().filter((one) => one.parent === pid);
}

/** The children of a process, their children, and so on. */
export function descendantsOf(pid: number): ProcessFacts[] {
  const all = everyProcess();
  const found: ProcessFacts[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const generation = all.filter((one) => parents.has(one.parent));
    found.push(...generation);
    parents = new Set(generation.map((one) => one.pid));
  }
  return found;
}

export function isSameProcess(one: ProcessFacts): boolean {
  const now = processFacts(one.pid);
  return now !== null && now.startTime === one.startTime && now.state !== 'Z';
}

/** Signals this process, and no later one with the same pid. */
export function killProcess(one: ProcessFacts, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (!isSameProcess(one)) return;
  try {
    process.kill(one.pid, signal);
  } catch {
    // Gone in between.
  }
}

/** Whether a signal waits to be delivered to a process: to one that is stopped, or blocks it. */
export function isPending(signal: NodeJS.Signals, pid: number): boolean {
  const mask = /^ShdPnd:\s+(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]!;
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}

/** The open descriptors of a process and what each refers to, as /proc shows it: `socket:[4711]`. */
export function descriptorsOf(pid: number): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    try {
      found.set(Number(name), readlinkSync(`/proc/${pid}/fd/${name}`));
    } catch {
      // Closed in between.
    }
  }
  return found;
}

export function everyProcess(): ProcessFacts[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processFacts(Number(name)))
    .filter((one) => one !== null);
}

/** Private memory of a process in KiB: RssAnon of proc_pid_status(5). */
export function privateKilobytes(pid: number): number {
  return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}
