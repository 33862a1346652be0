import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mounts } from './mounts.js';
import { temporaryDirectory } from './temporary.js';

/** A user that exists only where `Accounts.mounts` are mounted. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly password: string;
}

export interface Accounts {
  readonly users: readonly Account[];
  readonly mounts: Mounts;
}

const PASSWORD = 'sesame-opens';
/** The hash of PASSWORD, crypt(5). */
const PASSWORD_HASH = '$6$superdtests$8cxcWDyvYwa4cqNAbXWBMVbFPjGmRnBUl6I6pM5j5.K2Svaca69sWedhIQ37U3ZnB/SVL0OYPJ6wQjFTFQyUr.';
const FIRST_UID = 47_110;

/**
 * Makes users with a home, a shell and a password, in copies of the machine's account files.
 *
 * @example const { users: [guest], mounts } = makeAccounts('guest')
 */
export function makeAccounts(...names: readonly string[]): Accounts {
  const directory = temporaryDirectory();
  const users = names.map((name, index): Account => {
    const uid = FIRST_UID + index;
    const home = join(directory, name);
    mkdirSync(home, { mode: 0o755 });
    chownSync(home, uid, uid);
    return { name, uid, gid: uid, home, password: PASSWORD };
  });
  const copy = (file: string, mode: number, line: (user: Account) => string) => {
    const path = join(directory, file);
    writeFileSync(path, readFileSync(`/etc/${file}`, 'utf8') + users.map((user) => `${line(user)}\n`).join(''), { mode });
    return path;
  };
  return {
    users,
    mounts: {
      '/etc/passwd': copy('passwd', 0o644, ({ name, uid, gid, home }) => `${name}:x:${uid}:${gid}:A test user:${home}:/bin/sh`),
      '/etc/group': copy('group', 0o644, ({ name, gid }) => `${name}:x:${gid}:`),
      '/etc/shadow': copy('shadow', 0o600, ({ name }) => `${name}:${PASSWORD_HASH}:20000:0:99999:7:::`),
    },
  };
}
