import { absolute, type FileTask } from './file-task.js';
import { close } from './socket.js';

const SOCKET_TYPES = { stream: 1, dgram: 2, seqpacket: 5 } as const;

/** A bound unix socket. */
export interface BoundSocket {
  /** An ordinary descriptor of the process. */
  readonly fd: number;
  readonly file: string;
}

export interface UnixSocketSpec {
  readonly type: keyof typeof SOCKET_TYPES;
  /** < 0: no listen(2). */
  readonly backlog: number;
  readonly nonblocking: boolean;
  readonly mode: number;
}

/** Binds a unix socket. Removes a socket that a dead process has left at the path, and nothing else. */
export function bindingUnix(path: string, { type, backlog, nonblocking, mode }: UnixSocketSpec): FileTask<BoundSocket> {
  return {
    operation: 'bind',
    request: { path: absolute(path), type: SOCKET_TYPES[type], backlog, nonblocking, mode },
    read: ({ fd = -1, file = '' }) => ({ fd, file }),
    discard: ({ fd }) => close(fd),
  };
}

/** Sets the mode of a path, if it still leads to that file. */
export function settingMode(path: string, file: string, mode: number): FileTask<void> {
  return { operation: 'mode', request: { path: absolute(path), file, mode }, read: () => {} };
}
