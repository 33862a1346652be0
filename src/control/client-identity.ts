import type { ControlPlan, ControlUsersPlan } from '../config/plan.js';
import { peerCredentials, peerGroups } from '../os/socket.js';

/** `admin` may use every verb, `read` only those that change nothing. */
export type Role = 'admin' | 'read';

/** The process that connected to the control socket. */
export interface ClientIdentity {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  readonly role: Role;
}

/**
 * Asks the kernel who connected (SO_PEERCRED, SO_PEERGROUPS).
 *
 * @param ownUid superd's own user, who has the role `admin`: it could kill superd anyway.
 * @returns `client` is null for a user without any role.
 */
export function identifyClient(
  fd: number,
  ownUid: number,
  { admin, read }: ControlPlan,
): { readonly uid: number; readonly client: ClientIdentity | null } {
  const { uid, gid, pid } = peerCredentials(fd);
  if (uid === 0 || uid === ownUid) return { uid, client: { uid, gid, pid, role: 'admin' } };
  const gids = [gid, ...supplementaryGroups(fd)];
  if (includes(admin, uid, gids)) return { uid, client: { uid, gid, pid, role: 'admin' } };
  if (includes(read, uid, gids)) return { uid, client: { uid, gid, pid, role: 'read' } };
  return { uid, client: null };
}

function includes({ uids, gids }: ControlUsersPlan, uid: number, clientGids: readonly number[]): boolean {
  return uids.includes(uid) || clientGids.some((gid) => gids.includes(gid));
}

/** Linux before 4.13 has no SO_PEERGROUPS: there only the primary group counts. */
function supplementaryGroups(fd: number): readonly number[] {
  try {
    return peerGroups(fd);
  } catch {
    return [];
  }
}
