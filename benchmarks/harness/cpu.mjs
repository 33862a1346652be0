import { readFileSync } from 'node:fs';

/** USER_HZ, which proc(5) counts in: 100 on every architecture that Linux runs Node on. */
const tickMicroseconds = 10_000;

/** Processor time that a process has used, with that of the children it has waited for. */
export function cpuMicroseconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Fields 14 to 17 of proc(5); the second, the name, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * tickMicroseconds, 0);
}
