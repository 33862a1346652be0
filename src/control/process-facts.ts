import { readFileSync } from 'node:fs';

/** What a process has used so far. */
export interface ProcessUse {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** Ticks a second that /proc counts in: 100 on every architecture of Linux, whatever the kernel's own are. */
const TICK_MS = 10;

/** From proc(5); null when it is gone, or there is no /proc. */
export function useOf(pid: number): ProcessUse | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, so the fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuMs: ticks * TICK_MS, residentBytes: residentBytes(pid) };
  } catch {
    return null;
  }
}

/** In kilobytes, whatever the size of a page is. */
function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line?.[1] ?? 0) * 1024;
}
