import { WatchedFile } from './watched-file.js';

const MAX_FILES = 256;

/** The files of host patterns that rules name, read again when they have changed. */
export class PatternFiles {
  private readonly files = new Map<string, WatchedFile>();

  constructor(private readonly warn: (problem: string) => void) {}

  /** null when the file is missing; null with a warning when it cannot be read. */
  read(path: string): Uint8Array | null {
    const file = this.files.get(path) ?? this.watch(path);
    const changed = file.refresh();
    const { content } = file;
    if (changed && content.kind === 'unreadable') this.warn(`${path}: ${content.problem}; it matches no client`);
    return content.kind === 'text' ? content.bytes : null;
  }

  private watch(path: string): WatchedFile {
    if (this.files.size >= MAX_FILES) this.files.clear();
    const file = new WatchedFile(path);
    this.files.set(path, file);
    return file;
  }
}
