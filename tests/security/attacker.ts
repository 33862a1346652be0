import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary.js';

/** An account of every machine that owns nothing: here it is a service's user, or any other local user. */
export const ATTACKER = { name: 'games', uid: 5, gid: 60 } as const;

/** Arguments of setpriv(1): the rights of the attacker, and no others. */
export const RIGHTS = [`--reuid=${ATTACKER.uid}`, `--regid=${ATTACKER.gid}`, '--clear-groups'] as const;

/** Runs a shell command with the rights of the attacker. */
export function asAttacker(command: string): string {
  return execFileSync('setpriv', [...RIGHTS, 'sh', '-ec', command], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** Two directories side by side: one of the attacker's, and one that only root can write to. */
export function directories(): { readonly theirs: string; readonly roots: string } {
  const directory = temporaryDirectory();
  const [theirs, roots] = [join(directory, 'theirs'), join(directory, 'roots')];
  mkdirSync(theirs);
  mkdirSync(roots);
  chownSync(theirs, ATTACKER.uid, ATTACKER.gid);
  return { theirs, roots };
}
