import type { ControlPlan, ControlUsersPlan } from '../config/plan.js';
import { peerCredentials, peerGroups } from '../os/socket.js';

/** What a caller may do: everything, or look. */
export type Role = 'admin' | 'read';

/** Who has connected to the control socket. */
export interface ControlClientIdentity {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  readonly role: Role;
}

/**
 * Asks the kernel who is at the other end of a connection.
 *
 * @param own superd's own user, who could end it anyway.
 * @returns null for somebody who may nothing.
 */
export function callerOf(
  fd: number,
  own: number,
  { admin, read }: ControlPlan,
): { readonly uid: number; readonly caller: ControlClientIdentity | null } {
  const { uid, gid, pid } = peerCredentials(fd);
  if (uid === 0 || uid === own) return { uid, caller: { uid, gid, pid, role: 'admin' } };
  const gids = [gid, ...groupsOf(fd)];
  if (isAmong(admin, uid, gids)) return { uid, caller: { uid, gid, pid, role: 'admin' } };
  if (isAmong(read, uid, gids)) return { uid, caller: { uid, gid, pid, role: 'read' } };
  return { uid, caller: null };
}

function isAmong({ uids, gids }: ControlUsersPlan, uid: number, own: readonly number[]): boolean {
  return uids.includes(uid) || own.some((gid) => gids.includes(gid));
}

/** Kernels before 4.13 do not tell: then the primary group alone counts. */
function groupsOf(fd: number): readonly number[] {
  try {
    return peerGroups(fd);
  } catch {
    return [];
  }
}
