import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileLock } from '../os/file.js';
import { directoryOf } from './replica.js';

const OURS = 'superd-';
/** Of locking a group that another superd removes meanwhile. */
const MOST_ATTEMPTS = 5;

/** A control group (cgroup v2) for each daemon: all its descendants stay in it, even those that leave its session and its environment. */
export class ControlGroups {
  /**
   * Linux 6.12 and later kills a process cloned into a group whose count of kills differs from that of the parent's group. superd makes a
   * group that it has killed anew.
   */
  private readonly killed = new Set<string>();
  private readonly avoided = new Set<string>();
  /** By key, groups that an earlier superd made in another place. */
  private readonly elsewhere = new Map<string, string>();

  private constructor(
    private readonly mount: ControlMount,
    /** Directory of the groups of this state directory. */
    private readonly base: string,
    /** Locked while superd runs, so that another superd does not remove its groups while they are empty. */
    private readonly lock: number,
  ) {}

  /**
   * Checks whether superd may make groups, and removes empty ones that an earlier superd left behind.
   *
   * @param key Identifies the state directory.
   * @returns null without a writable mount, or where the kernel has no cgroup.kill (before 5.14).
   */
  static find(key: string): ControlGroups | null {
    const mount = findMount();
    if (mount === null) return null;
    const base = join(mount.own, OURS + key);
    try {
      accessSync(mount.own, constants.W_OK);
      for (const name of readdirSync(mount.own)) if (name.startsWith(OURS)) removeUnlessLocked(join(mount.own, name));
      const lock = makeLocked(base);
      if (existsSync(join(base, 'cgroup.kill'))) return new ControlGroups(mount, base, lock);
      closeSync(lock);
      remove(base);
    } catch {
      // No right to make groups.
    }
    return null;
  }

  /** Makes the group of a replica unless it exists. @returns A descriptor of its directory, which the caller closes; −1 without a group. */
  enter(key: string): number {
    if (this.avoided.has(key)) return -1;
    this.forget(key);
    const path = this.pathOf(key);
    if (this.killed.has(key)) {
      remove(path);
      if (existsSync(path)) return -1;
      this.killed.delete(key);
    }
    try {
      return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch {
      // The first start makes it.
    }
    try {
      mkdirSync(path, { recursive: true });
      return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch {
      // The limit of groups is reached, or the base directory was removed.
      return -1;
    }
  }

  /** Starts the replica without a group from now on: a process of it got SIGKILL at once, which the kernel may have sent (see `killed`). */
  avoid(key: string): void {
    this.avoided.add(key);
  }

  /** Finds the group of a process that an earlier superd has started. */
  adopt(key: string, pid: number): void {
    const path = groupOf(pid, this.mount);
    if (path === null || basename(path) !== directoryOf(key) || basename(dirname(path)) !== basename(this.base)) return;
    // superd itself is in this group when an operator started it from a session of the daemon (sshd). It must not kill itself.
    if (!`${this.mount.own}/`.startsWith(`${path}/`)) this.elsewhere.set(key, path);
  }

  /** The pids in the group of a replica. */
  pids(key: string): number[] {
    return pidsIn(this.pathOf(key));
  }

  /** Kills all processes in the group of a replica at once. */
  kill(key: string): void {
    this.killed.add(key);
    try {
      writeFileSync(join(this.pathOf(key), 'cgroup.kill'), '1');
    } catch {
      // The replica has no group.
    }
  }

  /** Removes the group of a replica if it is empty. */
  leave(key: string): void {
    this.forget(key);
    this.avoided.delete(key);
    remove(this.pathOf(key));
  }

  /** Removes all empty groups. */
  close(): void {
    closeSync(this.lock);
    removeTree(this.base);
  }

  private forget(key: string): void {
    const path = this.elsewhere.get(key);
    if (path === undefined) return;
    this.elsewhere.delete(key);
    removeTree(dirname(path));
  }

  private pathOf(key: string): string {
    return this.elsewhere.get(key) ?? join(this.base, directoryOf(key));
  }
}

/** A mounted hierarchy of control groups. */
interface ControlMount {
  readonly point: string;
  /** The part of the hierarchy that is mounted at `point`. */
  readonly root: string;
  /** The directory of superd's own group. */
  readonly own: string;
}

function findMount(): ControlMount | null {
  try {
    for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
      const [front = '', back = ''] = line.split(' - ');
      if (!back.startsWith('cgroup2 ')) continue;
      const [, , , root = '', point = ''] = front.split(' ').map(unescaped);
      const own = groupOf(process.pid, { root, point });
      if (own !== null) return { root, point, own };
    }
  } catch {
    // /proc is not mounted.
  }
  return null;
}

/** The directory of the group that a process is in; null when it is outside the mount. */
function groupOf(pid: number, { root, point }: Pick<ControlMount, 'root' | 'point'>): string | null {
  try {
    const path = /^0::(\/.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
    // The group is outside the root of this cgroup namespace: cgroup_namespaces(7).
    if (path === undefined || path.startsWith('/..')) return null;
    if (root === '/') return join(point, path);
    return path === root || path.startsWith(`${root}/`) ? join(point, path.slice(root.length)) : null;
  } catch {
    return null;
  }
}

/** Decodes the octal escapes of proc_pid_mountinfo(5). */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function pidsIn(path: string): number[] {
  try {
    return readFileSync(join(path, 'cgroup.procs'), 'latin1').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Removes a group; the kernel refuses while processes or groups are in it. */
/** @returns A descriptor with the lock of a group; null while another superd has it. */
function lockGroup(path: string): number | null {
  const fd = openSync(join(path, 'cgroup.procs'), constants.O_RDWR);
  if (fileLock(fd) === 0) return fd;
  closeSync(fd);
  return null;
}

/** Another superd may remove the group before it is locked. */
function makeLocked(path: string): number {
  let problem: unknown = new Error(`${path} is in use`);
  for (let attempts = 0; attempts < MOST_ATTEMPTS; attempts++) {
    try {
      mkdirSync(path, { recursive: true });
      const lock = lockGroup(path);
      if (lock !== null && existsSync(path)) return lock;
      if (lock !== null) closeSync(lock);
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

function removeUnlessLocked(path: string): void {
  try {
    const lock = lockGroup(path);
    if (lock === null) return;
    closeSync(lock);
  } catch {
    // It has no file to lock, or is already removed.
  }
  removeTree(path);
}

function remove(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // It is in use, or already removed.
  }
}

function removeTree(path: string): void {
  try {
    for (const one of readdirSync(path, { withFileTypes: true })) if (one.isDirectory()) remove(join(path, one.name));
  } catch {
    // Already removed.
  }
  remove(path);
}
