import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';
import { canMakeControlGroups } from './control-groups.js';
import { daemonKind } from './daemon.js';

/** What a suite needs of the machine. */
export interface Needs {
  readonly root?: boolean;
  /** Names, looked up in $PATH and the sbin directories, or absolute paths. */
  readonly programs?: readonly string[];
  /** Network namespaces joined by veth pairs. */
  readonly networkNamespaces?: boolean;
  readonly mountNamespaces?: boolean;
  readonly ipv6?: boolean;
  /** A control group below that of the test, with cgroup.kill. */
  readonly controlGroups?: boolean;
  /** Files that are not part of the project: whether they exist, and what to call them. */
  readonly files?: { readonly there: boolean; readonly called: string };
  /** The suite tests an extension of superd, or xinetd is known to do worse: the reason. */
  readonly superdOnly?: string;
}

/** With SUPERD_REQUIRE_ALL=1 only a missing `right` or `program` fails. */
interface Lack {
  readonly kind: 'right' | 'program' | 'kernel' | 'daemon' | 'files';
  readonly reason: string;
}

/**
 * `describe` for a suite that needs something of the machine. Where that is missing, the suite is skipped with the reason;
 * with SUPERD_REQUIRE_ALL=1 a missing program or right fails instead.
 *
 * @example describeWith({ root: true, programs: ['tftp'] }, 'tftpd over UDP', () => { … })
 */
export function describeWith(needs: Needs, title: string, body: () => void): void {
  const lacks = [...findLacks(needs)];
  if (lacks.length === 0) {
    describe(title, body);
    return;
  }
  const reasons = lacks.map((lack) => lack.reason).join('; ');
  const mendable = lacks.some((lack) => lack.kind === 'right' || lack.kind === 'program');
  if (mendable && process.env['SUPERD_REQUIRE_ALL'] === '1') {
    describe(title, () => {
      test('finds what it needs', () => {
        throw new Error(reasons);
      });
    });
    return;
  }
  process.stderr.write(`skipped: ${title}: ${reasons}\n`);
  describe.skip(`${title} (skipped: ${reasons})`, body);
}

/** The path of a program, or null. Searches the sbin directories too, which users often lack in $PATH. */
export function findProgram(name: string): string | null {
  if (name.startsWith('/')) return isExecutable(name) ? name : null;
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  for (const directory of directories) {
    const path = join(directory, name);
    if (directory !== '' && isExecutable(path)) return path;
  }
  return null;
}

function* findLacks(needs: Needs): Generator<Lack> {
  if (needs.superdOnly !== undefined && daemonKind() !== 'superd') yield { kind: 'daemon', reason: `superd only: ${needs.superdOnly}` };
  if (needs.root === true && process.getuid!() !== 0) yield { kind: 'right', reason: 'needs root' };
  const programs = [...(needs.programs ?? [])];
  if (needs.networkNamespaces === true) programs.push('ip', 'nsenter');
  if (needs.mountNamespaces === true) programs.push('unshare', 'mount');
  for (const program of programs) {
    if (findProgram(program) === null) yield { kind: 'program', reason: `needs the program ${program}` };
  }
  if (needs.networkNamespaces === true && !canMakeNetworks())
    yield { kind: 'kernel', reason: 'needs network namespaces and veth in the kernel' };
  if (needs.mountNamespaces === true && process.getuid!() === 0 && !succeeds('unshare', ['--mount', 'true'])) {
    yield { kind: 'kernel', reason: 'needs mount namespaces in the kernel' };
  }
  if (needs.controlGroups === true && process.getuid!() === 0 && !canMakeControlGroups()) {
    yield { kind: 'kernel', reason: 'needs a writable cgroup v2 mount with cgroup.kill' };
  }
  if (needs.files?.there === false) yield { kind: 'files', reason: `needs ${needs.files.called}` };
  if (needs.ipv6 === true && !existsSync('/proc/net/if_inet6')) yield { kind: 'kernel', reason: 'needs IPv6 in the kernel' };
}

function canMakeNetworks(): boolean {
  if (process.getuid!() !== 0) return true;
  return succeeds('unshare', ['--net', 'ip', 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two']);
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
