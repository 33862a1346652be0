import { accessSync, closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { monotonicMs } from '../clock.js';
import { executionProblem, HEAD_BYTES, noexecProblem, thisMachine } from '../program-file.js';
import type { ResourceLimit } from './plan.js';
import { type Weakness, weaknessOf } from './weakness.js';

/** The configuration's access to the file system and the network interfaces; only `weakness.ts` beside it touches them too. */
export interface Disk {
  /**
   * The text of a regular file, or of a pipe that superd was started with (`/dev/stdin`, `/dev/fd/63`).
   *
   * @throws Error of open(2) or read(2), or for any other kind of file and one with more bytes.
   */
  readText(path: string, mostBytes: number): string;
  /** How another user can change the file; null when none can, and for pipes. */
  weakness(path: string): Weakness | null;
  /** The names in a directory, in no order; throws the error of opendir(3). */
  list(path: string): string[];
  kind(path: string): 'file' | 'directory' | 'other' | 'missing';
  /** The highest limit (setrlimit(2)) that this process may give to a server; Infinity where it is unknown. */
  highestLimit(resource: ResourceLimit['resource']): number;
  /** The names of all network devices. */
  devices(): string[];
  /** Whether execve(2) of a server can work. */
  executable(path: string): 'yes' | 'missing' | 'directory' | 'noexec' | 'no';
  /** Why execve(2) of an existing file fails, with the fix; null when the file shows no reason. */
  unrunnable(path: string): string | null;
  /** The addresses of all interfaces that are up, without scope. */
  ownAddresses(): Promise<string[]>;
}

export const disk: Disk = {
  readText,
  weakness: (path) => (isOwnPipe(path) || path === NOTHING ? null : weaknessOf(path)),
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
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return 'missing';
      return noexecProblem(path) === null ? 'no' : 'noexec';
    }
  },
  unrunnable(path) {
    try {
      const head = readHead(path);
      return isScript(head) || !hasOtherFormats() ? executionProblem(head, thisMachine) : null;
    } catch {
      // A program may be executable without being readable.
      return null;
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

/** An empty configuration, for superd with inetd.conf alone. */
const NOTHING = '/dev/null';

/** Whether superd has inherited the open file; a reload may find its writer gone. */
const isOwnPipe = (path: string) => /^(?:\/dev\/stdin|\/dev\/fd\/\d+|\/proc\/self\/fd\/\d+)$/.test(path);

/** How long the writer of a pipe may take. */
const PIPE_MS = 5000;
const PIPE_PAUSE_MS = 10;
const CHUNK = 16 * 1024;

/** Never waits for the writer of a FIFO, and reads no device. */
function readText(path: string, mostBytes: number): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new Error('it is a directory');
    const isReadable = stat.isFile() || path === NOTHING || (stat.isFIFO() && isOwnPipe(path));
    if (!isReadable) throw new Error('it is not a regular file');
    return readUpTo(fd, mostBytes);
  } finally {
    closeSync(fd);
  }
}

function readUpTo(fd: number, mostBytes: number): string {
  const chunks: Buffer[] = [];
  const deadline = monotonicMs() + PIPE_MS;
  for (let bytes = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    let length: number;
    try {
      length = readSync(fd, chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || monotonicMs() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_PAUSE_MS);
      continue;
    }
    if (length === 0) return Buffer.concat(chunks).toString('utf8');
    if ((bytes += length) > mostBytes) throw new Error(`it has more than the ${mostBytes} bytes that are left for the configuration`);
    chunks.push(chunk.subarray(0, length));
  }
}

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
/** The first bytes of a regular file. Without O_NONBLOCK a pipe in its place would block superd. */
function readHead(path: string): Uint8Array {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    if (!fstatSync(fd).isFile()) throw new Error('not a regular file');
    const bytes = new Uint8Array(HEAD_BYTES);
    return bytes.subarray(0, readSync(fd, bytes, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}

const isScript = (head: Uint8Array) => head[0] === 0x23 && head[1] === 0x21;

/** Whether the kernel has handlers for formats of its administrator (binfmt_misc): emulators, interpreters of other languages. */
function hasOtherFormats(): boolean {
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').some((name) => name !== 'register' && name !== 'status');
  } catch {
    return false;
  }
}

/** The text of a file system error, without the path: `no such file or directory (ENOENT)`. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = /^[A-Z]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return code === undefined ? words : `${words} (${code})`;
}
