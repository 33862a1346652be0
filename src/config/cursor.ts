import { type Line, trimBlanks } from './lex.js';

/** A line with content, outer blanks removed. */
export interface Statement {
  readonly line: number;
  readonly text: string;
}

/** Walks over the lines of a file, skipping empty ones and comments. */
export class Cursor {
  private at = 0;

  /** @param onSlashComment Called for each line that is a comment to superd only, because it begins with `//`. */
  constructor(
    private readonly lines: readonly Line[],
    private readonly onSlashComment: (line: number) => void,
  ) {}

  take(): Statement | undefined {
    for (let line = this.lines[this.at++]; line !== undefined; line = this.lines[this.at++]) {
      const text = trimBlanks(line.text);
      if (text.startsWith('//')) this.onSlashComment(line.number);
      else if (text.trim() !== '' && !text.startsWith('#')) return { line: line.number, text };
    }
    return undefined;
  }

  /** The text of the next statement, without taking it. */
  peek(): string | undefined {
    for (let i = this.at; i < this.lines.length; i++) {
      const text = (this.lines[i] as Line).text.trim();
      if (text !== '' && !text.startsWith('#') && !text.startsWith('//')) return text;
    }
    return undefined;
  }
}
