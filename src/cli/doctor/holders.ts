import { readdirSync, readlinkSync } from 'node:fs';
import { everyPid, factsOf } from '../../os/proc.js';
import { readIfPresent } from './read-if-present.js';

export interface Holder {
  readonly pid: number;
  readonly name: string;
  readonly ancestors: readonly number[];
}

/** The processes that have these sockets open, by inode, as far as this user may look. */
export function holdersOf(inodes: readonly string[]): ReadonlyMap<string, readonly Holder[]> {
  const holders = new Map<string, Holder[]>();
  if (inodes.length === 0) return holders;
  const wanted = new Set(inodes);
  for (const pid of everyPid()) {
    for (const inode of new Set(socketsOf(pid))) {
      if (!wanted.has(inode)) continue;
      holders.set(inode, [...(holders.get(inode) ?? []), { pid, name: nameOf(pid), ancestors: ancestorsOf(pid) }]);
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
    // The process has ended, or belongs to another user.
  }
  return found;
}

const nameOf = (pid: number): string => readIfPresent(`/proc/${pid}/comm`).trimEnd() || '?';

function ancestorsOf(pid: number): number[] {
  const found: number[] = [];
  for (let at = parentOf(pid); at > 1 && !found.includes(at); at = parentOf(at)) found.push(at);
  return found;
}

const parentOf = (pid: number): number => factsOf(pid)?.parent ?? 0;
