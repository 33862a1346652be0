import { accessSync, constants, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const OURS = 'superd-';

/** A control group (cgroup v2) for each daemon: whoever is born in it stays in it, whatever he does to hide. */
export class ControlGroups {
  /** Linux 6.12 and later kills whoever is cloned into a group that was killed as often as ours was not: such a group is made anew. */
  private readonly killed = new Set<string>();
  private readonly avoided = new Set<string>();
  /** Groups that an earlier superd made elsewhere, by key. */
  private readonly elsewhere = new Map<string, string>();

  private constructor(
    private readonly mount: ControlMount,
    /** The directory in which those of this state are. */
    private readonly base: string,
  ) {}

  /**
   * Finds out whether superd may make groups, and removes those without processes that were left behind.
   *
   * @param key Names this state among others.
   * @returns null without a writable mount, or where the kernel cannot end a group at once (before 5.14).
   */
  static find(key: string): ControlGroups | null {
    const mount = findMount();
    if (mount === null) return null;
    const base = join(mount.own, OURS + key);
    try {
      accessSync(mount.own, constants.W_OK);
      for (const name of readdirSync(mount.own)) if (name.startsWith(OURS)) removeTree(join(mount.own, name));
      mkdirSync(base, { recursive: true });
    } catch {
      return null;
    }
    if (existsSync(join(base, 'cgroup.kill'))) return new ControlGroups(mount, base);
    remove(base);
    return null;
  }

  /** Makes the group of one, if it is not there. @returns A descriptor of its directory, to be given away; −1 when there is none. */
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
      // Made with the first start.
    }
    try {
      mkdirSync(path, { recursive: true });
      return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch {
      // The limit of groups has been reached, or somebody has taken the place away.
      return -1;
    }
  }

  /** One was killed, and not by us, with its first instruction: should the kernel have done it, the next start is without a group. */
  avoid(key: string): void {
    this.avoided.add(key);
  }

  /** Finds the group of one that an earlier superd has started. */
  adopt(key: string, pid: number): void {
    const path = groupOf(pid, this.mount);
    if (path === null || basename(path) !== nameOf(key) || basename(dirname(path)) !== basename(this.base)) return;
    // Started from a session of the daemon (sshd), superd is in its group as well, and would end with it.
    if (!`${this.mount.own}/`.startsWith(`${path}/`)) this.elsewhere.set(key, path);
  }

  /** Who is in the group of one. */
  pids(key: string): number[] {
    return pidsIn(this.pathOf(key));
  }

  /** Kills all who are in the group of one, in one moment. */
  kill(key: string): void {
    this.killed.add(key);
    try {
      writeFileSync(join(this.pathOf(key), 'cgroup.kill'), '1');
    } catch {
      // There is none.
    }
  }

  /** Removes the group of one, unless somebody is in it. */
  leave(key: string): void {
    this.forget(key);
    this.avoided.delete(key);
    remove(this.pathOf(key));
  }

  /** Removes what is empty. */
  close(): void {
    removeTree(this.base);
  }

  private forget(key: string): void {
    const path = this.elsewhere.get(key);
    if (path === undefined) return;
    this.elsewhere.delete(key);
    removeTree(dirname(path));
  }

  private pathOf(key: string): string {
    return this.elsewhere.get(key) ?? join(this.base, nameOf(key));
  }
}

/** Where control groups are to be seen. */
interface ControlMount {
  readonly point: string;
  /** What of the hierarchy is mounted there. */
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
    // No /proc.
  }
  return null;
}

/** The directory of the group that a process is in; null where it cannot be seen. */
function groupOf(pid: number, { root, point }: Pick<ControlMount, 'root' | 'point'>): string | null {
  try {
    const path = /^0::(\/.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
    // Above the root of a namespace: cgroup_namespaces(7).
    if (path === undefined || path.startsWith('/..')) return null;
    if (root === '/') return join(point, path);
    return path === root || path.startsWith(`${root}/`) ? join(point, path.slice(root.length)) : null;
  } catch {
    return null;
  }
}

/** As proc(5) writes blanks and the like. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/**
 * No two daemons have one name, whatever they are called.
 *
 * @example nameOf('web/0') // 'web:0'
 */
function nameOf(key: string): string {
  const at = key.lastIndexOf('/');
  const id = key.slice(0, at).replace(/[%:/]|^\./g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `${id}:${key.slice(at + 1)}`;
}

function pidsIn(path: string): number[] {
  try {
    return readFileSync(join(path, 'cgroup.procs'), 'latin1').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The kernel removes none that has processes or groups in it. */
function remove(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // In use, or gone.
  }
}

function removeTree(path: string): void {
  try {
    for (const one of readdirSync(path, { withFileTypes: true })) if (one.isDirectory()) remove(join(path, one.name));
  } catch {
    // Gone.
  }
  remove(path);
}
