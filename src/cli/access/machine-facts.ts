import { spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import type { Effect, FactAnswer, Need, Undecided } from '../../access/index.js';

/** Whether to run aclexec commands; otherwise a verdict that depends on one stays undecided. */
export type CommandPolicy = 'run' | 'leave';

/**
 * Looks up a fact that this machine knows without the network: a file, an account, a netgroup or, if wanted, the exit status of a command.
 *
 * @returns undefined for any other fact.
 */
export function machineFact(need: Need, undecided: Undecided, policy: CommandPolicy): FactAnswer | undefined {
  switch (need.fact) {
    case 'file':
      return readPatternFile(need.path);
    case 'account':
      return accountExists(need.database, need.name);
    case 'netgroup':
      return isNetgroupMember(need.group, need.host);
    case 'command':
      return policy === 'run' ? runCommand(need.command, undecided.effects) : undefined;
    default:
      return undefined;
  }
}

/** Whether a network interface of that name exists. */
export const hasInterface = (name: string) => /^[^/]{1,15}$/.test(name) && !name.startsWith('.') && existsSync(`/sys/class/net/${name}`);

/** The longest file that is read whole: lists of host patterns are shorter, and a device may never end. */
const LONGEST_FILE = 1024 * 1024;

/** null when it is missing or cannot be read. */
export function readPatternFile(path: string): Uint8Array | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const buffer = new Uint8Array(LONGEST_FILE);
    let length = 0;
    for (let got = -1; got !== 0 && length < LONGEST_FILE; length += got) got = readSync(fd, buffer, length, LONGEST_FILE - length, null);
    return buffer.subarray(0, length);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

/** As getpwnam(3) and getgrnam(3): by name alone, through all of nsswitch.conf. */
export function accountExists(database: 'user' | 'group', name: string): boolean {
  const found = spawnSync('getent', [database === 'user' ? 'passwd' : 'group', '--', name], { encoding: 'utf8' });
  return found.status === 0 && found.stdout.split('\n').some((line) => line.startsWith(`${name}:`));
}

/** As innetgr(3) for a host: an empty host in a triple matches all. */
function isNetgroupMember(group: string, host: string): boolean {
  const found = spawnSync('getent', ['netgroup', '--', group], { encoding: 'utf8' });
  if (found.status !== 0) return false;
  const hosts = [...found.stdout.matchAll(/\(([^,()]*),[^()]*\)/g)].map((triple) => (triple[1] as string).trim());
  return hosts.some((one) => one === '' || one.toLowerCase() === host.toLowerCase());
}

/** The status of a command that a signal ended. */
const FAILED = 128;

/** A command that takes longer is killed and counts as failed. */
const COMMAND_MS = 60_000;

/** Runs a command in a process group of its own, and kills what remains in that group when the command ends. */
function runCommand(command: string, effects: readonly Effect[]): number {
  const set = effects.filter((effect) => effect.kind === 'setenv').map(({ name, value }) => [name, value] as const);
  const env = { ...process.env, ...Object.fromEntries(set) };
  const options = { stdio: 'ignore', env, timeout: COMMAND_MS, killSignal: 'SIGKILL', detached: true } as const;
  const { pid, status } = spawnSync('/bin/sh', ['-c', command], options);
  if (pid > 0) endGroup(pid);
  return status ?? FAILED;
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // The group has no process any more.
  }
}
