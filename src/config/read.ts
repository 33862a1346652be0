import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import type { ResourceLimit } from './plan.js';

/** The configuration's access to the file system and the network interfaces; no other module in `config/` touches them. */
export interface Disk {
  /** The text of a file; throws the error of open(2) or read(2). Only the main file may be a pipe. */
  readText(path: string): string;
  /** The names in a directory, in no order; throws the error of opendir(3). */
  list(path: string): string[];
  kind(path: string): 'file' | 'directory' | 'other' | 'missing';
  /** Whether execve(2) of a server can work. */
  executable(path: string): 'yes' | 'missing' | 'directory' | 'no';
  /** The highest limit (setrlimit(2)) that this process may give to a server; Infinity where it is unknown. */
  highestLimit(resource: ResourceLimit['resource']): number;
  /** The names of all network devices. */
  devices(): string[];
  /** The addresses of all interfaces that are up, without scope. */
  ownAddresses(): Promise<string[]>;
}

export const disk: Disk = {
  readText: (path) => readFileSync(path, 'utf8'),
  list: (path) => readdirSync(path),
  kind(path) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return 'missing';
    return stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other';
  },
  executable(path) {
    try {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat === undefined) return 'missing';
      if (stat.isDirectory()) return 'directory';
      accessSync(path, constants.X_OK);
      return 'yes';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'missing' : 'no';
    }
  },
  highestLimit(resource) {
    try {
      const raises = (BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(readProc('self/status'))?.[1]}`) >> CAP_SYS_RESOURCE) & 1n;
      if (raises === 1n) return resource === 'files' ? Number(readProc('sys/fs/nr_open')) : Infinity;
      const [, hard] = new RegExp(`^${PROC_NAMES[resource]}\\s+\\S+\\s+(\\d+|unlimited)`, 'm').exec(readProc('self/limits')) ?? [];
      return hard === undefined || hard === 'unlimited' ? Infinity : Number(hard);
    } catch {
      return Infinity;
    }
  },
  devices() {
    try {
      const lines = readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2);
      return lines.flatMap((line) => /^\s*(\S+?):/.exec(line)?.[1] ?? []);
    } catch {
      return [];
    }
  },
  async ownAddresses() {
    const { networkInterfaces } = await import('node:os');
    return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
  },
};

/** capabilities(7) */
const CAP_SYS_RESOURCE = 24n;

/** The lines of /proc/self/limits, proc_pid_limits(5). */
const PROC_NAMES: Readonly<Record<ResourceLimit['resource'], string>> = {
  as: 'Max address space',
  cpu: 'Max cpu time',
  data: 'Max data size',
  files: 'Max open files',
  rss: 'Max resident set',
  stack: 'Max stack size',
};

const readProc = (path: string) => readFileSync(`/proc/${path}`, 'utf8');

/** The text of a file system error, without the path: `no such file or directory (ENOENT)`. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = /^[A-Z]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return code === undefined ? words : `${words} (${code})`;
}
