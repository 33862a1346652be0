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

/** Connections that wait in the kernel until superd accepts them. */
const BACKLOG = 1024;

/** The file is open to all users when the configuration names some of them: superd checks the credentials of each connection. */
const OWNER_ONLY = 0o600;
const ALL_USERS = 0o666;

/** A file system that does not answer must delay neither a reload nor the end of superd. */
const TIMEOUT_MS = 500;

/** The control socket in the file system. */
export interface SocketFile {
  readonly fd: number;
  readonly path: string;
  allowOthers(yes: 'yes' | 'no'): void;
  /** Closes the socket, and removes the file unless another superd has replaced it. */
  remove(): void;
}

/**
 * Binds the control socket. This replaces the socket of a dead superd, and never that of a live one.
 *
 * @throws ConfigError `control-socket` when another superd listens there, SystemError.
 */
export function openSocketFile(path: string): SocketFile {
  const { fd, file } = bind(path);
  return {
    fd,
    path,
    allowOthers: (yes) => tryTask(settingMode(path, file, yes === 'yes' ? ALL_USERS : OWNER_ONLY)),
    remove: () => {
      close(fd);
      tryTask(removing(path, file));
    },
  };
}

function bind(path: string): BoundSocket {
  runFileTask(makingDirectory(dirname(path), 0o755));
  try {
    return runFileTask(bindingUnix(path, { type: 'stream', backlog: BACKLOG, nonblocking: true, mode: OWNER_ONLY }));
  } catch (error) {
    const problem = error instanceof UntrustedFile ? error.problem : null;
    if (problem === 'no-socket')
      throw new ConfigError(
        'control-socket',
        `${path}: a file that is not a socket is in the way; remove it, or choose another path with --control`,
      );
    if (problem === 'in-use')
      throw new ConfigError(
        'control-socket',
        `${path}: another superd listens there; give this one a path of its own with --control SOCKET`,
      );
    throw error;
  }
}

/** Ignores errors: the file is gone, or belongs to another superd. */
function tryTask(task: FileTask<void>): void {
  try {
    runFileTask(task, TIMEOUT_MS);
  } catch {
    // Ignored, see above.
  }
}
