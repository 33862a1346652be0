import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** linux/sched.h. */
const PF_KTHREAD = 0x200000;

/** Clock ticks in a second, as proc(5) counts them on every architecture that superd supports. */
const USER_HZ = 100;

/** The fields of /proc/PID/stat in use, proc_pid_stat(5). */
export interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Clock ticks since boot. Together with `pid` it identifies one process until the next boot. */
  readonly startTime: number;
  readonly zombie: boolean;
  /** A kernel thread, which has no program. */
  readonly ofKernel: boolean;
  /** User and system time so far, in clock ticks, without children. */
  readonly cpuTicks: number;
}

/**
 * Parses a /proc/PID/stat line.
 *
 * @example parseStat('7 (a) b) S 1 7 7').parent // 1
 */
export function parseStat(text: string): Stat {
  // The name in parentheses may hold any character, so the fields are counted from its end.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(fields[1]),
    session: Number(fields[3]),
    startTime: Number(fields[19]),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    ofKernel: (Number(fields[6]) & PF_KTHREAD) !== 0,
    cpuTicks: Number(fields[11]) + Number(fields[12]),
  };
}

/** null when there is no such process. */
export function statOf(pid: number): Stat | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/**
 * When a process was started, in milliseconds since the epoch by the present clock, exact to some hundredths of a second; null where the
 * uptime is not that of the kernel, as in some containers.
 */
export function startedAt({ startTime }: Stat): number | null {
  const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
  const at = (ticks: number) => Date.now() - (uptime - ticks / USER_HZ) * 1000;
  const own = statOf(process.pid);
  const isKernels = own !== null && at(own.startTime) <= Date.now() + 1000;
  return isKernels ? at(startTime) : null;
}

/** The pids of all processes. */
export function everyPid(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** All processes. */
export function everyProcess(): Stat[] {
  return everyPid()
    .map(statOf)
    .filter((stat) => stat !== null);
}

/** Whether a process was started with this `NAME=value`; false as well without the right to read its environment. */
export function hasVariable(pid: number, variable: string): boolean {
  return environmentOf(pid).includes(`\0${variable}\0`);
}

/** The value of a variable that a process was started with; null without the variable, or without the right to read it. */
export function variableOf(pid: number, name: string): string | null {
  const text = environmentOf(pid);
  const at = text.indexOf(`\0${name}=`);
  return at === -1 ? null : (text.slice(at + name.length + 2).split('\0', 1)[0] as string);
}

/** Each variable between two NULs. */
function environmentOf(pid: number): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
  } catch {
    return '';
  }
}

/** Effective uid; −1 when the process is gone. */
export function uidOf(pid: number): number {
  return Number(/^Uid:\s+\d+\s+(\d+)/m.exec(statusOf(pid))?.[1] ?? -1);
}

/** Resident memory in bytes; 0 when the process is gone. */
export function residentBytesOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(statusOf(pid))?.[1] ?? 0) * 1024;
}

/** Resources that a process has used so far. */
export interface ProcessUse {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** null when the process is gone. */
export function useOf(pid: number): ProcessUse | null {
  const stat = statOf(pid);
  return stat === null ? null : { cpuMs: (stat.cpuTicks * 1000) / USER_HZ, residentBytes: residentBytesOf(pid) };
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}

/** The path of the program that a process executes; empty without the right to read it. */
export function executableOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

/** Identifies one boot of the machine; empty without /proc. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
