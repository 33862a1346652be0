import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { everyPid, statOf } from '../../os/proc.js';

export interface Holder {
  readonly pid: number;
  readonly name: string;
  readonly ancestors: readonly number[];
}

/** Which processes have sockets open, by inode, as far as /proc lets the caller look. */
export function holdersOf(inodes: readonly string[]): ReadonlyMap<string, readonly Holder[]> {
  const holders = new Map<string, Holder[]>();
  if (inodes.length === 0) return holders;
  const wanted = new Set(inodes);
  for (const pid of everyPid()) {
    for (const inode of socketsOf(pid)) {
      if (!wanted.has(inode)) continue;
      const others = holders.get(inode) ?? [];
      if (!others.some((one) => one.pid === pid)) holders.set(inode, [...others, { pid, name: nameOf(pid), ancestors: ancestorsOf(pid) }]);
    }
  }
  return holders;
}

function socketsOf(pid: number): string[] {
  const found: string[] = [];
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined) found.push(inode);
    }
  } catch {
    // Gone meanwhile, or somebody else's.
  }
  return found;
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return '?';
  }
}

function ancestorsOf(pid: number): number[] {
  const found: number[] = [];
  for (let at = parentOf(pid); at > 1 && !found.includes(at); at = parentOf(at)) found.push(at);
  return found;
}

const parentOf = (pid: number): number => statOf(pid)?.parent ?? 0;
