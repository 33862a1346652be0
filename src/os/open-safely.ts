/**
 * Files in directories where other users can write: logs, pidfiles, dumps, banners, unix sockets.
 *
 * superd runs as root, and the owner of a directory decides what the names in it refer to. superd walks a path descriptor by descriptor (openat(2),
 * O_NOFOLLOW). It follows a symbolic link only where no user but root or superd's own could have made it. Below a directory of another user it
 * does everything with that user's rights. A walk, an open or a write takes as long as the file system takes: each runs on a thread of its
 * own, and delays nothing else.
 */
export * from './file-generations.js';
export { awaitFileTask, type FileJob, type FileTask, PATIENCE_MS, runFileTask, startFileTask, UntrustedFile } from './file-task.js';
export * from './open-file.js';
export * from './unix-path.js';
export * from './walked-directory.js';
export * from './whole-file.js';
