import { WatchedFile } from './watched-file.js';

const MOST_FILES = 256;

/** Files of host patterns that rules name, each as it is at the moment of the question. */
export class PatternFiles {
  private readonly files = new Map<string, WatchedFile>();

  constructor(private readonly warn: (problem: string) => void) {}

  /** null when the file is missing, or cannot be read, which is told. */
  read(path: string): Uint8Array | null {
    const file = this.files.get(path) ?? this.watch(path);
    const changed = file.refresh();
    const { content } = file;
    if (changed && content.kind === 'unreadable') this.warn(`${path}: ${content.problem}; it matches nobody`);
    return content.kind === 'text' ? content.bytes : null;
  }

  private watch(path: string): WatchedFile {
    if (this.files.size >= MOST_FILES) this.files.clear();
    const file = new WatchedFile(path);
    this.files.set(path, file);
    return file;
  }
}
