import { readdirSync, readFileSync } from 'node:fs';
import { readProcesses } from './process-reader.js';

/** Clock ticks in a second, as proc(5) counts them on every architecture that superd supports. */
const USER_HZ = 100;

/** What /proc/PID/status says of a process: unlike most files there, it never waits for the process. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** The process group. */
  readonly group: number;
  readonly session: number;
  readonly uids: Uids;
  readonly zombie: boolean;
  /** Without memory of its own: a kernel thread, or a process that is ending. */
  readonly bare: boolean;
  readonly residentBytes: number;
}

export interface Uids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
}

const STATUS =
  /^State:\s+(\S)[\s\S]*?^PPid:\s+(\d+)[\s\S]*?^Uid:\s+(\d+)\s+(\d+)\s+(\d+)(?:[\s\S]*?^NSpgid:\s+(\d+)[\s\S]*?^NSsid:\s+(\d+))?(?:[\s\S]*?^VmRSS:\s+(\d+) kB)?/m;

/**
 * Parses /proc/PID/status; null when it is none.
 *
 * @example parseStatus(7, 'State:\tS (sleeping)\nPPid:\t1\nUid:\t0\t0\t0\t0\nNSpgid:\t7\nNSsid:\t5\n')?.session // 5
 */
export function parseStatus(pid: number, text: string): ProcessFacts | null {
  const found = STATUS.exec(text);
  if (found === null) return null;
  const [, state, ...numbers] = found;
  const [parent = 0, real = 0, effective = 0, saved = 0, group = Number.NaN, session = Number.NaN, kilobytes = Number.NaN] =
    numbers.map(Number);
  const [zombie, bare] = [state === 'Z' || state === 'X', Number.isNaN(kilobytes)];
  return { pid, parent, group, session, uids: { real, effective, saved }, zombie, bare, residentBytes: bare ? 0 : kilobytes * 1024 };
}

/** null when there is no such process. */
export function factsOf(pid: number): ProcessFacts | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return null;
  }
  const facts = parseStatus(pid, text);
  if (facts === null || !Number.isNaN(facts.session)) return facts;
  // A kernel without CONFIG_PID_NS.
  const { group = 0, session = 0 } = statOf(pid) ?? {};
  return { ...facts, group, session };
}

/** Whether all uids of the process are that one: then the kernel lets only that user and root act on it. */
export function runsAs({ uids: { real, effective, saved } }: Pick<ProcessFacts, 'uids'>, uid: number): boolean {
  return real === uid && effective === uid && saved === uid;
}

/** The pids of all processes. */
export function everyPid(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** All processes. */
export function everyProcess(): ProcessFacts[] {
  return everyPid()
    .map(factsOf)
    .filter((facts) => facts !== null);
}

/** The fields of /proc/PID/stat in use, proc_pid_stat(5). */
export interface Stat {
  readonly group: number;
  readonly session: number;
  /** User and system time so far, in clock ticks, without children. */
  readonly cpuTicks: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
}

/**
 * Parses a /proc/PID/stat line.
 *
 * @example parseStat('7 (a) b) S 1 7 5').session // 5
 */
export function parseStat(text: string): Stat {
  // The name in parentheses may hold any character, so the fields are counted from its end.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    group: Number(fields[2]),
    session: Number(fields[3]),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    startTime: Number(fields[19]),
  };
}

/** null when the process does not exist or does not answer, see `readProcesses`. */
function statOf(pid: number): Stat | null {
  const text = readProcesses([pid], 'stat').get(pid);
  return text === undefined ? null : parseStat(text);
}

/**
 * When a process was started, in clock ticks since boot: with its pid this identifies one process until the next boot. 0 when it is gone or
 * does not answer.
 */
export function startTimeOf(pid: number): number {
  return statOf(pid)?.startTime ?? 0;
}

/**
 * Milliseconds since the epoch, by the present clock, at a start time; exact to some hundredths of a second. null where the uptime is not
 * that of the kernel, as in some containers.
 */
export function startedAt(startTime: number): number | null {
  const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
  const at = (ticks: number) => Date.now() - (uptime - ticks / USER_HZ) * 1000;
  const own = startTimeOf(process.pid);
  return own !== 0 && at(own) <= Date.now() + 1000 ? at(startTime) : null;
}

/** Whether a process was started with this `NAME=value`; false as well without the right to read its environment. */
export function hasVariable(pid: number, variable: string): boolean {
  return withVariable([pid], variable).has(pid);
}

/** The processes among these that were started with this `NAME=value`. */
export function withVariable(pids: readonly number[], variable: string): Set<number> {
  const at = variable.indexOf('=');
  const values = variablesOf(pids, variable.slice(0, at));
  return new Set(pids.filter((pid) => values.get(pid) === variable.slice(at + 1)));
}

/** The value of a variable that a process was started with; null without the variable, or without the right to read it. */
export function variableOf(pid: number, name: string): string | null {
  return variablesOf([pid], name).get(pid) ?? null;
}

/** By pid, the values of a variable that processes were started with. */
export function variablesOf(pids: readonly number[], name: string): ReadonlyMap<number, string> {
  return readProcesses(pids, 'environ', name);
}

/** Resources that a process has used so far. */
export interface ProcessUse {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** By pid; nothing for a process that is gone. */
export function usesOf(pids: readonly number[]): ReadonlyMap<number, ProcessUse> {
  const found = new Map<number, ProcessUse>();
  for (const [pid, text] of readProcesses(pids, 'stat')) {
    const facts = factsOf(pid);
    if (facts !== null) found.set(pid, { cpuMs: (parseStat(text).cpuTicks * 1000) / USER_HZ, residentBytes: facts.residentBytes });
  }
  return found;
}

/** The path of the program that a process executes; empty without the right to read it. */
export function executableOf(pid: number): string {
  return Buffer.from(readProcesses([pid], 'exe').get(pid) ?? '', 'latin1').toString();
}

/** Identifies one boot of the machine; empty without /proc. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
