import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';

/** The configuration's access to the file system and the network interfaces; no other module in `config/` touches them. */
export interface Disk {
  /** The text of a file; throws the error of open(2) or read(2). Only the main file may be a pipe. */
  readText(path: string): string;
  /** The names in a directory, in no order; throws the error of opendir(3). */
  list(path: string): string[];
  kind(path: string): 'file' | 'directory' | 'other' | 'missing';
  /** Whether execve(2) of a server can work. */
  executable(path: string): 'yes' | 'missing' | 'directory' | 'no';
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
  async ownAddresses() {
    const { networkInterfaces } = await import('node:os');
    return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
  },
};

/** The text of a file system error, without the path: `no such file or directory (ENOENT)`. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = /^[A-Z]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return code === undefined ? words : `${words} (${code})`;
}
