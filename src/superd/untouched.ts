import { statSync } from 'node:fs';

/** The files of a configuration, and when superd began to read them. */
interface ReadFiles {
  readonly files: readonly string[];
  /** Milliseconds since the epoch. */
  readonly readAt: number;
}

/** Whether the files are the same, and unchanged since superd read them: superd applies no edit of an operator before SIGHUP. */
export function areUntouched(before: ReadFiles, files: readonly string[]): boolean {
  return files.join('\0') === before.files.join('\0') && files.every((file) => isOlder(file, before.readAt));
}

function isOlder(file: string, time: number): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && stat.mtimeMs < time;
}
