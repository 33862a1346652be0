import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** linux/sched.h. */
const PF_KTHREAD = 0x200000;

/** Clock ticks in a second, as proc(5) counts them on every machine that superd runs on. */
const USER_HZ = 100;

/** What /proc/PID/stat says, proc(5). */
export interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Clock ticks since boot: with the pid it names one process for ever. */
  readonly startTime: number;
  readonly zombie: boolean;
  /** A thread of the kernel's, which has no program. */
  readonly ofKernel: boolean;
  /** Pages in memory. */
  readonly rss: number;
}

/** null when there is no such process. */
export function statOf(pid: number): Stat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The name in parentheses may hold anything, so the fields are counted from its end.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(fields[1]),
    session: Number(fields[3]),
    startTime: Number(fields[19]),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    ofKernel: (Number(fields[6]) & PF_KTHREAD) !== 0,
    rss: Number(fields[21]),
  };
}

/**
 * When a process was started, milliseconds since the epoch by the clock of now, to some hundredths of a second; null where this machine does
 * not tell, as in a container whose uptime is not that of its kernel.
 */
export function startedAt({ startTime }: Stat): number | null {
  const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
  const at = (ticks: number) => Date.now() - (uptime - ticks / USER_HZ) * 1000;
  const own = statOf(process.pid);
  const isKernels = own !== null && at(own.startTime) <= Date.now() + 1000;
  return isKernels ? at(startTime) : null;
}

/** Every process that there is. */
export function everyProcess(): Stat[] {
  const found: Stat[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid)) {
      const stat = statOf(pid);
      if (stat !== null) found.push(stat);
    }
  }
  return found;
}

/** Whether a process was started with this `NAME=value`; false as well where it may not be asked. */
export function hasVariable(pid: number, variable: string): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/environ`, 'latin1');
    return text.startsWith(`${variable}\0`) || text.includes(`\0${variable}\0`);
  } catch {
    return false;
  }
}

/** The value of a variable that a process was started with; null where there is none, or it may not be asked. */
export function variableOf(pid: number, name: string): string | null {
  try {
    const text = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
    const at = text.indexOf(`\0${name}=`);
    return at === -1 ? null : (text.slice(at + name.length + 2).split('\0', 1)[0] as string);
  } catch {
    return null;
  }
}

/** Effective uid; −1 when it is gone. */
export function uidOf(pid: number): number {
  try {
    return Number(/^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? -1);
  } catch {
    return -1;
  }
}

/** The path of what it executes; empty where it may not be asked. */
export function executableOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

/** Tells one boot of the machine from another. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
