import { chmodSync, lstatSync, mkdirSync, renameSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../errors.js';
import { datagramOpen, datagramSend } from '../os/datagram.js';
import { close, socketOpen } from '../os/socket.js';

/** Callers whom the kernel lets wait until superd comes to them. */
const BACKLOG = 1024;

/** Only root and superd's own user; where others are named, everybody may knock, and is asked for their credentials. */
const CLOSED = 0o600;
const OPEN = 0o666;

const ENOENT = 2;
const ECONNREFUSED = 111;

/** The control socket in the file system. */
export interface SocketFile {
  readonly fd: number;
  readonly path: string;
  letOthersKnock(yes: 'yes' | 'no'): void;
  /** Closes it, and removes the file if it is still ours. */
  remove(): void;
}

/**
 * Makes the socket beside its place and moves it there: what a dead superd has left is replaced, without a moment in which nobody
 * answers; what somebody listens at is left alone.
 *
 * @throws ConfigError `control-socket` when another one answers there, SystemError when the machine refuses.
 */
export function openSocketFile(path: string): SocketFile {
  refuseIfTaken(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = `${path}.${process.pid}`;
  unlinkIfThere(temporary);
  const mask = process.umask(0o177);
  let fd: number;
  try {
    fd = socketOpen({ ...SPEC, address: temporary });
  } finally {
    process.umask(mask);
  }
  try {
    chmodSync(temporary, CLOSED);
    refuseIfTaken(path);
    renameSync(temporary, path);
  } catch (error) {
    close(fd);
    unlinkIfThere(temporary);
    throw error;
  }
  const { dev, ino } = lstatSync(path);
  const isOurs = () => {
    const now = lstatSync(path, { throwIfNoEntry: false });
    return now !== undefined && now.dev === dev && now.ino === ino;
  };
  return {
    fd,
    path,
    letOthersKnock: (yes) => {
      if (isOurs()) chmodSync(path, yes === 'yes' ? OPEN : CLOSED);
    },
    remove: () => {
      close(fd);
      if (isOurs()) unlinkIfThere(path);
    },
  };
}

const SPEC = {
  family: 'unix',
  type: 'stream',
  protocol: 0,
  port: 0,
  backlog: BACKLOG,
  nonblocking: true,
  reuseAddress: false,
  v6only: false,
  nodelay: false,
  keepalive: false,
  device: null,
  freebind: false,
} as const;

/**
 * Knocks with a datagram, which no stream socket takes: the kernel tells a socket that lives (EPROTOTYPE) from one whose owner is
 * dead (ECONNREFUSED), and whoever lives there notices nothing.
 */
function refuseIfTaken(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket())
    throw new ConfigError('control-socket', `${path}: something that is no socket stands there; remove it, or write another --control`);
  const socket = datagramOpen();
  const answer = datagramSend(socket, path, Buffer.alloc(0));
  close(socket);
  if (answer === ECONNREFUSED || answer === ENOENT) return;
  throw new ConfigError('control-socket', `${path}: another superd answers there; give this one its own with --control SOCKET`);
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
