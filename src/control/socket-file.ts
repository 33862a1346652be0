import { dirname } from 'node:path';
import { ConfigError } from '../errors.js';
import {
  type BoundSocket,
  bindingUnix,
  type FileTask,
  makingDirectory,
  removing,
  runFileTask,
  settingMode,
  UntrustedFile,
} from '../os/open-safely.js';
import { close } from '../os/socket.js';

/** Callers whom the kernel lets wait until superd comes to them. */
const BACKLOG = 1024;

/** Only root and superd's own user; where others are named, everybody may knock, and is asked for their credentials. */
const CLOSED = 0o600;
const OPEN = 0o666;

/** A file system that does not answer holds up neither a reload nor the end. */
const PATIENCE_MS = 500;

/** The control socket in the file system. */
export interface SocketFile {
  readonly fd: number;
  readonly path: string;
  letOthersKnock(yes: 'yes' | 'no'): void;
  /** Closes it, and removes the file if it is still ours. */
  remove(): void;
}

/**
 * Binds the control socket: what a dead superd has left is replaced, what a process listens at is left alone.
 *
 * @throws ConfigError `control-socket` when another superd answers there, SystemError when the machine refuses.
 */
export function openSocketFile(path: string): SocketFile {
  const { fd, file } = bind(path);
  return {
    fd,
    path,
    letOthersKnock: (yes) => tryTask(settingMode(path, file, yes === 'yes' ? OPEN : CLOSED)),
    remove: () => {
      close(fd);
      tryTask(removing(path, file));
    },
  };
}

function bind(path: string): BoundSocket {
  runFileTask(makingDirectory(dirname(path), 0o755));
  try {
    return runFileTask(bindingUnix(path, { type: 'stream', backlog: BACKLOG, nonblocking: true, mode: CLOSED }));
  } catch (error) {
    const problem = error instanceof UntrustedFile ? error.problem : null;
    if (problem === 'no-socket')
      throw new ConfigError('control-socket', `${path}: something that is no socket stands there; remove it, or write another --control`);
    if (problem === 'in-use')
      throw new ConfigError('control-socket', `${path}: another superd answers there; give this one its own with --control SOCKET`);
    throw error;
  }
}

/** The file is gone, or another superd's by now: nothing to be done about it. */
function tryTask(task: FileTask<void>): void {
  try {
    runFileTask(task, PATIENCE_MS);
  } catch {
    // As said.
  }
}
