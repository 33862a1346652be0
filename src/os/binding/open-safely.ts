/**
 * Files in directories that others may write to, on threads of their own: `native/open-safely.c` (the queue), `native/walk.c` (the way to a
 * directory), `native/file-operations.c` (the table of operations), `native/file-*.c`, `native/unix-path.c`, `native/compress.c`.
 */
export interface SafeFileBinding {
  /** Queues an operation; operations run at once, and in any order. Calls `onDone` in a later turn, or within `fileWait`. Returns a number for that. */
  fileStart(operation: FileOperation, request: FileRequest, onDone: (answer: FileAnswer) => void): number;
  /** Waits until an operation is done, and has called `onDone` then; false when it takes longer. */
  fileWait(number: number, milliseconds: number): boolean;
}

/**
 * `open`: path, follow (a trusted link at its end), reading (a regular file, instead of appending), mode (without it the file must exist), uid and gid for a new file. `look`: path, fd. `write`: fd, bytes. `tail`: fd, most. `read`: path, follow, most.
 * `close`: fd. `move`: path, file, names (from, to, from, to, …; an empty `to` removes). `sizes`: path, names. `replace`: path, names (a draft's),
 * mode, bytes. `remove`: path, file, bytes (the text it has to have). `directory`: path, mode (of what is missing). `bind`: path, type, backlog,
 * nonblocking, mode. `mode`: path, file, mode. `compress`: path, file, names (its own, a draft's, the result's, a program's path, its argv), most, milliseconds.
 */
export type FileOperation =
  | 'open'
  | 'look'
  | 'write'
  | 'tail'
  | 'read'
  | 'close'
  | 'move'
  | 'sizes'
  | 'replace'
  | 'remove'
  | 'directory'
  | 'bind'
  | 'mode'
  | 'compress';

export interface FileRequest {
  /** Absolute. Where an operation has a descriptor, for messages. */
  readonly path: string;
  /** The file that it has to be, as `FileAnswer.file` names it. */
  readonly file?: string;
  /** Names in the directory of `path`. */
  readonly names?: readonly string[];
  readonly bytes?: Uint8Array;
  readonly fd?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET. */
  readonly type?: number;
  readonly backlog?: number;
  readonly nonblocking?: boolean;
  readonly follow?: boolean;
  readonly reading?: boolean;
  readonly most?: number;
  readonly milliseconds?: number;
}

/** Why superd does not touch a file that the kernel would let it touch. */
export type FileProblem = 'link' | 'owner' | 'names' | 'kind' | 'changed' | 'in-use' | 'no-socket' | 'name-service';

export interface FileAnswer {
  /** 0, or the errno(3) of `syscall` at `where`. */
  readonly error: number;
  readonly syscall?: string;
  readonly where?: string;
  readonly problem?: FileProblem;
  /** The user who owns a directory on the way, with whose rights it was done or refused. */
  readonly actingAs?: number;
  readonly fd?: number;
  /** Identifies the file; absent when the path leads to nothing. */
  readonly file?: string;
  /** The path without links. */
  readonly path?: string;
  readonly size?: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly regular?: boolean;
  /** Of `directory`: what others than root and superd's own user can exchange on the way; absent where there is nothing. */
  readonly unstable?: string;
  readonly created: boolean;
  /** Bytes written or read. */
  readonly count: number;
  readonly bytes?: Uint8Array;
  readonly sizes?: readonly number[];
}
