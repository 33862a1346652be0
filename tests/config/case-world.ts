import { dirname } from 'node:path';
import type { Disk } from '../../src/config/read.js';
import type { NssQuestion, NssResult } from '../../src/os/binding.js';

const USERS: Readonly<Record<string, readonly [name: string, uid: number, gid: number]>> = {
  root: ['root', 0, 0],
  '0': ['root', 0, 0],
  nobody: ['nobody', 65534, 65534],
  games: ['games', 5, 60],
  '5': ['games', 5, 60],
};
const GROUPS: Readonly<Record<string, number>> = { root: 0, tty: 5, games: 60 };
const SERVICES: Readonly<Record<string, number>> = {
  'telnet/tcp': 23,
  'echo/tcp': 7,
  'echo/udp': 7,
  'ftp/tcp': 21,
  'tftp/udp': 69,
  'http/tcp': 80,
};
const HOSTS: Readonly<Record<string, readonly string[]>> = {
  localhost: ['::1', '127.0.0.1'],
  'host.example': ['192.0.2.10', '2001:db8::10'],
  'six.example': ['2001:db8::6'],
};

function answer(question: NssQuestion): NssResult {
  const [kind, subject] = question;
  const name = String(subject);
  if (name === 'late') return { kind: 'unanswered', errno: 110 };
  if (kind === 'user') {
    const user = USERS[name];
    return user === undefined ? null : { kind, name: user[0], uid: user[1], gid: user[2], directory: '/', shell: '/bin/sh' };
  }
  if (kind === 'group') return GROUPS[name] === undefined ? null : { kind, name, gid: GROUPS[name] };
  if (kind === 'groups-of-user') return { kind, gids: [question[2], 100] };
  if (kind === 'service') {
    const port = SERVICES[`${name}/${question[2]}`];
    return port === undefined ? null : { kind, name, port, protocol: question[2] };
  }
  if (kind === 'rpc') return name === 'rstatd' ? { kind, name, number: 100001 } : null;
  if (kind === 'protocol') return name === 'sctp' ? { kind, name, number: 132 } : null;
  if (kind === 'network') return name === 'labnet' ? { kind, name, address: '192.0.2.0' } : null;
  if (kind === 'addresses') return HOSTS[name] === undefined ? null : { kind, addresses: HOSTS[name] };
  return null;
}

/** The databases of a small machine. */
export const caseLookUp = async (questions: readonly NssQuestion[]) => questions.map(answer);

/** The files of a case, and the addresses of its machine. Programs are in /bin, /etc is a directory, /etc/passwd is not executable. */
export function caseDisk(files: ReadonlyMap<string, string>): Disk {
  const missing = (path: string) => Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
  const isDirectory = (path: string) => [...files.keys()].some((file) => dirname(file) === path);
  return {
    readText(path) {
      const text = files.get(path);
      if (text === undefined) throw missing(path);
      return text;
    },
    weakness: (path) => (path === 'shared' ? { path, problem: 'every user can change it' } : null),
    list(path) {
      if (!isDirectory(path)) throw missing(path);
      return [...files.keys()].filter((file) => dirname(file) === path).map((file) => file.slice(path.length + 1));
    },
    kind: (path) => (files.has(path) ? 'file' : isDirectory(path) ? 'directory' : 'missing'),
    executable: (path) =>
      path.startsWith('/bin/') || path.startsWith('/usr/sbin/') || (path.startsWith('/etc/init.d/') && files.has(path))
        ? 'yes'
        : path === '/etc'
          ? 'directory'
          : path === '/etc/passwd'
            ? 'no'
            : 'missing',
    highestLimit: (resource) => (resource === 'files' ? 1_048_576 : Infinity),
    devices: () => ['lo', 'eth0'],
    unrunnable: (path) => (path === '/bin/no-line' ? 'the script has no #! line' : null),
    ownAddresses: async () => ['127.0.0.1', '::1', '192.0.2.200', '2001:db8::200'],
  };
}
